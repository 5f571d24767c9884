// `npm run verdict [-- --cases N --seed N --from N --vlan-limit N]`: random pipelines and packets on a real Open vSwitch and on the simulated one.
import { parseArgs } from 'node:util';
import { compareCase, type Deviation, kindOf, noCounts } from './compare.ts';
import { describeCase, describeDeviation } from './describe-case.ts';
import { type RealSwitch, startRealSwitch } from './real-switch.ts';
import { shrink } from './shrink.ts';
import { createSimulatedUnderTest } from './simulated.ts';
import { makeCase, type VerdictCase } from './verdict-case.ts';

/** After so many cases the real switch starts anew: its captures grow. */
const SWITCH_LASTS = 20_000;
/** Of deviations that look alike so many are made small and shown. */
const SHOWN_OF_ONE = 3;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    /** VLAN tags that are read (other_config:vlan-limit). */
    'vlan-limit': { type: 'string', default: '1' },
    /** Beside both switches, whether what ofproto/trace says is what leaves. */
    trace: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const cases = whole('cases', values.cases);
const seed = whole('seed', values.seed);
const from = whole('from', values.from);
const vlanLimit = whole('vlan-limit', values['vlan-limit']);
/** What carries out traces reads one tag. */
const traced = values.trace && vlanLimit === 1;

function whole(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  process.stderr.write(`--${name} takes a whole number, not "${text}"\n`);
  process.exit(2);
}

const counts = noCounts();
const started = Date.now();
let deviations = 0;
const causes = new Map<string, number>();
let done = 0;

function report(): void {
  const rate = Math.round((done / (Date.now() - started)) * 1000);
  const { packets, passed, missed, traced } = counts;
  const share = (part: number) => `${Math.round((100 * part) / Math.max(1, packets))} %`;
  process.stdout.write(
    `${done} of ${cases} cases, ${deviations} deviations, ${rate} a second; ${packets} packets: ` +
      `${share(passed)} passed, ${share(missed)} missed, ${share(traced)} traced\n`,
  );
}

let simulated = await createSimulatedUnderTest(vlanLimit);
let real: RealSwitch = await startRealSwitch(vlanLimit);

async function startAnew(): Promise<void> {
  await real.stop();
  real = await startRealSwitch(vlanLimit);
}

/** Of Open vSwitch 3.1 itself, not of ours: an assertion of it fails. */
const ABORTED = 'Open vSwitch aborts';

/** What a switch does that throws, ends or does not answer is told by an error. */
async function compare(vcase: VerdictCase, into = noCounts()): Promise<Deviation | Error | undefined> {
  try {
    return await compareCase(real, vcase, { other: simulated, traced, counts: into });
  } catch (error) {
    const { alive } = real;
    await startAnew();
    simulated = await createSimulatedUnderTest(vlanLimit);
    return alive ? (error as Error) : new Error(ABORTED);
  }
}

/** Numbers left out, so that what is of one cause is alike. */
const causeOf = (found: Deviation | Error | undefined) =>
  found instanceof Error ? found.message.replace(/\d+/g, 'N') : found && kindOf(found);

const progress = setInterval(report, 5000);
for (let number = from; number < from + cases; number++) {
  if (done > 0 && done % SWITCH_LASTS === 0) await startAnew();
  const vcase = makeCase(seed, number);
  const found = await compare(vcase, counts);
  done++;
  if (found === undefined) continue;
  const cause = causeOf(found) ?? '';
  if (cause !== ABORTED) deviations++;
  const times = (causes.get(cause) ?? 0) + 1;
  causes.set(cause, times);
  if (times > SHOWN_OF_ONE) continue;
  const smallest = await shrink(vcase, async (smaller) => causeOf(await compare(smaller)) === cause);
  const last = (await compare(smallest)) ?? found;
  const text = last instanceof Error ? `${describeCase(smallest)}\n${last.stack}` : describeDeviation(smallest, last);
  process.stdout.write(`\n── case ${number} of seed ${seed} ──\n${text}\n\n`);
}
clearInterval(progress);
report();
for (const [cause, times] of causes) process.stdout.write(`${times} × ${cause}\n`);
await real.stop();
process.exit(deviations > 0 ? 1 : 0);

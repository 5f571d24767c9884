/** What every lab shows of its network: counters by rule, a reload that only one rule notices, packets explained by `trace`. */
import type { IntentStatus } from '../../../src/api/intents.ts';
import type { RuleStatus } from '../../../src/api/snapshot.ts';
import { check, expect } from './check.ts';
import { ask, type Flowloom, flowloomCommand, labFile, reload, status } from './flowloom.ts';
import type { Lab, Namespace } from './lab.ts';
import { startPing, stopPing } from './traffic.ts';
import { until } from './wait.ts';

export interface EveryLab {
  counted: CountedTraffic[];
  change: ChangedRule;
  /** Who pings whom meanwhile, and has nothing to do with the changed rule. */
  steady: [from: Namespace, to: string];
  allowed: ExplainedPacket[];
  refused: ExplainedPacket[];
}

/** Traffic that one rule decides. */
export interface CountedTraffic {
  /** Its text, as the file has it. */
  rule: string;
  what: string;
  /** Sends it; how many packets of it the rule has decided then. */
  traffic(): Promise<number>;
}

/** One rule comes and goes. */
export interface ChangedRule {
  what: string;
  /** The file with the other rule. */
  text(file: string): string;
  /** Checks that it is in force, and that it is no longer. Each is tried until it passes. */
  does(): Promise<void>;
  undone(): Promise<void>;
}

export interface ExplainedPacket {
  /** As `flowloom trace` takes it: `from hv1/boxA tcp to 172.16.200.5:80`. */
  packet: string;
  /** The text of the rule that decides, as the file has it; undefined: no line of the file is about such a packet. */
  rule?: string;
  /** What else the verdict says. */
  says?: RegExp;
}

export const ALLOWED = /^verdict: (delivered|answered)\b/;
export const REFUSED = /^verdict: (dropped|rejected)\b/;

export async function checkEveryLab(lab: Lab, flowloom: Flowloom, every: EveryLab): Promise<void> {
  await untilStill(() => Promise.all(every.counted.map(({ rule }) => packetsOf(flowloom, rule))));
  for (const one of every.counted) await checkCounted(lab, flowloom, one);
  await checkChange(lab, flowloom, every.change, every.steady);
  for (const one of every.allowed) await checkTrace(lab, flowloom, one, ALLOWED);
  for (const one of every.refused) await checkTrace(lab, flowloom, one, REFUSED);
}

export function checkCounted(lab: Lab, flowloom: Flowloom, { rule, what, traffic }: CountedTraffic): Promise<void> {
  return check(lab, `the counter of \`${rule}\` rises by ${what}`, async () => {
    const before = await packetsOf(flowloom, rule);
    const sent = await traffic();
    expect(sent > 0, 'no packet was sent');
    await until('the counter has them', async () => {
      const rise = (await packetsOf(flowloom, rule)) - before;
      return rise === sent || expect(false, `it rose by ${rise}, ${sent} were sent`);
    });
  });
}

/** The switch tells its counters late: what was sent before is in them once they stand still. */
export async function untilStill(read: () => Promise<unknown>): Promise<void> {
  let last = { counts: '', since: Date.now() };
  await until('the counters stand still', async () => {
    const counts = String(await read());
    if (counts !== last.counts) last = { counts, since: Date.now() };
    return Date.now() - last.since > STILL;
  });
}

/** Milliseconds: longer than Open vSwitch and Flowloom together take to tell of a packet. */
const STILL = 2500;

/** What a rule of the file has counted; in a file without such a rule, what the flows of that intent have. */
export async function packetsOf(flowloom: Flowloom, rule: string): Promise<number> {
  const rules = (await ask(flowloom, '/api/v1/rules')) as RuleStatus[];
  const line =
    labFile(flowloom.lab)
      .split('\n')
      .findIndex((text) => text.endsWith(`- ${rule}`)) + 1;
  // Its text is in the words of the file, but for what has several forms.
  const one = rules.find(({ text, source }) => text === rule || source.endsWith(`flowloom.yaml:${line}`));
  if (one !== undefined) return one.packets;
  const intents = (await ask(flowloom, '/api/v1/intents')) as IntentStatus[];
  const found = intents.filter(({ intent }) => intent === rule);
  const known = [...rules.map(({ text }) => text), ...intents.map(({ intent }) => intent)];
  expect(found.length > 0, `nothing is counted for \`${rule}\``, () => known.join('\n'));
  return found.reduce((sum, { packets }) => sum + packets, 0);
}

async function checkChange(
  lab: Lab,
  flowloom: Flowloom,
  change: ChangedRule,
  [from, to]: EveryLab['steady'],
): Promise<void> {
  const file = labFile(lab);
  const other = change.text(file);
  const pings = await startPing(lab, from, to, 0.01);
  const sent = (await status(flowloom)).sent;
  reload(flowloom, other);
  await check(lab, `${change.what}: it is in force after a reload`, async () => {
    expect(other !== file, 'the file is the same');
    await untilPasses('it is in force', change.does);
  });
  reload(flowloom, file);
  await check(lab, 'and gone after another', () => untilPasses('it is gone', change.undone));
  await check(lab, 'nothing else was sent to the switches, and no ping was lost (100 a second)', async () => {
    await stopPing(pings);
    const { sent: now, file: state } = await status(flowloom);
    expect(state?.error === null, 'the file was refused', () => String(state?.error));
    const more = Object.entries(now).map(([name, count]) => [name, count - (sent[name as keyof typeof sent] ?? 0)]);
    const flows = more.reduce((sum, [, count]) => sum + Number(count), 0);
    expect(flows > 0 && flows <= MOST_SENT, `sent: ${JSON.stringify(Object.fromEntries(more))}`);
  });
}

/** Of one rule, there and back: a rule is a few flows. */
const MOST_SENT = 40;

async function untilPasses(what: string, body: () => Promise<void>): Promise<void> {
  await until(what, async () => {
    await body();
    return true;
  });
}

/** `text`: the file in force. */
export function checkTrace(
  lab: Lab,
  flowloom: Flowloom,
  { packet, rule, says }: ExplainedPacket,
  verdict: RegExp,
  text = labFile(lab),
): Promise<void> {
  const line = rule === undefined ? undefined : lineOf(text, rule);
  const names = line === undefined ? 'tells why' : `names line ${line}: ${rule}`;
  return check(lab, `\`trace ${packet}\` ${names}`, async () => {
    const said = await flowloomCommand(flowloom, 'trace', ...packet.split(' '));
    const last = said.split('\n').find((text) => text.startsWith('verdict: ')) ?? '';
    // Where no rule judges a packet, it is the flow marked as the one that decided.
    const decided = said.split('\n').filter((text) => text === last || text.startsWith('> '));
    const named = line === undefined || decided.some((text) => text.includes(`flowloom.yaml:${line})`));
    expect(verdict.test(last) && named && (says?.test(last) ?? true), 'it says:', () => `${last}\n${said}`);
  });
}

function lineOf(file: string, text: string): number {
  const lines = file.split('\n').flatMap((line, index) => (line.includes(text) ? [index + 1] : []));
  if (lines.length !== 1) throw new Error(`\`${text}\` stands on ${lines.length} lines of the file, not on one`);
  return lines[0]!;
}

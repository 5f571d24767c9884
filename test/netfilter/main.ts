/**
 * `npm run netfilter [-- --cases N --seed S --from N --family 4|6 --nftables]`: random networks with NAT and a firewall, and random
 * packets: Flowloom on a simulated switch, or with `--nftables` Linux' own netfilter, beside a model of netfilter.
 */

import { parseArgs } from 'node:util';
import { createRandom } from '../fuzz/random.ts';
import { makeCase } from './choice.ts';
import { addCoverage, coverageText, noCoverage } from './coverage.ts';
import { fileOf } from './file.ts';
import { type KernelRouter, startKernelRouter } from './kernel-router.ts';
import { askedAddress, filterByKernel } from './netfilter.ts';
import type { Case } from './network.ts';
import type { Played } from './play.ts';
import { rulesetOf } from './ruleset.ts';
import { simulate } from './simulated.ts';

const SHOWN = 5;
const PROGRESS = 5000;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    /** The number of the first case. */
    from: { type: 'string', default: '0' },
    family: { type: 'string' },
    nftables: { type: 'boolean', default: false },
  },
});
const cases = whole('cases', values.cases);
const seed = whole('seed', values.seed);
const from = whole('from', values.from);
const families = familiesOf(values.family);

function whole(name: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  return refuse(`--${name} takes a whole number, not "${text}"`);
}

function familiesOf(text: string | undefined): (4 | 6)[] {
  if (text === undefined) return [4, 6];
  return text === '4' ? [4] : text === '6' ? [6] : refuse(`--family takes 4 or 6, not "${text}"`);
}

function refuse(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}

const router: KernelRouter | undefined = values.nftables ? startKernelRouter(askedAddress) : undefined;
const coverage = noCoverage();
const started = Date.now();
let [done, packets, failed] = [0, 0, 0];

function report(): void {
  const rate = Math.round((packets / Math.max(1, Date.now() - started)) * 1000);
  const all = cases * families.length;
  process.stdout.write(`${done} of ${all} networks, ${packets} packets, ${rate} a second: ${failed} differ\n`);
}

async function run(given: Case): Promise<Played & { ways?: string[] }> {
  return router === undefined ? simulate(given) : filterByKernel(router, given);
}

function show(given: Case, number: number, family: 4 | 6, text: readonly string[]): void {
  failed++;
  if (failed > SHOWN) return;
  const { network } = given;
  const again = `npm run netfilter -- --seed ${seed} --from ${number} --cases 1 --family ${family}${router === undefined ? '' : ' --nftables'}`;
  const what = router === undefined ? fileOf(network) : `${fileOf(network)}\n${rulesetOf(network)}`;
  process.stdout.write(
    `\n── case ${number} of seed ${seed}, IPv${family}: ${again} ──\n${what}\n${text.join('\n')}\n\n`,
  );
}

process.stdout.write(
  `seed ${seed}, ${router === undefined ? 'Flowloom on a simulated switch' : 'nftables'} beside the model\n`,
);
const progress = setInterval(report, PROGRESS);
for (let number = from; number < from + cases; number++) {
  for (const family of families) {
    const given = makeCase(createRandom(seed * 1_000_000 + number), family);
    try {
      const { deviations, sent, met, ways = [] } = await run(given);
      packets += sent.length;
      addCoverage(coverage, given.network, met);
      const few = cases === 1 ? ways : [];
      if (deviations.length > 0)
        show(given, number, family, [...few, 'Sent, and expected:', ...sent, 'Differs:', ...deviations]);
    } catch (error) {
      show(given, number, family, [(error as Error).stack ?? String(error)]);
    }
    done++;
  }
}
clearInterval(progress);
process.stdout.write(`${coverageText(coverage)}\n`);
report();
router?.stop();
process.exit(failed > 0 ? 1 : 0);

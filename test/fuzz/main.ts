// `npm run fuzz [-- --inputs N --seed N]`: hostile bytes at the OpenFlow codec: no crash, no hang, no growth.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { corpus } from './corpus.ts';
import { type Failure, input, type Outcome } from './run.ts';
import type { Task } from './worker.ts';

const BATCH = 20_000;
/** Seconds for one batch, which takes less than one: beyond them an input hangs. */
const PATIENCE = 60;
/** What the process may grow by after the first third of the inputs, in MiB: V8 takes its time to settle. */
const GROWTH = 128;
const SHOWN = 10;

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '1' } },
});
const inputs = whole('inputs', values.inputs);
const seed = whole('seed', values.seed);

function whole(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  process.stderr.write(`--${name} takes a whole number above 0, not "${text}"\n`);
  process.exit(2);
}

let next = 0;
let done = 0;
let refused = 0;
let settled: number | undefined;
const failures: Failure[] = [];
const started = Date.now();

function report(): void {
  const rate = Math.round((done / (Date.now() - started)) * 1000);
  const memory = Math.round(process.memoryUsage.rss() / 2 ** 20);
  process.stdout.write(`${done} of ${inputs} inputs, ${failures.length} failures, ${rate} a second, ${memory} MiB\n`);
}

function take(): Task | undefined {
  if (next >= inputs) return undefined;
  const from = next;
  next = Math.min(inputs, from + BATCH);
  return { from, to: next };
}

function settle(outcome: Outcome): void {
  done += outcome.counts.decoded + outcome.counts.refused + outcome.failures.length;
  refused += outcome.counts.refused;
  failures.push(...outcome.failures);
  if (settled === undefined && done >= inputs / 3) settled = process.memoryUsage.rss();
}

/** Resolves when there is nothing left to take. */
function thread(): Promise<void> {
  const at = new BigInt64Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { seed, at } });
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const give = () => {
      clearTimeout(timer);
      const task = take();
      if (task === undefined) {
        void worker.terminate().then(() => resolve());
        return;
      }
      timer = setTimeout(() => {
        const hex = Buffer.from(input(corpus(seed), seed, Number(at[0]))).toString('hex');
        reject(new Error(`input ${at[0]} hangs: ${hex}`));
      }, PATIENCE * 1000);
      worker.postMessage(task);
    };
    worker.on('message', (outcome: Outcome) => {
      settle(outcome);
      give();
    });
    worker.on('error', (error) => reject(new Error(`input ${at[0]}: ${error.message}`)));
    give();
  });
}

const progress = setInterval(report, 5000);
try {
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, thread));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
clearInterval(progress);
report();
for (const { number, hex, why } of failures.slice(0, SHOWN))
  process.stderr.write(`input ${number}: ${why}\n  ${hex}\n`);
const grown = Math.round((process.memoryUsage.rss() - (settled ?? 0)) / 2 ** 20);
process.stdout.write(
  `seed ${seed}: ${done - refused - failures.length} decoded, ${refused} refused; grown by ${grown} MiB\n`,
);
if (grown > GROWTH) process.stderr.write(`the process grew by ${grown} MiB, which is more than ${GROWTH}\n`);
process.exit(failures.length > 0 || grown > GROWTH ? 1 : 0);

// One thread of `npm run fuzz`: takes ranges of input numbers, and says in shared memory which one it is at.
import { parentPort, workerData } from 'node:worker_threads';
import { corpus } from './corpus.ts';
import { run } from './run.ts';

export interface Task {
  from: number;
  to: number;
}

const { seed, at } = workerData as { seed: number; at: BigInt64Array };
const messages = corpus(seed);

parentPort!.on('message', ({ from, to }: Task) => {
  const outcome = run(messages, seed, from, to, (number) => {
    at[0] = BigInt(number);
  });
  parentPort!.postMessage(outcome);
});

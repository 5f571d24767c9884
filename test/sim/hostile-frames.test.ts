/** Whatever bytes come by a port: the switch goes on, and what it sends is no longer than what its flows may have added. */

import { expect, test } from 'vitest';
import { createRandom } from '../fuzz/random.ts';
import { createSimulatedUnderTest } from '../verdict/simulated.ts';
import { makeCase } from '../verdict/verdict-case.ts';

const SEED = 77;
const CASES = 300;
const SPOILED = 8;
/** Tags, labels and the like that a few actions put on. */
const MOST_ADDED = 256;

test('spoiled and cut frames through random pipelines, conntrack included, throw nothing', async () => {
  const simulated = await createSimulatedUnderTest();
  const random = createRandom(SEED);
  let left = 0;
  for (let number = 0; number < CASES; number++) {
    const { messages, steps } = makeCase(SEED, number);
    await simulated.clear();
    await simulated.install(messages);
    for (const step of steps) {
      if (step.type !== 'frame') continue;
      for (let i = 0; i < SPOILED; i++) {
        const frame = spoiled(random, step.frame);
        for (const each of Object.values((await simulated.receive(step.port, frame)).frames).flat()) {
          left++;
          expect(each.length / 2).toBeLessThan(frame.length + MOST_ADDED);
        }
      }
    }
  }
  expect(left).toBeGreaterThan(CASES);
});

function spoiled(random: ReturnType<typeof createRandom>, frame: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(frame);
  for (let i = random.below(6); i >= 0; i--) {
    const at = random.below(bytes.length);
    bytes[at] = random.below(2) === 0 ? random.below(256) : bytes[at]! ^ (1 << random.below(8));
  }
  return random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}

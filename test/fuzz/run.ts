// Runs a number of hostile inputs, each made from the seed and its own number alone: any of them can be made again.
import { check, checkInterpreted, type Verdict } from './check.ts';
import { mutate, viewOf } from './mutate.ts';
import { createRandom } from './random.ts';

/** Every so many inputs the interpreted codec is asked too. */
const COMPARED = 8;

/** Message types of OpenFlow 1.4, and one beyond. */
const TYPES = 36;

export interface Failure {
  number: number;
  hex: string;
  why: string;
}

export interface Outcome {
  counts: Record<Verdict, number>;
  failures: Failure[];
}

/** The input with this number: mostly a sound message changed, now and then a sound header and noise. */
export function input(corpus: readonly Uint8Array[], seed: number, number: number): Uint8Array {
  const random = createRandom(Math.imul(seed, 0x9e3779b1) + number);
  if (random.below(10) !== 0) return mutate(random.pick(corpus), random.pick(corpus), random);
  const bytes = random.bytes(8 + random.below(120));
  bytes[0] = 5;
  bytes[1] = random.below(TYPES);
  viewOf(bytes).setUint16(2, bytes.length);
  return bytes;
}

/** Inputs `from` to `to` - 1; `before` is told the number of each before it is tried. */
export function run(
  corpus: readonly Uint8Array[],
  seed: number,
  from: number,
  to: number,
  before: (number: number) => void = () => {},
): Outcome {
  const outcome: Outcome = { counts: { decoded: 0, refused: 0 }, failures: [] };
  for (let number = from; number < to; number++) {
    before(number);
    const bytes = input(corpus, seed, number);
    try {
      outcome.counts[check(bytes)]++;
      if (number % COMPARED === 0) checkInterpreted(bytes);
    } catch (error) {
      outcome.failures.push({ number, hex: Buffer.from(bytes).toString('hex'), why: (error as Error).message });
    }
  }
  return outcome;
}

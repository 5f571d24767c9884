/** Chance, as random cases have it. */

import type { Random } from '../fuzz/random.ts';

/** True in so many cases of a hundred. */
export function likely(random: Random, percent: number): boolean {
  return random.below(100) < percent;
}

/**
 * What an accept's number follows from, besides its own content: the drops and rejects above it that may be about the same
 * packets, so that its connections are judged again where one of them comes or goes.
 */

import { type Item, isDenial } from './item.ts';

/** 0: all zones. */
type Pair = [from: number, to: number];

export interface Denials {
  /** Those that may be about what the item is about. */
  above(item: Item): string;
  /** It stands above all that come now. */
  add(item: Item, id: number): void;
}

export function createDenials(): Denials {
  /** The last of each pair of zones; its own number follows from those before it. */
  const last = new Map<string, { pair: Pair; id: number }>();
  const known = new Map<string, string>();

  return {
    above(item) {
      const pair = pairOf(item);
      const name = pair.join();
      let found = known.get(name);
      if (found === undefined) {
        const meeting = [...last].filter(([, each]) => meet(each.pair, pair));
        found = meeting
          .map(([other, { id }]) => `${other} ${id}`)
          .toSorted()
          .join('\n');
        known.set(name, found);
      }
      return found;
    },
    add(item, id) {
      if (!isDenial(item)) return;
      const pair = pairOf(item);
      last.set(pair.join(), { pair, id });
      known.clear();
    },
  };
}

function pairOf({ from, to }: Item): Pair {
  return [from?.number ?? 0, to?.number ?? 0];
}

function meet(a: Pair, b: Pair): boolean {
  return a.every((zone, i) => zone === 0 || b[i] === 0 || zone === b[i]);
}

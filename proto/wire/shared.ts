/** Values that many messages have in common: made once, frozen, and paid for by each message that has them. */

import type { Reader } from './reader.ts';

/** The value of a key, which `make` makes where it is not known. */
export type Shared<K, V> = (reader: Reader, key: K, make: (key: K) => V) => V;

/** Keeps so many at `most`, then forgets them all: what comes often is soon there again, and a peer can't fill the memory. */
export function createShared<K, V extends object>(most: number, memory: (value: V) => number): Shared<K, V> {
  const known = new Map<K, V>();
  return (reader, key, make) => {
    let value = known.get(key);
    if (value === undefined) {
      value = Object.freeze(make(key));
      if (known.size === most) known.clear();
      known.set(key, value);
    }
    reader.spendOnce(value, memory(value));
    return value;
  };
}

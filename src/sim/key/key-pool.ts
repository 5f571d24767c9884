/** Keys that are used again: a packet needs some for as long as one pass through the tables, and an array of words is dear. */

import { emptyKey, type Key } from './key.ts';

export interface KeyPool {
  /** What it holds is left over from before. */
  take(): Key;
  copyOf(key: Key): Key;
  /** How many are taken. */
  mark(): number;
  /** All that were taken since are free again. */
  release(mark: number): void;
}

export function createKeyPool(): KeyPool {
  const keys: Key[] = [];
  let taken = 0;

  function take(): Key {
    if (taken === keys.length) keys.push(emptyKey());
    return keys[taken++]!;
  }

  return {
    take,
    copyOf(key) {
      const copy = take();
      copy.set(key);
      return copy;
    },
    mark: () => taken,
    release(mark) {
      taken = mark;
    },
  };
}

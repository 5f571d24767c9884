/** What an app keeps beyond the process: plain values by key, its own alone, bounded so that none fills the disk. */

import type { MemorySpace } from '../flow/allocate/memory.ts';
import { FlowError } from '../flow/flow-error.ts';

/** What JSON can say. */
export type StoredValue =
  | null
  | boolean
  | number
  | string
  | readonly StoredValue[]
  | { readonly [name: string]: StoredValue };

/**
 * Values by key, one store per app for all switches. When `set` returns, the value outlives a killed Flowloom (`run --state
 * DIR`; without it, it lives as long as the process). Throws where a value is none, too large, or one too many.
 */
export interface AppStore {
  get(key: string): StoredValue | undefined;
  set(key: string, value: StoredValue): void;
  delete(key: string): void;
  entries(): [key: string, value: StoredValue][];
}

const KEY_LENGTH = 256;
const VALUE_LENGTH = 16_384;
const ENTRIES = 100_000;
/** Characters of all keys and values, as JSON. */
const TOTAL_LENGTH = 32 * 1024 * 1024;

/** `forgets`: of a rehearsal, which reads what there is and finds what it sets itself, and leaves nothing behind. */
export function createAppStore(app: string, kept: MemorySpace, forgets: boolean): AppStore {
  const space = forgets ? overlay(kept) : kept;
  /** Key → length of key and value; read when it is first written to. */
  let lengths: Map<string, number> | undefined;
  let total = 0;

  function measured(): Map<string, number> {
    if (lengths !== undefined) return lengths;
    lengths = new Map();
    for (const [key, value] of space.entries()) count(lengths, key, JSON.stringify(value));
    return lengths;
  }

  function count(all: Map<string, number>, key: string, text: string | undefined): void {
    total -= all.get(key) ?? 0;
    all.delete(key);
    if (text === undefined) return;
    all.set(key, key.length + text.length);
    total += key.length + text.length;
  }

  return {
    get: (key) => structuredClone(space.get(key)) as StoredValue | undefined,
    set(key, value) {
      const text = JSON.stringify(value) as string | undefined;
      if (typeof key !== 'string' || key === '' || key.length > KEY_LENGTH) {
        throw new FlowError(`app "${app}" stores a key that is no text of 1 to ${KEY_LENGTH} characters`);
      }
      if (text === undefined)
        throw new FlowError(`app "${app}" stores ${key}, which JSON can't say: store plain values`);
      if (text.length > VALUE_LENGTH) {
        throw new FlowError(`app "${app}" stores ${text.length} characters as ${key}: ${VALUE_LENGTH} at most`);
      }
      const all = measured();
      const more = key.length + text.length - (all.get(key) ?? 0);
      if ((!all.has(key) && all.size >= ENTRIES) || total + more > TOTAL_LENGTH) {
        throw new FlowError(`the store of app "${app}" is full: ${all.size} values, ${total} characters; delete some`);
      }
      space.set(key, JSON.parse(text));
      count(all, key, text);
    },
    delete(key) {
      const all = measured();
      if (!all.has(key)) return;
      space.delete(key);
      count(all, key, undefined);
    },
    entries: () => structuredClone(space.entries()) as [string, StoredValue][],
  };
}

function overlay(below: MemorySpace): MemorySpace {
  /** undefined: deleted. */
  const own = new Map<string, unknown>();
  return {
    get: (key) => (own.has(key) ? own.get(key) : below.get(key)),
    set: (key, value) => void own.set(key, value),
    delete: (key) => void own.set(key, undefined),
    entries: () =>
      [...new Map<string, unknown>([...below.entries(), ...own])].filter(([, value]) => value !== undefined),
  };
}

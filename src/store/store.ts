/**
 * What must outlive the process, as JSON by space and key: in a folder (SQLite), or in memory where none is given. Reads
 * and writes are synchronous; when `set` returns, the value outlives a killed process.
 */

import type { Medium } from './medium.ts';
import { openSqlite } from './sqlite.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Values of one kind. */
export interface StoreSpace {
  get(key: string): Json | undefined;
  set(key: string, value: Json): void;
  delete(key: string): void;
  entries(): [key: string, value: Json][];
}

export interface Store {
  /** The file that it is in; undefined: memory. */
  readonly file: string | undefined;
  /** Names are the kind, then whose: `zones/00000000000000a1`. */
  space(name: string): StoreSpace;
  /** All that `run` sets, or nothing of it where it throws; many values in one go are faster so. */
  batch(run: () => void): void;
  close(): void;
}

/** Throws StoreError where the folder can't be used. */
export function createStore(folder?: string): Store {
  if (folder === undefined) return storeOf(inMemory());
  return storeOf(openSqlite(folder));
}

function storeOf({ texts, file, batch, close }: Medium): Store {
  return {
    file,
    batch,
    close,
    space: (name) => ({
      get(key) {
        const text = texts.get(name, key);
        return text === undefined ? undefined : (JSON.parse(text) as Json);
      },
      set(key, value) {
        texts.set(name, key, JSON.stringify(value));
      },
      delete(key) {
        texts.delete(name, key);
      },
      entries: () => texts.entries(name).map(([key, text]) => [key, JSON.parse(text) as Json]),
    }),
  };
}

function inMemory(): Medium {
  const spaces = new Map<string, Map<string, string>>();
  /** While a batch runs: what puts things back, last first. */
  let undo: (() => void)[] | undefined;
  const spaceOf = (name: string) => {
    const space = spaces.get(name) ?? new Map<string, string>();
    spaces.set(name, space);
    return space;
  };
  const change = (name: string, key: string, text: string | undefined) => {
    const space = spaceOf(name);
    const before = space.get(key);
    undo?.unshift(() => change(name, key, before));
    if (text === undefined) space.delete(key);
    else space.set(key, text);
  };
  return {
    file: undefined,
    texts: {
      get: (space, key) => spaces.get(space)?.get(key),
      set: change,
      delete: (space, key) => change(space, key, undefined),
      entries: (space) => [...(spaces.get(space) ?? [])],
    },
    batch(run) {
      if (undo !== undefined) {
        run();
        return;
      }
      undo = [];
      try {
        run();
      } catch (error) {
        const steps = undo;
        undo = undefined;
        for (const step of steps) step();
        throw error;
      } finally {
        undo = undefined;
      }
    },
    close: () => undefined,
  };
}

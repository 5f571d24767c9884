/**
 * What the allocation remembers: numbers that do not follow from names alone, the bits of fields, whose a ct zone was; and
 * what apps keep (src/app/app-store.ts).
 * What holds it (src/store) is given from outside; what is read is checked, for it may be of another version.
 */

import { isField } from '../../../proto/openflow/oxm.ts';
import type { Subfield } from '../../../proto/openflow/subfield.ts';
import type { FieldMemory } from './field-plan.ts';
import type { NumberMemory } from './numbering.ts';

export interface MemorySpace {
  get(key: string): unknown;
  /** Plain data. */
  set(key: string, value: unknown): void;
  delete(key: string): void;
  entries(): [key: string, value: unknown][];
}

export interface Memory {
  space(name: string): MemorySpace;
}

/** For as long as the process runs. */
export function processMemory(): Memory {
  const spaces = new Map<string, Map<string, unknown>>();
  return {
    space(name) {
      return {
        get: (key) => spaces.get(name)?.get(key),
        set(key, value) {
          const space = spaces.get(name) ?? new Map<string, unknown>();
          spaces.set(name, space.set(key, value));
        },
        delete: (key) => void spaces.get(name)?.delete(key),
        entries: () => [...(spaces.get(name) ?? [])],
      };
    },
  };
}

/** What the other one remembers; nothing is added to it. */
export function readOnly(memory: Memory): Memory {
  return {
    space(name) {
      const { get, entries } = memory.space(name);
      return { get, entries, set: () => undefined, delete: () => undefined };
    },
  };
}

export function numberMemory(space: MemorySpace): NumberMemory {
  return {
    entries: () => space.entries().filter((entry): entry is [string, number] => Number.isInteger(entry[1])),
    set: space.set,
    delete: space.delete,
  };
}

export function fieldMemory(space: MemorySpace): FieldMemory {
  return {
    entries: () => space.entries().filter((entry): entry is [string, Subfield] => isPlace(entry[1])),
    set: (name, { field, offset, bits }) => space.set(name, { field, offset, bits }),
    delete: space.delete,
  };
}

function isPlace(value: unknown): value is Subfield {
  if (typeof value !== 'object' || value === null) return false;
  const { field, offset, bits } = value as Partial<Subfield>;
  return isField(field) && Number.isInteger(offset) && Number.isInteger(bits);
}

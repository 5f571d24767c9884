/** Structures one after another until the window ends. */

import type { Codec } from './codec.ts';
import { DecodeError, within } from './decode-error.ts';
import { EncodeError, inside } from './encode-error.ts';
import { listMemory } from './memory.ts';
import type { Reader } from './reader.ts';

/** The value of every list without items: decoded lists are not for changing. */
export const EMPTY: readonly never[] = Object.freeze([]);

/** The list that a decoder gives when it has all items: one that grew has room for more. */
export function complete<T>(reader: Reader, items: readonly T[]): readonly T[] {
  reader.spend(listMemory(items.length));
  return items.length === 0 ? EMPTY : items.slice();
}

export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    form: { kind: 'list', item },
    encode(writer, value) {
      if (!Array.isArray(value)) throw new EncodeError('is not a list');
      for (let i = 0; i < value.length; i++) {
        try {
          item.encode(writer, value[i]!);
        } catch (error) {
          throw inside(error, String(i));
        }
      }
    },
    decode(reader) {
      const value: T[] = [];
      while (reader.remaining > 0) {
        const before = reader.position;
        try {
          value.push(item.decode(reader));
        } catch (error) {
          throw within(error, String(value.length));
        }
        if (reader.position === before) throw new DecodeError('an item of no bytes would never end', before);
      }
      return complete(reader, value);
    },
  };
}

/** Structures one after another until the window ends. */

import type { Codec } from './codec.ts';
import { DecodeError, within } from './decode-error.ts';
import { EncodeError, inside } from './encode-error.ts';

export function list<T>(item: Codec<T>): Codec<T[]> {
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
      return value;
    },
  };
}

/** Structures one after another until the window ends. */

import type { Codec } from './codec.ts';
import { DecodeError, within } from './decode-error.ts';
import { inside } from './encode-error.ts';

export function list<T>(item: Codec<T>): Codec<T[]> {
  return {
    encode(writer, value) {
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

/** A structure that starts with its own 16-bit length (flow stats, buckets): the length is the wire's, not the value's. */
export function lengthFirst<T>(item: Codec<T>): Codec<T> {
  return {
    encode(writer, value) {
      const start = writer.position;
      writer.u16(0);
      item.encode(writer, value);
      writer.patchU16(start, writer.position - start);
    },
    decode(reader) {
      const at = reader.position;
      const length = reader.u16();
      if (length < 2) throw new DecodeError(`a length of ${length} does not even hold itself`, at, 'length');
      const body = reader.sub(length - 2);
      const value = item.decode(body);
      body.expectEnd();
      return value;
    },
  };
}

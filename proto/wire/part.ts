/** One member of a value in the codecs that are code of their own: what `struct` does for each of its fields. */

import type { Codec } from './codec.ts';
import { within } from './decode-error.ts';
import { EncodeError, inside } from './encode-error.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** The value may come from a stranger's JSON: what is missing, and what does not fit, is told by the member's name. */
export function encodePart<V extends object, K extends keyof V & string>(
  writer: Writer,
  value: V,
  name: K,
  codec: Codec<NonNullable<V[K]>>,
): void {
  if (typeof value !== 'object' || value === null) throw new EncodeError('is no object');
  encodeNamed(writer, name, codec, value[name]);
}

/** The same where the member is at hand, or has another name in errors than in the value. */
export function encodeNamed<T>(writer: Writer, name: string, codec: Codec<NonNullable<T>>, part: T): void {
  try {
    if (part === undefined || part === null) throw new EncodeError('is missing');
    codec.encode(writer, part);
  } catch (error) {
    throw inside(error, name);
  }
}

/** What is wrong in it is told by the member's name. */
export function decodePart<T>(reader: Reader, name: string, codec: Codec<T>): T {
  try {
    return codec.decode(reader);
  } catch (error) {
    throw within(error, name);
  }
}

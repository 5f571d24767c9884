/** One member of a value in the encoders that are code of their own: what `struct` does for each of its fields. */

import type { Codec } from './codec.ts';
import { EncodeError, inside } from './encode-error.ts';
import type { Writer } from './writer.ts';

/** The value may come from a stranger's JSON: what is missing, and what does not fit, is told by the member's name. */
export function encodePart<V extends object, K extends keyof V & string>(
  writer: Writer,
  value: V,
  name: K,
  codec: Codec<NonNullable<V[K]>>,
): void {
  if (typeof value !== 'object' || value === null) throw new EncodeError('is no object');
  const part = value[name];
  try {
    if (part === undefined || part === null) throw new EncodeError('is missing');
    codec.encode(writer, part);
  } catch (error) {
    throw inside(error, name);
  }
}

/** What every schema in proto/ is: a pair of functions between a value and its bytes. */

import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface Codec<T> {
  encode(writer: Writer, value: T): void;
  decode(reader: Reader): T;
}

/** The TypeScript type that a schema describes. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** A codec known only when first used: structures that contain themselves (actions inside `ct`). */
export function lazy<T>(get: () => Codec<T>): Codec<T> {
  return {
    encode: (writer, value) => get().encode(writer, value),
    decode: (reader) => get().decode(reader),
  };
}

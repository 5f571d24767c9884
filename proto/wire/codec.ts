/** What every schema in proto/ is: a pair of functions between a value and its bytes, and what it is made of. */

import { EncodeError } from './encode-error.ts';
import { MAX_DEPTH, type Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface Codec<T> {
  encode(writer: Writer, value: T): void;
  decode(reader: Reader): T;
  /** What it is made of, for those who walk schemas; undefined: code of its own, with no schema inside. */
  readonly form?: Form;
  /** The specification's name of the structure that it is, where it is one: `ofp_flow_mod`. */
  readonly structure?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: who walks schemas meets codecs of any type.
export type AnyCodec = Codec<any>;

/** The parts of a schema: what the compiler, the coverage table and the generators of tests read. */
export type Form =
  | { kind: 'number'; bits: 8 | 16 | 32; signed?: true }
  | { kind: 'bigint' }
  | { kind: 'mac' }
  | { kind: 'ipv4' }
  | { kind: 'ipv6' }
  /** Null-terminated, in `size` bytes. */
  | { kind: 'text'; size: number }
  /** All up to the end of the window. */
  | { kind: 'bytes' }
  | { kind: 'enumeration'; base: AnyCodec; codes: Readonly<Record<string, number>> }
  | { kind: 'flags'; base: AnyCodec; bits: Readonly<Record<string, number>> }
  | { kind: 'struct'; type: string | undefined; fields: readonly Field[] }
  | { kind: 'list'; item: AnyCodec }
  | {
      kind: 'tagged';
      variants: Variants;
      padding: TagPadding;
      extensions: readonly Extension[];
      /** The length stands before the type. */
      lengthFirst?: true;
    }
  /** A number called `field`, and the fields that follow it by what it is. */
  | { kind: 'choice'; type: string; field: string; base: AnyCodec; variants: Variants; otherwise: AnyCodec }
  | { kind: 'lazy'; get: () => AnyCodec }
  /** Code of its own around these schemas. */
  | { kind: 'custom'; parts: readonly AnyCodec[] }
  | Silent;

/** What has a place on the wire and none in the value. */
export type Silent =
  /** Zeros when written, ignored when read. */
  | { kind: 'padding'; size: number }
  /** Zeros up to a multiple of `size` bytes from the structure's start; `beforeMore`: none at the very end. */
  | { kind: 'alignment'; size: number; beforeMore: boolean }
  /** 16 bits: how many bytes the structure has that it stands in, from its first. */
  | { kind: 'length' }
  /** 16 bits: how many bytes a later field of the structure has. */
  | { kind: 'lengthOf'; field: string };

/**
 * `included`: the length covers the padding to 8 (actions, instructions). `excluded`: padding follows it (properties).
 * `none`: the next one follows at once (ids).
 */
export type TagPadding = 'included' | 'excluded' | 'none';

/** name → [code, codec of what follows the tag]. */
export type Variants = Readonly<Record<string, readonly [code: number, codec: AnyCodec]>>;

/** Variants under the type 0xffff: the experimenter's number, then 16 bits of a type of its own. */
export interface Extension {
  experimenter: number;
  variants: Variants;
}

export interface Field {
  name: string;
  codec: AnyCodec;
}

/** The TypeScript type that a schema describes. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** A codec known only when first used: structures that contain themselves (actions inside `ct`). */
export function lazy<T>(get: () => Codec<T>): Codec<T> {
  return {
    form: { kind: 'lazy', get },
    encode(writer, value) {
      if (writer.depth === MAX_DEPTH) throw new EncodeError(`more than ${MAX_DEPTH} structures inside one another`);
      writer.depth++;
      try {
        get().encode(writer, value);
      } finally {
        writer.depth--;
      }
    },
    decode: (reader) => get().decode(reader),
  };
}

/** Says which structure of the specification a schema is. */
export function structure<C extends AnyCodec>(name: string, codec: C): C {
  return { ...codec, structure: name };
}

/**
 * What a decoded value takes of V8's heap on a 64-bit machine, in bytes: with these numbers a reader keeps account of
 * what a message has cost so far (`Reader.spend`). They are upper bounds of what is made for each value; names,
 * numbers below 2^31 and what messages share cost nothing.
 */

import type { AnyCodec, Codec, Form } from './codec.ts';

export const OBJECT = 24;
/** A member of an object, an item of a list. */
export const SLOT = 8;
/** A list, without its items. */
export const LIST = 48;
/** What an object that grew has more than its members: room for others, apart from itself. */
export const ROOM = 6 * SLOT;
/** A number that may be 2^31 or more. */
export const NUMBER = 16;
export const BIGINT = 24;
/** A view of a byte string, whatever its length. */
export const VIEW = 104;

/** What joins text made of two pieces, which stay. */
export const JOIN = 32;

/** Text in Latin-1, of one piece. */
export function textMemory(length: number): number {
  return 24 + length;
}

/** What a scalar takes beside its slot. Byte strings, lists and flags say for themselves what they take. */
export function scalarMemory(form: Form | undefined): number {
  switch (form?.kind) {
    case 'number':
      return form.bits === 32 ? NUMBER : 0;
    case 'enumeration':
      return scalarMemory(form.base.form);
    case 'bigint':
      return BIGINT;
    case 'mac':
      return textMemory(17);
    case 'ipv4':
      return textMemory(12) + JOIN;
    case 'ipv6':
      return textMemory(39);
    case 'text':
      return textMemory(form.size);
    default:
      return 0;
  }
}

/** A tag, a code and a byte string, without the string. */
export const UNKNOWN = OBJECT + 3 * SLOT;

/** What a value takes that is there already; without lists and byte strings, which count themselves. */
export function weight(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return value < 2 ** 31 ? 0 : NUMBER;
    case 'bigint':
      return BIGINT;
    case 'string':
      return textMemory(value.length) + JOIN;
    case 'object':
      return value === null || Array.isArray(value) || value instanceof Uint8Array ? 0 : weightOfMembers(value);
    default:
      return 0;
  }
}

/** Tags, and names of fields, are shared. */
function weightOfMembers(value: object): number {
  let memory = OBJECT;
  for (const [name, member] of Object.entries(value)) {
    memory += SLOT + (name === 'type' || name === 'field' ? 0 : weight(member));
  }
  return memory;
}

/** Whether a variant has code of its own, so that its values are weighed when they are made. */
export function isIrregular({ form }: AnyCodec): boolean {
  return form?.kind !== 'struct';
}

/** The same for a member or an item with code of its own. */
export function weighed<T>(codec: Codec<T>): Codec<T> {
  return {
    ...codec,
    decode(reader) {
      const value = codec.decode(reader);
      reader.spend(weight(value));
      return value;
    },
  };
}

/** A list with so many items, each of which has a slot; the empty one is shared. */
export function listMemory(length: number): number {
  return length === 0 ? 0 : LIST + SLOT * length;
}

/** Values of single fields for properties; addresses are in the form in which they are read back. */

import fc, { type Arbitrary } from 'fast-check';
import { ipv6Text } from '../../proto/wire/address.ts';

export const byte = fc.nat(0xff);
export const u16 = fc.nat(0xffff);
export const u24 = fc.nat(0xffffff);
export const u32 = fc.nat(0xffffffff);
export const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });

/** `more` bytes, and up to `most` times `unit`. */
export const blocks = (unit: number, most: number, more = 0) =>
  fc.nat(most).chain((count) => bytes(unit * count + more, unit * count + more));

export const mac = bytes(6, 6).map((raw) => Array.from(raw, (each) => each.toString(16).padStart(2, '0')).join(':'));
export const address = fc.tuple(byte, byte, byte, byte).map((parts) => parts.join('.'));
export const address6 = bytes(16, 16).map((raw) => ipv6Text(raw));

/** Any of the fields, or none. */
export const some = <T>(fields: { [Name in keyof T]: Arbitrary<T[Name]> }) => fc.record(fields, { requiredKeys: [] });

/** What both say. */
export const both = <A extends object, B extends object>(a: Arbitrary<A>, b: Arbitrary<B>): Arbitrary<A & B> =>
  fc.tuple(a, b).map(([one, other]) => ({ ...one, ...other }));

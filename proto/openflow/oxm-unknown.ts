/** Match fields that the table does not know (OpenFlow 1.4, 7.2.2.2): named by their header, their values bytes in hex. */

import { hexBytes, hexText } from '../wire/address.ts';
import { DecodeError } from '../wire/decode-error.ts';
import { EncodeError } from '../wire/encode-error.ts';
import { JOIN, textMemory } from '../wire/memory.ts';
import type { Reader } from '../wire/reader.ts';
import type { FieldValue, Masked, OxmHeader } from './oxm-fields.ts';

/** `oxm:CLASS:FIELD` or `oxm:ffff:FIELD:EXPERIMENTER`, all hex. */
export type UnknownFieldName = `oxm:${string}`;

/** The class whose headers an experimenter's number follows. */
export const EXPERIMENTER_CLASS = 0xffff;

export function unknownName({ oxmClass, field, experimenter }: OxmHeader): UnknownFieldName {
  const tail = experimenter === undefined ? '' : `:${experimenter.toString(16)}`;
  return `oxm:${oxmClass.toString(16)}:${field.toString(16)}${tail}`;
}

/** What such a name takes of memory: text of several pieces. */
export const UNKNOWN_NAME = 3 * (textMemory(8) + JOIN);

/** What `unknownName` made the name of; undefined where it is no such name. */
export function headerInName(name: string): OxmHeader | undefined {
  const parts = /^oxm:([0-9a-f]{1,4}):([0-7]?[0-9a-f])(?::([0-9a-f]{1,8}))?$/.exec(name);
  if (parts === null) return undefined;
  const header: OxmHeader = { oxmClass: Number.parseInt(parts[1]!, 16), field: Number.parseInt(parts[2]!, 16) };
  if (parts[3] !== undefined) header.experimenter = Number.parseInt(parts[3], 16);
  return (header.oxmClass === EXPERIMENTER_CLASS) === (header.experimenter !== undefined) ? header : undefined;
}

/** The bytes of the value and of the mask, if there is one; both as long. */
export function unknownBytes(value: FieldValue | Masked<FieldValue>): [value: Uint8Array, mask?: Uint8Array] {
  if (typeof value !== 'object') return [bytesIn(value)];
  if (value === null) throw new EncodeError('is missing');
  const bytes = bytesIn(value.value);
  const mask = bytesIn(value.mask);
  if (mask.length !== bytes.length) throw new EncodeError('has a value and a mask that differ in length');
  return [bytes, mask];
}

function bytesIn(value: FieldValue): Uint8Array {
  const bytes = typeof value === 'string' ? hexBytes(value) : undefined;
  if (bytes === undefined) throw new EncodeError('is not bytes in hex');
  return bytes;
}

/** All that is left in the window. */
export function decodeUnknown(body: Reader, masked: boolean): FieldValue | Masked<FieldValue> {
  const at = body.take(body.remaining);
  const bytes = body.bytes.subarray(at, body.end);
  if (!masked) return hexText(bytes);
  const half = bytes.length >> 1;
  if (half * 2 !== bytes.length) throw new DecodeError('value and mask differ in length', body.position);
  return { value: hexText(bytes.subarray(0, half)), mask: hexText(bytes.subarray(half)) };
}

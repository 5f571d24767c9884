/** A run of bits in a field, as Nicira's actions name it: `NXM_NX_REG0[4..7]` is `{ field: 'reg0', offset: 4, bits: 4 }`. */

import type { Codec } from '../wire/codec.ts';
import { Unrecognized } from '../wire/decode-error.ts';
import { EncodeError, shown } from '../wire/encode-error.ts';
import { ROOM, weighed } from '../wire/memory.ts';
import type { Reader } from '../wire/reader.ts';
import { decodeFieldHeader, encodeFieldHeader, encodeShortFieldHeader, isField, type NamedField } from './oxm.ts';
import { type FieldName, fieldRow } from './oxm-fields.ts';

export interface Subfield extends NamedField {
  /** Lowest bit, from 0. */
  offset: number;
  bits: number;
}

/** The field's whole width where no bits are given. */
export function subfield(field: FieldName, offset = 0, bits = fieldRow(field).bits - offset): Subfield {
  return { field, offset, bits };
}

const bitsOf = ({ field, width }: NamedField) => (width ?? fieldRow(field).bytes) * 8;

function fits(value: Subfield): boolean {
  const { offset, bits } = value;
  return bits >= 1 && offset >= 0 && offset + bits <= bitsOf(value);
}

/** The value may come from a stranger's JSON. */
export function checkSubfield(value: unknown): asserts value is Subfield {
  if (typeof value !== 'object' || value === null) throw new EncodeError('is no run of bits: { field, offset, bits }');
  checkNamed(value);
  const { field, offset, bits } = value as Subfield;
  if (!Number.isInteger(offset) || !Number.isInteger(bits)) throw new EncodeError('lacks offset and bits', field);
  if (fits(value as Subfield)) return;
  throw new EncodeError(
    `bits ${offset} to ${offset + bits - 1} are not in ${field}, which has ${bitsOf(value)}`,
    field,
  );
}

function checkNamed(value: object): asserts value is NamedField {
  const { field } = value as { field?: unknown };
  if (!isField(field)) throw new EncodeError(`${shown(field)} is no field`, 'field');
}

/** Whether the field has its usual header, so that its name says all. */
export function isPlain({ width, header }: NamedField): boolean {
  return width === undefined && header === undefined;
}

/** A run of the field just read. What lies outside it can't be said by us: the action around it is kept as it came. */
export function soundSubfield(named: NamedField, offset: number, bits: number, reader: Reader): Subfield {
  const plain = isPlain(named);
  const value: Subfield = plain ? { field: named.field, offset, bits } : { ...named, offset, bits };
  if (!plain) reader.spend(ROOM);
  if (fits(value)) return value;
  throw new Unrecognized(
    `bits ${value.offset} and on, ${value.bits} of them, are not in ${value.field}`,
    reader.position,
  );
}

/** The field's header alone, in four bytes or, with an experimenter, eight. */
export const fieldHeader: Codec<NamedField> = {
  encode(writer, value) {
    checkNamed(value);
    encodeFieldHeader(writer, value);
  },
  decode: decodeFieldHeader,
};

/** The same where there is room for four bytes. */
export const shortFieldHeader: Codec<NamedField> = {
  encode(writer, value) {
    checkNamed(value);
    encodeShortFieldHeader(writer, value);
  },
  decode(reader) {
    const four = reader.sub(4);
    if (four.u16At(four.position) === 0xffff) throw new Unrecognized('has a header too long here', four.position);
    return decodeFieldHeader(four);
  },
};

/** `ofs << 6 | (n - 1)`: how register load, output and ct write a run of up to 64 bits. */
export const offsetAndBits: Codec<{ offset: number; bits: number }> = {
  encode(writer, { offset, bits }) {
    if (!(bits >= 1 && bits <= 64)) throw new EncodeError(`a run of ${bits} bits does not fit: from 1 to 64 do`);
    if (!(offset >= 0 && offset <= 1023)) {
      throw new EncodeError(`a run from bit ${offset} does not fit: bits 0 to 1023 do`);
    }
    writer.u16((offset << 6) | (bits - 1));
  },
  decode(reader) {
    const packed = reader.u16();
    return { offset: packed >> 6, bits: (packed & 0x3f) + 1 };
  },
};

/** Offset and bits in 16 bits, then the field's header in four bytes. */
export const packedSubfield: Codec<Subfield> = weighed({
  encode(writer, value) {
    checkSubfield(value);
    offsetAndBits.encode(writer, value);
    shortFieldHeader.encode(writer, value);
  },
  decode(reader) {
    const { offset, bits } = offsetAndBits.decode(reader);
    return soundSubfield(shortFieldHeader.decode(reader), offset, bits, reader);
  },
});

/** A run of bits in a field, as Nicira's actions name it: `NXM_NX_REG0[4..7]` is `{ field: 'reg0', offset: 4, bits: 4 }`. */

import type { Codec } from '../wire/codec.ts';
import { Unrecognized } from '../wire/decode-error.ts';
import { EncodeError } from '../wire/encode-error.ts';
import type { Reader } from '../wire/reader.ts';
import { decodeFieldHeader, encodeFieldHeader, encodeShortFieldHeader, isField } from './oxm.ts';
import { type FieldName, fieldRow } from './oxm-fields.ts';

export interface Subfield {
  field: FieldName;
  /** Lowest bit, from 0. */
  offset: number;
  bits: number;
}

/** The field's whole width where no bits are given. */
export function subfield(field: FieldName, offset = 0, bits = fieldRow(field).bits - offset): Subfield {
  return { field, offset, bits };
}

function fits({ field, offset, bits }: Subfield): boolean {
  return bits >= 1 && offset >= 0 && offset + bits <= fieldRow(field).bytes * 8;
}

/** The value may come from a stranger's JSON. */
export function checkSubfield(value: unknown): asserts value is Subfield {
  if (typeof value !== 'object' || value === null) throw new EncodeError('is no run of bits: { field, offset, bits }');
  const { field, offset, bits } = value as Subfield;
  checkField(field);
  if (!Number.isInteger(offset) || !Number.isInteger(bits)) throw new EncodeError('lacks offset and bits', field);
  if (fits({ field, offset, bits })) return;
  const width = fieldRow(field).bytes * 8;
  throw new EncodeError(`bits ${offset} to ${offset + bits - 1} are not in ${field}, which has ${width}`, field);
}

function checkField(name: unknown): asserts name is FieldName {
  if (typeof name !== 'string' || !isField(name)) throw new EncodeError(`"${String(name)}" is no field`);
}

/** What lies outside its field can't be said by us: the action around it is kept as it came. */
export function soundSubfield(value: Subfield, reader: Reader): Subfield {
  if (fits(value)) return value;
  throw new Unrecognized(
    `bits ${value.offset} and on, ${value.bits} of them, are not in ${value.field}`,
    reader.position,
  );
}

/** The field's header alone, in four bytes or, with an experimenter, eight. */
export const fieldHeader: Codec<FieldName> = {
  encode(writer, name) {
    checkField(name);
    encodeFieldHeader(writer, name);
  },
  decode: decodeFieldHeader,
};

/** The same where there is room for four bytes. */
export const shortFieldHeader: Codec<FieldName> = {
  encode(writer, name) {
    checkField(name);
    encodeShortFieldHeader(writer, name);
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
export const packedSubfield: Codec<Subfield> = {
  encode(writer, value) {
    checkSubfield(value);
    offsetAndBits.encode(writer, value);
    shortFieldHeader.encode(writer, value.field);
  },
  decode(reader) {
    const run = offsetAndBits.decode(reader);
    return soundSubfield({ field: shortFieldHeader.decode(reader), ...run }, reader);
  },
};

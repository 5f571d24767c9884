/** A run of bits in a field, as Nicira's actions name it: `NXM_NX_REG0[4..7]` is `{ field: 'reg0', offset: 4, bits: 4 }`. */

import type { Codec } from '../wire/codec.ts';
import { EncodeError } from '../wire/encode-error.ts';
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

export function checkSubfield({ field, offset, bits }: Subfield): void {
  const width = fieldRow(field).bytes * 8;
  if (bits < 1 || offset < 0 || offset + bits > width) {
    throw new EncodeError(`bits ${offset} to ${offset + bits - 1} are not in ${field}, which has ${width}`, field);
  }
}

/** `ofs << 6 | (n - 1)`: how register load, output and ct write a run of up to 64 bits. */
export const offsetAndBits: Codec<{ offset: number; bits: number }> = {
  encode(writer, { offset, bits }) {
    if (bits < 1 || bits > 64) throw new EncodeError(`a run of ${bits} bits does not fit: from 1 to 64 do`);
    if (offset < 0 || offset > 1023) throw new EncodeError(`a run from bit ${offset} does not fit: bits 0 to 1023 do`);
    writer.u16((offset << 6) | (bits - 1));
  },
  decode(reader) {
    const packed = reader.u16();
    return { offset: packed >> 6, bits: (packed & 0x3f) + 1 };
  },
};

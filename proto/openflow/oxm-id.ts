/**
 * A match field without a value, as table features name it (OpenFlow 1.4, 7.3.5.6.2): an OXM header, which an
 * experimenter's number follows where the class is 0xffff.
 */

import type { Codec } from '../wire/codec.ts';
import { EncodeError, inside } from '../wire/encode-error.ts';
import { u8 } from '../wire/scalars.ts';
import { isField, type UnknownFieldName } from './oxm.ts';
import { type FieldName, fieldOf, fieldRow, type OxmHeader } from './oxm-fields.ts';

export interface OxmId {
  field: FieldName | UnknownFieldName;
  /** A mask may be given. */
  hasMask: boolean;
  /** The header's length where it is not that of the field in a match. */
  length?: number;
}

const EXPERIMENTER_CLASS = 0xffff;

/** What the header of the field says in a match. */
function usualLength(name: FieldName, hasMask: boolean): number {
  const { header, bytes } = fieldRow(name);
  return (hasMask ? 2 * bytes : bytes) + (header.experimenter === undefined ? 0 : 4);
}

/** Of a field that the table does not know, from its name; undefined where that is no such name. */
function headerInName(name: string): OxmHeader | undefined {
  const parts = /^oxm:([0-9a-f]{1,4}):([0-7]?[0-9a-f])(?::([0-9a-f]{1,8}))?$/.exec(name);
  if (parts === null) return undefined;
  const header: OxmHeader = { oxmClass: Number.parseInt(parts[1]!, 16), field: Number.parseInt(parts[2]!, 16) };
  if (parts[3] !== undefined) header.experimenter = Number.parseInt(parts[3], 16);
  return (header.oxmClass === EXPERIMENTER_CLASS) === (header.experimenter !== undefined) ? header : undefined;
}

export const oxmId: Codec<OxmId> = {
  encode(writer, value) {
    if (typeof value !== 'object' || value === null) throw new EncodeError('is no object');
    const { field, hasMask, length } = value;
    if (typeof field !== 'string') throw new EncodeError('is no name of a field', 'field');
    if (typeof hasMask !== 'boolean') throw new EncodeError('is neither true nor false', 'hasMask');
    const known = isField(field);
    const header = known ? fieldRow(field).header : headerInName(field);
    if (header === undefined) throw new EncodeError(`"${field}" is no field`, 'field');
    writer.u16(header.oxmClass);
    writer.u8((header.field << 1) | (hasMask ? 1 : 0));
    try {
      u8.encode(writer, length ?? (known ? usualLength(field, hasMask) : Number.NaN));
    } catch (error) {
      throw inside(error, 'length');
    }
    if (header.experimenter !== undefined) writer.u32(header.experimenter);
  },
  decode(reader) {
    const oxmClass = reader.u16();
    const second = reader.u8();
    const length = reader.u8();
    const experimenter = oxmClass === EXPERIMENTER_CLASS ? reader.u32() : undefined;
    const hasMask = (second & 1) === 1;
    const name = fieldOf(oxmClass, second >> 1, experimenter);
    // Fields have an older header too, which would not be written back.
    if (name === undefined || fieldRow(name).header.oxmClass !== oxmClass) {
      const tail = experimenter === undefined ? '' : `:${experimenter.toString(16)}`;
      return { field: `oxm:${oxmClass.toString(16)}:${(second >> 1).toString(16)}${tail}`, hasMask, length };
    }
    return length === usualLength(name, hasMask) ? { field: name, hasMask } : { field: name, hasMask, length };
  },
};

/**
 * A match field without a value, as table features name it (OpenFlow 1.4, 7.3.5.6.2): an OXM header, which an
 * experimenter's number follows where the class is 0xffff.
 */

import type { Codec } from '../wire/codec.ts';
import { EncodeError, inside, shown } from '../wire/encode-error.ts';
import { OBJECT, SLOT } from '../wire/memory.ts';
import { u8 } from '../wire/scalars.ts';
import { createShared } from '../wire/shared.ts';
import { isField } from './oxm.ts';
import { type FieldName, fieldOf, fieldRow } from './oxm-fields.ts';
import { EXPERIMENTER_CLASS, headerInName, UNKNOWN_NAME, type UnknownFieldName, unknownName } from './oxm-unknown.ts';

export interface OxmId {
  readonly field: FieldName | UnknownFieldName;
  /** A mask may be given. */
  readonly hasMask: boolean;
  /** The header's length where it is not that of the field in a match. */
  readonly length?: number;
}

/** What the header of the field says in a match. */
function usualLength(name: FieldName, hasMask: boolean): number {
  const { header, bytes } = fieldRow(name);
  return (hasMask ? 2 * bytes : bytes) + (header.experimenter === undefined ? 0 : 4);
}

export const oxmId: Codec<OxmId> = {
  encode(writer, value) {
    if (typeof value !== 'object' || value === null) throw new EncodeError('is no object');
    const { field, hasMask, length } = value;
    if (typeof field !== 'string') throw new EncodeError('is no name of a field', 'field');
    if (typeof hasMask !== 'boolean') throw new EncodeError('is neither true nor false', 'hasMask');
    const known = isField(field);
    const header = known ? fieldRow(field).header : headerInName(field);
    if (header === undefined) throw new EncodeError(`${shown(field)} is no field`, 'field');
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
    const header = reader.u32();
    const experimenter = header >>> 16 === EXPERIMENTER_CLASS ? reader.u32() : undefined;
    const key = experimenter === undefined ? header : `${header}:${experimenter}`;
    return shared(reader, key, () => idOf(header, experimenter));
  },
};

/** Twice as many as Open vSwitch has fields. */
const KEPT = 512;
/** Equal headers have one value: the features of a switch name each field many times. */
const shared = createShared<number | string, OxmId>(KEPT, () => OBJECT + 3 * SLOT + UNKNOWN_NAME);

function idOf(header: number, experimenter: number | undefined): OxmId {
  const oxmClass = header >>> 16;
  const field = (header >>> 9) & 0x7f;
  const hasMask = ((header >>> 8) & 1) === 1;
  const length = header & 0xff;
  const name = fieldOf(oxmClass, field, experimenter);
  // Fields have an older header too, which would not be written back.
  if (name === undefined || fieldRow(name).header.oxmClass !== oxmClass) {
    const unknown = experimenter === undefined ? { oxmClass, field } : { oxmClass, field, experimenter };
    return { field: unknownName(unknown), hasMask, length };
  }
  return length === usualLength(name, hasMask) ? { field: name, hasMask } : { field: name, hasMask, length };
}

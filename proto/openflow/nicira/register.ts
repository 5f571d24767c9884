/**
 * NXAST_REG_LOAD, _REG_LOAD2 and _REG_MOVE: an immediate or a field's bits into a run of bits of another field
 * (nicira-ext.h). Over OpenFlow 1.4 Open vSwitch sends a masked set_field as one REG_LOAD per run of ones in the mask,
 * and REG_LOAD2, an OXM with its mask, only where the field is a tunnel option or has an experimenter's header: there
 * the mask says which bits to write, and fields have one that can't be masked in a match.
 */

import { type Codec, structure } from '../../wire/codec.ts';
import { Unrecognized } from '../../wire/decode-error.ts';
import { EncodeError, inside } from '../../wire/encode-error.ts';
import { decodePart, encodePart } from '../../wire/part.ts';
import type { Reader } from '../../wire/reader.ts';
import { bigintOf, u16 } from '../../wire/scalars.ts';
import type { Writer } from '../../wire/writer.ts';
import { decodeOxm, encodeOxm, type UnknownFieldName } from '../oxm.ts';
import type { FieldName, FieldValue, Masked } from '../oxm-fields.ts';
import { checkSubfield, fieldHeader, packedSubfield, type Subfield, soundSubfield } from '../subfield.ts';

export interface RegisterLoad {
  type: 'regLoad';
  to: Subfield;
  value: bigint;
}

export const regLoad: Codec<RegisterLoad> = structure('nx_action_reg_load', {
  form: { kind: 'custom', parts: [packedSubfield] },
  encode(writer, action) {
    encodePart(writer, action, 'to', packedSubfield);
    try {
      writer.u64(bigintOf(action.value, action.to.bits));
    } catch (error) {
      throw inside(error, 'value');
    }
  },
  decode(reader) {
    const to = decodePart(reader, 'to', packedSubfield);
    const value = reader.u64();
    if (value >> BigInt(to.bits) !== 0n) throw new Unrecognized(`more than ${to.bits} bits`, reader.position - 8);
    return { type: 'regLoad', to, value };
  },
});

export interface RegisterLoad2 {
  type: 'regLoad2';
  field: FieldName | UnknownFieldName;
  value: FieldValue | Masked<FieldValue>;
}

export const regLoad2: Codec<RegisterLoad2> = structure('ext_action_header', {
  encode: (writer, { field, value }) => encodeOxm(writer, field, value, 'oxm', true),
  decode(reader) {
    const { name, value } = decodeOxm(reader, 'oxm', true);
    reader.padding();
    return { type: 'regLoad2', field: name, value };
  },
});

export interface RegisterMove {
  type: 'regMove';
  from: Subfield;
  to: Subfield;
}

/** The bits and offsets of a move, which stand in front of both headers. */
export function encodeRuns(writer: Writer, { from, to }: { from: Subfield; to: Subfield }): void {
  for (const [name, run] of Object.entries({ from, to })) {
    try {
      checkSubfield(run);
    } catch (error) {
      throw inside(error, name);
    }
  }
  if (from.bits !== to.bits) throw new EncodeError(`moves ${from.bits} bits into ${to.bits}`);
  u16.encode(writer, from.bits);
  u16.encode(writer, from.offset);
  u16.encode(writer, to.offset);
}

export function decodeRuns(reader: Reader) {
  return { bits: reader.u16(), fromOffset: reader.u16(), toOffset: reader.u16() };
}

export const regMove: Codec<RegisterMove> = structure('nx_action_reg_move', {
  form: { kind: 'custom', parts: [fieldHeader] },
  encode(writer, action) {
    encodeRuns(writer, action);
    fieldHeader.encode(writer, action.from);
    fieldHeader.encode(writer, action.to);
  },
  decode(reader) {
    const { bits, fromOffset, toOffset } = decodeRuns(reader);
    const from = soundSubfield(decodePart(reader, 'from', fieldHeader), fromOffset, bits, reader);
    const to = soundSubfield(decodePart(reader, 'to', fieldHeader), toOffset, bits, reader);
    reader.padding();
    return { type: 'regMove', from, to };
  },
});

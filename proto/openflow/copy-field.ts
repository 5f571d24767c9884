/**
 * The Open Networking Foundation's copy-field for OpenFlow 1.3 and 1.4, which 1.5 made standard: a run of bits of one
 * field into another. Fields are named by OXM here. Open vSwitch takes it over 1.4, and sends NXAST_REG_MOVE instead.
 */

import { type Codec, structure } from '../wire/codec.ts';
import { Unrecognized } from '../wire/decode-error.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { decodeRuns, encodeRuns } from './nicira/register.ts';
import { type FieldName, fieldOf, fieldRow } from './oxm-fields.ts';
import { type Subfield, soundSubfield } from './subfield.ts';

export interface CopyField {
  type: 'copyField';
  from: Subfield;
  to: Subfield;
}

function encodeHeader(writer: Writer, name: FieldName): void {
  const { header, bytes } = fieldRow(name);
  const { oxmClass, field, experimenter } = header;
  writer.u16(oxmClass);
  writer.u8(field << 1);
  writer.u8(bytes + (experimenter === undefined ? 0 : 4));
  if (experimenter !== undefined) writer.u32(experimenter);
}

function decodeHeader(reader: Reader): FieldName {
  const at = reader.position;
  const oxmClass = reader.u16();
  const second = reader.u8();
  const length = reader.u8();
  const experimenter = oxmClass === 0xffff ? reader.u32() : undefined;
  const name = fieldOf(oxmClass, second >> 1, experimenter);
  if (name !== undefined) {
    const { header, bytes } = fieldRow(name);
    const width = bytes + (experimenter === undefined ? 0 : 4);
    if (header.oxmClass === oxmClass && (second & 1) === 0 && length === width) return name;
  }
  throw new Unrecognized(`no field of ours has the header ${oxmClass.toString(16)}:${second >> 1}`, at);
}

export const copyField: Codec<CopyField> = structure('onf_action_copy_field', {
  encode(writer, action) {
    writer.zeros(2);
    encodeRuns(writer, action);
    writer.zeros(2);
    encodeHeader(writer, action.from.field);
    encodeHeader(writer, action.to.field);
  },
  decode(reader) {
    reader.take(2);
    const { bits, fromOffset, toOffset } = decodeRuns(reader);
    reader.take(2);
    const from = soundSubfield({ field: decodeHeader(reader), offset: fromOffset, bits }, reader);
    const to = soundSubfield({ field: decodeHeader(reader), offset: toOffset, bits }, reader);
    reader.padding();
    return { type: 'copyField', from, to };
  },
});

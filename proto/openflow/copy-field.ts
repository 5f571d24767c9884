/**
 * The Open Networking Foundation's copy-field for OpenFlow 1.3 and 1.4, which 1.5 made standard: a run of bits of one
 * field into another. Fields are named by OXM here. Open vSwitch takes it over 1.4, and sends NXAST_REG_MOVE instead.
 */

import { type Codec, structure } from '../wire/codec.ts';
import { decodeRuns, encodeRuns } from './nicira/register.ts';
import { decodeFieldHeader, encodeFieldHeader } from './oxm.ts';
import { type Subfield, soundSubfield } from './subfield.ts';

export interface CopyField {
  type: 'copyField';
  from: Subfield;
  to: Subfield;
}

export const copyField: Codec<CopyField> = structure('onf_action_copy_field', {
  encode(writer, action) {
    writer.zeros(2);
    encodeRuns(writer, action);
    writer.zeros(2);
    encodeFieldHeader(writer, action.from, 'oxm');
    encodeFieldHeader(writer, action.to, 'oxm');
  },
  decode(reader) {
    reader.take(2);
    const { bits, fromOffset, toOffset } = decodeRuns(reader);
    reader.take(2);
    const from = soundSubfield(decodeFieldHeader(reader, 'oxm'), fromOffset, bits, reader);
    const to = soundSubfield(decodeFieldHeader(reader, 'oxm'), toOffset, bits, reader);
    reader.padding();
    return { type: 'copyField', from, to };
  },
});

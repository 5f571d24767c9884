/**
 * OFPAT_SET_FIELD (OpenFlow 1.4, 7.2.4): one field's new value, without a mask. A masked one, which 1.5 has, is none
 * of 1.4 and refused by Open vSwitch; on the wire it is an action that we don't know, kept byte for byte. What
 * ovs-ofctl takes as a masked `set_field` goes over 1.4 as regLoad.
 */

import { type Codec, structure } from '../wire/codec.ts';
import { Unrecognized } from '../wire/decode-error.ts';
import { EncodeError } from '../wire/encode-error.ts';
import { decodeOxm, encodeOxm, isMasked, type UnknownFieldName } from './oxm.ts';
import type { FieldName, FieldValue } from './oxm-fields.ts';

export interface SetField {
  type: 'setField';
  field: FieldName | UnknownFieldName;
  value: FieldValue;
}

export const setField: Codec<SetField> = structure('ofp_action_set_field', {
  encode(writer, { field, value }) {
    if (isMasked(value)) throw new EncodeError('takes no mask in OpenFlow 1.4', 'value');
    encodeOxm(writer, field, value);
  },
  decode(reader) {
    const at = reader.position;
    const { name, value } = decodeOxm(reader, 'oxm', true);
    if (isMasked(value)) throw new Unrecognized('set-field takes no mask in OpenFlow 1.4', at, name);
    reader.padding();
    return { type: 'setField', field: name, value };
  },
});

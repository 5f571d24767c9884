/** OFPAT_SET_FIELD (OpenFlow 1.4, 7.2.4.5): one field's new value, without a mask. */

import type { Codec } from '../wire/codec.ts';
import { DecodeError } from '../wire/decode-error.ts';
import { decodeOxm, encodeOxm, isMasked, type UnknownFieldName } from './oxm.ts';
import type { FieldName, FieldValue } from './oxm-fields.ts';

export interface SetField {
  type: 'setField';
  field: FieldName | UnknownFieldName;
  value: FieldValue;
}

export const setField: Codec<SetField> = {
  encode: (writer, { field, value }) => encodeOxm(writer, field, value),
  decode(reader) {
    const at = reader.position;
    const { name, value } = decodeOxm(reader);
    if (isMasked(value)) throw new DecodeError('set-field takes no mask in OpenFlow 1.4', at, name);
    reader.padding();
    return { type: 'setField', field: name, value };
  },
};

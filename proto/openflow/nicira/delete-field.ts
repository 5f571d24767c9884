/** NXAST_DELETE_FIELD: takes a tunnel option off the packet (nicira-ext.h). 24 bytes, whatever the field's header has. */

import { type Codec, structure } from '../../wire/codec.ts';
import { ROOM } from '../../wire/memory.ts';
import type { NamedField } from '../oxm.ts';
import { fieldHeader, isPlain } from '../subfield.ts';

export interface DeleteField extends NamedField {
  type: 'deleteField';
}

/** Behind the subtype. */
const SIZE = 14;

export const deleteField: Codec<DeleteField> = structure('nx_action_delete_field', {
  form: { kind: 'custom', parts: [fieldHeader] },
  encode(writer, value) {
    const start = writer.position;
    fieldHeader.encode(writer, value);
    writer.zeros(SIZE - (writer.position - start));
  },
  decode(reader) {
    const start = reader.position;
    const named = fieldHeader.decode(reader);
    reader.take(SIZE - (reader.position - start));
    if (isPlain(named)) return { type: 'deleteField', field: named.field };
    reader.spend(ROOM);
    return { type: 'deleteField', ...named };
  },
});

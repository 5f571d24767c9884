/** ofp_match (OpenFlow 1.4, 7.2.2.1): fields by name, in wire order; padded to 8 bytes that its length leaves out. */

import type { Codec } from '../wire/codec.ts';
import { structure } from '../wire/codec.ts';
import { DecodeError } from '../wire/decode-error.ts';
import { EncodeError } from '../wire/encode-error.ts';
import { OBJECT, SLOT, weight } from '../wire/memory.ts';
import { patchLength } from '../wire/struct.ts';
import { decodeOxm, encodeOxm, type HeaderForm, isField, oxmTlv, type UnknownFieldName } from './oxm.ts';
import type { FieldMatch, FieldName, FieldValue, Masked } from './oxm-fields.ts';

export type Match = {
  -readonly [N in FieldName]?: FieldMatch<N>;
} & { [name: UnknownFieldName]: string | Masked<string> };

const OXM = 1;
/** An object that is to grow starts with room for four members. */
export const EMPTY_MATCH = OBJECT + 4 * SLOT;
/** One more, for which it may have to grow. */
const MEMBER = 3 * SLOT;
/** Every order of names has a hidden class of V8's for each of them, which lives as long as the first value that has it. */
const SHAPE_MEMBER = 12 * SLOT;
/** An object of more members becomes a hash table, as does one with a name that is not a constant of the program. */
const MOST_MEMBERS = 20;
const TABLE = 160 * SLOT;
const TABLE_MEMBER = 12 * SLOT;

/** Fields one after another up to the end of the window, without a header around them. */
function fields(form: HeaderForm): Codec<Match> {
  return {
    encode(writer, value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw new EncodeError('is no object of fields');
      }
      for (const name in value) {
        const field = value[name as FieldName] as FieldValue | Masked<FieldValue> | undefined;
        if (field !== undefined) encodeOxm(writer, name, field, form);
      }
    },
    decode(reader) {
      reader.spend(EMPTY_MATCH);
      const value: Record<string, unknown> = {};
      let count = 0;
      while (reader.remaining > 0) {
        const at = reader.position;
        const tlv = decodeOxm(reader, form);
        reader.spend((++count > MOST_MEMBERS || !isField(tlv.name) ? TABLE_MEMBER : MEMBER) + weight(tlv.value));
        if (Object.hasOwn(value, tlv.name)) throw new DecodeError('stands twice', at, tlv.name);
        value[tlv.name] = tlv.value;
      }
      if (count > MOST_MEMBERS) reader.spend(TABLE);
      else reader.spendOnce(Object.keys(value).join(), SHAPE_MEMBER * count);
      return value as Match;
    },
  };
}

export const oxmFields = fields('oxm');
/** With Nicira's headers where a field has one: `nx_match` (nicira-ext.h). */
export const nxmFields = fields('nxm');

export const match: Codec<Match> = structure('ofp_match', {
  form: { kind: 'custom', parts: [oxmTlv] },
  encode(writer, value) {
    const start = writer.position;
    writer.u16(OXM);
    writer.u16(0);
    oxmFields.encode(writer, value);
    patchLength(writer, start + 2, start);
    writer.align(start, 8);
  },
  decode(reader) {
    const start = reader.position;
    const type = reader.u16();
    const length = reader.u16();
    if (type !== OXM) throw new DecodeError(`match type ${type} is not OXM`, start, 'type');
    if (length < 4) throw new DecodeError(`a length of ${length} does not even hold its header`, start + 2, 'length');
    const value = oxmFields.decode(reader.sub(length - 4));
    reader.take((8 - (length % 8)) % 8);
    return value;
  },
});

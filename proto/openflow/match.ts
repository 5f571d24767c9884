/** ofp_match (OpenFlow 1.4, 7.2.3.1): fields by name, in wire order; padded to 8 bytes that its length leaves out. */

import type { Codec } from '../wire/codec.ts';
import { DecodeError } from '../wire/decode-error.ts';
import { decodeOxm, encodeOxm, type UnknownFieldName } from './oxm.ts';
import type { FieldMatch, FieldName, FieldValue, Masked } from './oxm-fields.ts';

export type Match = {
  -readonly [N in FieldName]?: FieldMatch<N>;
} & { [name: UnknownFieldName]: string | Masked<string> };

const OXM = 1;

export const match: Codec<Match> = {
  encode(writer, value) {
    const start = writer.position;
    writer.u16(OXM);
    writer.u16(0);
    for (const name in value) {
      const field = value[name as FieldName] as FieldValue | Masked<FieldValue> | undefined;
      if (field !== undefined) encodeOxm(writer, name, field);
    }
    writer.patchU16(start + 2, writer.position - start);
    writer.align(start, 8);
  },
  decode(reader) {
    const start = reader.position;
    const type = reader.u16();
    const length = reader.u16();
    if (type !== OXM) throw new DecodeError(`match type ${type} is not OXM`, start, 'type');
    if (length < 4) throw new DecodeError(`a length of ${length} does not even hold its header`, start + 2, 'length');
    const body = reader.sub(length - 4);
    const value: Record<string, unknown> = {};
    while (body.remaining > 0) {
      const at = body.position;
      const tlv = decodeOxm(body);
      if (Object.hasOwn(value, tlv.name)) throw new DecodeError('stands twice', at, tlv.name);
      value[tlv.name] = tlv.value;
    }
    reader.take((8 - (length % 8)) % 8);
    return value as Match;
  },
};

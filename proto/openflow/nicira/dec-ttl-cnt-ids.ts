/** NXAST_DEC_TTL_CNT_IDS: takes one off the TTL; where none is left, the controllers with these ids are told (nicira-ext.h). */

import { type Codec, structure } from '../../wire/codec.ts';
import { EncodeError, inside } from '../../wire/encode-error.ts';
import { decodePart } from '../../wire/part.ts';
import { u16 } from '../../wire/scalars.ts';

export interface DecTtlCntIds {
  type: 'decTtlCntIds';
  /** Of controllers. */
  ids: number[];
}

export const decTtlCntIds: Codec<DecTtlCntIds> = structure('nx_action_cnt_ids', {
  encode(writer, { ids }) {
    if (!Array.isArray(ids)) throw new EncodeError('is not a list', 'ids');
    if (ids.length > 0xffff) throw new EncodeError(`are ${ids.length}; 65535 fit`, 'ids');
    writer.u16(ids.length);
    writer.zeros(4);
    for (const [i, id] of ids.entries()) {
      try {
        u16.encode(writer, id);
      } catch (error) {
        throw inside(error, `ids.${i}`);
      }
    }
  },
  decode(reader) {
    const count = reader.u16();
    reader.take(4);
    const ids: number[] = [];
    for (let i = 0; i < count; i++) ids.push(decodePart(reader, `ids.${i}`, u16));
    reader.padding();
    return { type: 'decTtlCntIds', ids };
  },
});

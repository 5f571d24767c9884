/** NXAST_DEC_TTL_CNT_IDS: takes one off the TTL; where none is left, the controllers with these ids are told (nicira-ext.h). */

import { type Codec, structure } from '../../wire/codec.ts';
import { u16 } from '../../wire/scalars.ts';
import { decodeItems, encodeCount, encodeItems } from './counted.ts';

export interface DecTtlCntIds {
  type: 'decTtlCntIds';
  /** Of controllers. */
  ids: readonly number[];
}

export const decTtlCntIds: Codec<DecTtlCntIds> = structure('nx_action_cnt_ids', {
  encode(writer, { ids }) {
    encodeCount(writer, 'ids', ids);
    writer.zeros(4);
    encodeItems(writer, 'ids', u16, ids);
  },
  decode(reader) {
    const count = reader.u16();
    reader.take(4);
    return { type: 'decTtlCntIds', ids: decodeItems(reader, 'ids', u16, count) };
  },
});

/** Segments, with the largest packet that fits everywhere. */

import { integer, type JsonSchemas, object, orNull, text } from './schema.ts';

export interface SegmentStatus {
  name: string;
  source: string;
  id: number;
  vlan: number | null;
  vni: number | null;
  /** The largest IP packet that guests of it can send everywhere; null: not limited by a tunnel. */
  mtu: number | null;
  /** Where that number comes from, in words. */
  mtuReason: string | null;
}

export const segmentSchemas: JsonSchemas = {
  SegmentStatus: object<SegmentStatus>({
    name: text,
    source: text,
    id: integer,
    vlan: orNull(integer),
    vni: orNull(integer),
    mtu: orNull(integer),
    mtuReason: orNull(text),
  }),
};

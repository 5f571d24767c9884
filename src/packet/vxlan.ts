/** The VXLAN header (RFC 7348 5). */

import { holds, putU24, u24 } from './bytes.ts';
import type { Fields } from './fields.ts';

export const VXLAN_PORT = 4789;

export interface VxlanHeader {
  vni: number;
  /** The first byte; 0x08: the VNI counts. */
  flags: number;
}

export interface Vxlan extends VxlanHeader {
  payloadOffset: number;
}

export type VxlanFields = Fields<VxlanHeader, 'vni'>;

export function parseVxlan(bytes: Uint8Array, offset = 0, end = bytes.length): Vxlan | undefined {
  if (!holds(bytes, offset, 8, end)) return undefined;
  return { vni: u24(bytes, offset + 4), flags: bytes[offset]!, payloadOffset: offset + 8 };
}

export function buildVxlan({ vni, flags = 0x08 }: VxlanFields, frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + frame.length);
  bytes[0] = flags;
  putU24(bytes, 4, vni);
  bytes.set(frame, 8);
  return bytes;
}

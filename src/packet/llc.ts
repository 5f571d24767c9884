/** The LLC header of 802.3 frames, and SNAP behind it (IEEE 802.2, IEEE 802 9.2). */

import { holds, joined, putU16, putU24, u16, u24 } from './bytes.ts';
import type { Fields } from './fields.ts';

const SNAP_ACCESS_POINT = 0xaa;
const UNNUMBERED = 3;

export interface Snap {
  oui: number;
  /** An EtherType where the OUI is 0. */
  protocol: number;
}

export interface LlcHeader {
  dsap: number;
  ssap: number;
  /** Its first byte is the lower one; there is no second where the lowest two bits are set. */
  control: number;
  snap?: Snap | undefined;
}

export interface Llc extends LlcHeader {
  payloadOffset: number;
}

/** With `snap`, its access points and control are the default. */
export type LlcFields = Fields<LlcHeader>;

export function parseLlc(bytes: Uint8Array, offset = 0, end = bytes.length): Llc | undefined {
  if (!holds(bytes, offset, 3, end)) return undefined;
  const [dsap, ssap, first] = [bytes[offset]!, bytes[offset + 1]!, bytes[offset + 2]!];
  if ((first & UNNUMBERED) !== UNNUMBERED) {
    if (end - offset < 4) return undefined;
    return { dsap, ssap, control: first | (bytes[offset + 3]! << 8), payloadOffset: offset + 4 };
  }
  const isSnap = dsap === SNAP_ACCESS_POINT && ssap === SNAP_ACCESS_POINT && first === UNNUMBERED;
  if (!isSnap || end - offset < 8) return { dsap, ssap, control: first, payloadOffset: offset + 3 };
  const snap = { oui: u24(bytes, offset + 3), protocol: u16(bytes, offset + 6) };
  return { dsap, ssap, control: first, snap, payloadOffset: offset + 8 };
}

export function buildLlc({ dsap, ssap, control = UNNUMBERED, snap }: LlcFields, payload: Uint8Array): Uint8Array {
  const usual = snap === undefined ? 0 : SNAP_ACCESS_POINT;
  const controlBytes = (control & UNNUMBERED) === UNNUMBERED ? [control] : [control, control >>> 8];
  return joined(Uint8Array.of(dsap ?? usual, ssap ?? usual, ...controlBytes), snapBytes(snap), payload);
}

function snapBytes(snap: Snap | undefined): Uint8Array {
  if (snap === undefined) return new Uint8Array(0);
  const bytes = new Uint8Array(5);
  putU24(bytes, 0, snap.oui);
  putU16(bytes, 3, snap.protocol);
  return bytes;
}

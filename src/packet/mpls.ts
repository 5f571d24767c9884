/** The label stack of MPLS (RFC 3032 2.1, RFC 5462). */

import { holds, putU32, u32 } from './bytes.ts';
import type { Fields } from './fields.ts';

export interface MplsLabel {
  label: number;
  trafficClass: number;
  /** Set in the last one only. */
  bottomOfStack: boolean;
  ttl: number;
}

export type MplsFields = Fields<MplsLabel, 'label'>;

/** Outermost first, 4 bytes each, up to the bottom or as far as the bytes go; undefined where there is not even one. */
export function parseMpls(bytes: Uint8Array, offset = 0, end = bytes.length): MplsLabel[] | undefined {
  if (!holds(bytes, offset, 4, end)) return undefined;
  const labels: MplsLabel[] = [];
  for (let at = offset; at + 4 <= end; at += 4) {
    const word = u32(bytes, at);
    const bottomOfStack = (word & 0x100) !== 0;
    labels.push({ label: word >>> 12, trafficClass: (word >>> 9) & 7, bottomOfStack, ttl: word & 0xff });
    if (bottomOfStack) break;
  }
  return labels;
}

/** The stack and what it carries. */
export function buildMpls(labels: readonly MplsFields[], payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 * labels.length + payload.length);
  for (const [index, { label, trafficClass = 0, bottomOfStack, ttl = 64 }] of labels.entries()) {
    const bottom = (bottomOfStack ?? index === labels.length - 1) ? 0x100 : 0;
    putU32(bytes, 4 * index, ((label << 12) | (trafficClass << 9) | bottom | ttl) >>> 0);
  }
  bytes.set(payload, 4 * labels.length);
  return bytes;
}

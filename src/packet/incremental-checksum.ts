/** The Internet checksum kept right while words under it change (RFC 1624): one that was wrong stays as wrong as it was. */

import { putU16, u16 } from './bytes.ts';

function updated(sum: number, old: number, now: number): number {
  let total = (~sum & 0xffff) + (~old & 0xffff) + now;
  total = (total & 0xffff) + (total >>> 16);
  total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
}

/** The checksum at `sumAt` after 16 bits under it have become another value. */
export function update16(bytes: Uint8Array, sumAt: number, old: number, now: number): void {
  putU16(bytes, sumAt, updated(u16(bytes, sumAt), old, now));
}

export function update32(bytes: Uint8Array, sumAt: number, old: number, now: number): void {
  const half = updated(u16(bytes, sumAt), old >>> 16, now >>> 16);
  putU16(bytes, sumAt, updated(half, old & 0xffff, now & 0xffff));
}

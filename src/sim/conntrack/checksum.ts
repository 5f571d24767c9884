/** Checksums of a frame's transport (RFC 1071) and their change in place (RFC 1624). */

import { putU16, u16 } from '../../packet/bytes.ts';
import { checksum } from '../../packet/checksum.ts';
import { update16 } from '../../packet/incremental-checksum.ts';

/** 0 where the bytes of `l4` … `end` hold their right checksum, the pseudo header of RFC 768 or RFC 8200 included. */
export function transportChecksumAt(
  frame: Uint8Array,
  l3: number,
  ethType: number,
  protocol: number,
  l4: number,
  end: number,
): number {
  // Addresses, the length and the protocol, added up as words of 16 bits.
  let sum = protocol + (end - l4);
  const [start, stop] = ethType === 0x0800 ? [l3 + 12, l3 + 20] : [l3 + 8, l3 + 40];
  for (let at = start; at < stop; at += 2) sum += u16(frame, at);
  sum += ~checksum(frame, l4, end) & 0xffff;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The 16 bits at `at` become `value`, and the checksum at `checksumAt` follows; below 0: there is none. */
export function replace16(frame: Uint8Array, at: number, value: number, checksumAt: number): void {
  if (checksumAt >= 0) update16(frame, checksumAt, u16(frame, at), value);
  putU16(frame, at, value);
}

/** UDP's 0 means "none", so a sum of 0 is sent as its other form (RFC 768). */
export function avoidZero(frame: Uint8Array, checksumAt: number): void {
  if (u16(frame, checksumAt) === 0) putU16(frame, checksumAt, 0xffff);
}

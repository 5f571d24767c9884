/** What a host answers to a frame: the same connection from its other side, its checksums right where they were. */

import { putU16, u16 } from '../../src/packet/bytes.ts';

/** Undefined: nobody answers that. */
export function answerTo(frame: Uint8Array): Uint8Array | undefined {
  const bytes = Uint8Array.from(frame);
  swap(bytes, 0, 6, 6);
  let at = 12;
  while (at + 4 <= bytes.length && (u16(bytes, at) === 0x8100 || u16(bytes, at) === 0x88a8)) at += 4;
  if (at + 2 > bytes.length) return undefined;
  const network = at + 2;
  switch (u16(bytes, at)) {
    case 0x0800: {
      if (bytes.length < network + 28) return undefined;
      const length = (bytes[network]! & 0xf) * 4;
      swap(bytes, network + 12, network + 16, 4);
      return (u16(bytes, network + 6) & 0x1fff) === 0
        ? answerInside(bytes, network + length, bytes[network + 9]!)
        : bytes;
    }
    case 0x86dd:
      if (bytes.length < network + 48) return undefined;
      swap(bytes, network + 8, network + 24, 16);
      return answerInside(bytes, network + 40, bytes[network + 6]!);
    default:
      return undefined;
  }
}

function answerInside(bytes: Uint8Array, at: number, proto: number): Uint8Array | undefined {
  if (proto === 6 && bytes.length >= at + 20) {
    swap(bytes, at, at + 2, 2);
    const flags = bytes[at + 13]!;
    // SYN → SYN, ACK; anything else → ACK.
    const answered = (flags & 2) !== 0 ? 0x12 : 0x10;
    change(bytes, at + 16, at + 12, (bytes[at + 12]! << 8) | answered);
  } else if ((proto === 17 || proto === 132) && bytes.length >= at + 8) swap(bytes, at, at + 2, 2);
  else if (proto === 1 && bytes[at] === 8) change(bytes, at + 2, at, bytes[at + 1]!);
  else if (proto === 58 && bytes[at] === 128) change(bytes, at + 2, at, (129 << 8) | bytes[at + 1]!);
  else return undefined;
  return bytes;
}

/** Writes 16 bits, and what they change in the checksum (RFC 1624). */
function change(bytes: Uint8Array, checksumAt: number, at: number, value: number): void {
  let sum = (~u16(bytes, checksumAt) & 0xffff) + (~u16(bytes, at) & 0xffff) + value;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  putU16(bytes, at, value);
  putU16(bytes, checksumAt, ~sum & 0xffff);
}

function swap(bytes: Uint8Array, one: number, other: number, length: number): void {
  const first = bytes.slice(one, one + length);
  bytes.copyWithin(one, other, other + length);
  bytes.set(first, other);
}

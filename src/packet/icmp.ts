/** ICMP messages (RFC 792). */

import { putU16, putU32, u16, u32 } from './bytes.ts';
import { checksum } from './checksum.ts';

export const ICMP_TYPE = { echoReply: 0, unreachable: 3, echoRequest: 8, timeExceeded: 11 } as const;

export interface Icmp {
  type: number;
  code: number;
  /** The second word: identifier and sequence number of an echo, next-hop MTU of "fragmentation needed". */
  rest: number;
}

export interface ParsedIcmp extends Icmp {
  /** Over the bytes up to `end`; wrong as well where the packet was cut. */
  checksumOk: boolean;
  payloadOffset: number;
}

export function parseIcmp(bytes: Uint8Array, offset = 0, end = bytes.length): ParsedIcmp | undefined {
  if (offset < 0 || end > bytes.length || end - offset < 8) return undefined;
  return {
    type: bytes[offset]!,
    code: bytes[offset + 1]!,
    rest: u32(bytes, offset + 4),
    checksumOk: checksum(bytes, offset, end) === 0,
    payloadOffset: offset + 8,
  };
}

/** Identifier and sequence number of an echo request or reply. */
export function parseEcho(bytes: Uint8Array, offset: number): { identifier: number; sequence: number } | undefined {
  if (offset < 0 || bytes.length < offset + 8) return undefined;
  return { identifier: u16(bytes, offset + 4), sequence: u16(bytes, offset + 6) };
}

export function buildIcmp({ type, code, rest }: Icmp, payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(8 + payload.length);
  message[0] = type;
  message[1] = code;
  putU32(message, 4, rest);
  message.set(payload, 8);
  putU16(message, 2, checksum(message));
  return message;
}

export function buildEcho(
  type: 'request' | 'reply',
  identifier: number,
  sequence: number,
  data: Uint8Array,
): Uint8Array {
  const rest = ((identifier << 16) | sequence) >>> 0;
  return buildIcmp({ type: type === 'request' ? ICMP_TYPE.echoRequest : ICMP_TYPE.echoReply, code: 0, rest }, data);
}

/** ICMP messages (RFC 792). */

import { holds, putU16, putU32, u16, u32 } from './bytes.ts';
import { checksum } from './checksum.ts';
import type { Fields } from './fields.ts';

export const ICMP_TYPE = {
  echoReply: 0,
  unreachable: 3,
  sourceQuench: 4,
  redirect: 5,
  echoRequest: 8,
  timeExceeded: 11,
  parameterProblem: 12,
} as const;

/** Queries and their answers, which have an identifier and a sequence number; all others are errors or unknown. */
export const ICMP_QUERIES: ReadonlySet<number> = new Set([
  ICMP_TYPE.echoReply,
  ICMP_TYPE.echoRequest,
  13,
  14,
  15,
  16,
  17,
  18,
]);
/** Errors, which quote the packet that they are about. */
export const ICMP_ERRORS: ReadonlySet<number> = new Set([
  ICMP_TYPE.unreachable,
  ICMP_TYPE.sourceQuench,
  ICMP_TYPE.redirect,
  ICMP_TYPE.timeExceeded,
  ICMP_TYPE.parameterProblem,
]);

export interface Icmp {
  type: number;
  code: number;
  /** The second word: identifier and sequence number of an echo, next-hop MTU of "fragmentation needed". */
  rest: number;
}

export interface IcmpHeader extends Icmp {
  checksum: number;
  /** The halves of `rest`, where the type is that of a query; for a builder, where they are given, they are its halves. */
  identifier?: number | undefined;
  sequence?: number | undefined;
}

export type IcmpFields = Fields<IcmpHeader, 'type'>;

export interface ParsedIcmp extends IcmpHeader {
  /** Over the bytes up to `end`; wrong as well where the packet was cut. */
  checksumOk: boolean;
  payloadOffset: number;
}

export function parseIcmp(bytes: Uint8Array, offset = 0, end = bytes.length): ParsedIcmp | undefined {
  if (!holds(bytes, offset, 8, end)) return undefined;
  const type = bytes[offset]!;
  return {
    type,
    code: bytes[offset + 1]!,
    rest: u32(bytes, offset + 4),
    checksum: u16(bytes, offset + 2),
    ...(ICMP_QUERIES.has(type) ? parseEcho(bytes, offset) : undefined),
    checksumOk: checksum(bytes, offset, end) === 0,
    payloadOffset: offset + 8,
  };
}

/** Identifier and sequence number of an echo request or reply. */
export function parseEcho(bytes: Uint8Array, offset: number): { identifier: number; sequence: number } | undefined {
  if (!holds(bytes, offset, 8)) return undefined;
  return { identifier: u16(bytes, offset + 4), sequence: u16(bytes, offset + 6) };
}

/** The second word of a message of ICMP or ICMPv6. */
export function putRest(
  message: Uint8Array,
  { rest, identifier, sequence }: Pick<IcmpFields, 'rest' | 'identifier' | 'sequence'>,
): void {
  putU32(message, 4, rest ?? 0);
  if (identifier !== undefined) putU16(message, 4, identifier);
  if (sequence !== undefined) putU16(message, 6, sequence);
}

export function buildIcmp(fields: IcmpFields, payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(8 + payload.length);
  message[0] = fields.type;
  message[1] = fields.code ?? 0;
  putRest(message, fields);
  message.set(payload, 8);
  putU16(message, 2, fields.checksum ?? checksum(message));
  return message;
}

export function buildEcho(
  type: 'request' | 'reply',
  identifier: number,
  sequence: number,
  data: Uint8Array,
): Uint8Array {
  const echo = type === 'request' ? ICMP_TYPE.echoRequest : ICMP_TYPE.echoReply;
  return buildIcmp({ type: echo, identifier, sequence }, data);
}

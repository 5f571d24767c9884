/** ICMPv6 messages (RFC 4443), neighbour discovery among them (RFC 4861). */

import { holds, putU16, u16, u32 } from './bytes.ts';
import { transportChecksum } from './checksum.ts';
import type { Fields } from './fields.ts';
import { parseEcho, putRest } from './icmp.ts';
import { IP_PROTOCOL } from './ipv4.ts';
import {
  buildNeighborDiscovery,
  type NeighborDiscovery,
  neighborDiscoveryWord,
  parseNeighborDiscovery,
} from './neighbor-discovery.ts';

export const ICMPV6_TYPE = {
  unreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
} as const;

/** Errors, which quote the packet that they are about. */
export const ICMPV6_ERRORS: ReadonlySet<number> = new Set([
  ICMPV6_TYPE.unreachable,
  ICMPV6_TYPE.packetTooBig,
  ICMPV6_TYPE.timeExceeded,
  ICMPV6_TYPE.parameterProblem,
]);

export interface Icmpv6Header {
  type: number;
  code: number;
  /** The second word: identifier and sequence number of an echo, the MTU of "packet too big", flags of an advertisement. */
  rest: number;
  checksum: number;
  /** The halves of `rest` of an echo; for a builder, where they are given, they are its halves. */
  identifier?: number | undefined;
  sequence?: number | undefined;
  /** Where it is of neighbour discovery, and sound; what it says goes before `rest` in a builder. */
  nd?: NeighborDiscovery | undefined;
}

export interface Icmpv6 extends Icmpv6Header {
  payloadOffset: number;
}

export type Icmpv6Fields = Omit<Fields<Icmpv6Header, 'type'>, 'nd'> & {
  nd?: Fields<NeighborDiscovery> | undefined;
};

export function parseIcmpv6(bytes: Uint8Array, offset = 0, end = bytes.length): Icmpv6 | undefined {
  if (!holds(bytes, offset, 8, end)) return undefined;
  const type = bytes[offset]!;
  const echo = type === ICMPV6_TYPE.echoRequest || type === ICMPV6_TYPE.echoReply;
  const nd = parseNeighborDiscovery(bytes, offset, end);
  return {
    type,
    code: bytes[offset + 1]!,
    rest: u32(bytes, offset + 4),
    checksum: u16(bytes, offset + 2),
    ...(echo ? parseEcho(bytes, offset) : undefined),
    ...(nd && { nd }),
    payloadOffset: nd === undefined ? offset + 8 : end,
  };
}

/** `src` and `dst`: of the packet that will carry it; `dst` the final one. */
export function buildIcmpv6(fields: Icmpv6Fields & { src: string; dst: string }, payload: Uint8Array): Uint8Array {
  const { src, dst, type, nd } = fields;
  const body = nd === undefined ? payload : buildNeighborDiscovery(type, nd);
  if (nd !== undefined && payload.length > 0) throw new TypeError('neighbour discovery has options, and no payload');
  const message = new Uint8Array(8 + body.length);
  message[0] = type;
  message[1] = fields.code ?? 0;
  const rest = nd === undefined ? fields.rest : neighborDiscoveryWord(type, nd, fields.rest ?? 0);
  putRest(message, { ...fields, rest });
  message.set(body, 8);
  putU16(message, 2, fields.checksum ?? transportChecksum(src, dst, IP_PROTOCOL.icmpv6, message));
  return message;
}

/** Connections of ICMP and ICMPv6 queries (RFC 792, RFC 4443): established once the answer came. */

import type { Connection } from './connection.ts';
import { TIMEOUT } from './timeouts.ts';
import { VERDICT, type Verdict } from './verdict.ts';

const REPLIED = 1;

/** Echo, timestamp and information, request and reply by turns. */
export const ICMP_QUERIES: ReadonlyMap<number, number> = new Map([
  [8, 0],
  [0, 8],
  [13, 14],
  [14, 13],
  [15, 16],
  [16, 15],
]);
/** Unreachable, source quench, redirect, time exceeded, parameter problem. */
export const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

export const ICMPV6_QUERIES: ReadonlyMap<number, number> = new Map([
  [128, 129],
  [129, 128],
]);
/** Unreachable, packet too big, time exceeded, parameter problem. */
export const ICMPV6_ERRORS: ReadonlySet<number> = new Set([1, 2, 3, 4]);

/** The type that answers a query of the type, 0 where it is none. */
export function answerTo(ethType: number, type: number): number {
  return (ethType === 0x0800 ? ICMP_QUERIES : ICMPV6_QUERIES).get(type) ?? 0;
}

/** Only a request may begin a connection; ICMP in IPv6 or ICMPv6 in IPv4 may, too, and has no identifiers then. */
export function beginsIcmp(protocol: number, type: number | undefined): boolean {
  return protocol === 1 ? type === 8 || type === 13 || type === 15 : type === 128;
}

export function updateIcmp(connection: Connection, reply: boolean, now: number): Verdict {
  if (reply) connection.phase = REPLIED;
  const replied = connection.phase === REPLIED;
  connection.expires = now + (replied ? TIMEOUT.icmpReply : TIMEOUT.icmpFirst);
  return replied ? VERDICT.valid : VERDICT.stillNew;
}

/** What a punted packet was when it came in, before the router's NAT, by what conntrack says of its connection. */

import { type AppDatapath, IP_PROTOCOL, type Match, type PacketInEvent, readdress } from '../../src/index.ts';
import type { SiteRouter } from './site.ts';

/** A packet-in, or what an app keeps of one. */
export type Punted = Pick<PacketInEvent, 'data' | 'inPort' | 'match'>;

export interface AsSent {
  frame: Uint8Array;
  /** What goes back to its sender has to cross this zone of conntrack, which translates it as the connection is. */
  zone: number | undefined;
}

/** Bits of ct_state (ovs-fields(7)). */
const RELATED = 0x04;
const REPLY = 0x08;
const SOURCE = 0x40;
const DESTINATION = 0x80;

export function asSent(dp: AppDatapath, { data, match }: Punted, router: SiteRouter | undefined): AsSent {
  const state = stateOf(match);
  if (router?.stateful !== true || (state & RELATED) !== 0) return { frame: data, zone: undefined };
  const second = dp.ctZone(`snat ${router.name}`);
  if ((state & REPLY) === 0) {
    // The tuple is of the zone that the packet crossed last: what the one before did is undone on the way back.
    const first = dp.read(match, 'router.trackedState') ?? 0;
    const isTwice = match.ctZone === second && (first & DESTINATION) !== 0;
    return { frame: readdress(data, originalOf(match)), zone: isTwice ? router.number : undefined };
  }
  // Of a reply conntrack tells how the request was. The switch does to what answers it what it does to the connection's other
  // packets: in the first zone where that one has translated it (`dnat` of the request), else in the second.
  return { frame: data, zone: (state & SOURCE) === 0 ? second : router.number };
}

function stateOf({ ctState = 0 }: Match): number {
  return typeof ctState === 'number' ? ctState : ctState.value;
}

function originalOf(match: Match): Parameters<typeof readdress>[1] {
  const { ctNwSrc, ctNwDst, ctIpv6Src, ctIpv6Dst, ctNwProto, ctTpSrc, ctTpDst } = match;
  const src = ctNwSrc ?? ctIpv6Src;
  const dst = ctNwDst ?? ctIpv6Dst;
  if (typeof src !== 'string' || typeof dst !== 'string') return {};
  const hasPorts = ctNwProto === IP_PROTOCOL.tcp || ctNwProto === IP_PROTOCOL.udp;
  if (!hasPorts || typeof ctTpSrc !== 'number' || typeof ctTpDst !== 'number') return { src, dst };
  return { src, dst, srcPort: ctTpSrc, dstPort: ctTpDst };
}

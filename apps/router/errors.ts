/** What a router tells the senders of packets that it does not pass on: ICMP errors and resets, within limits of their rate. */

import {
  type AppAction,
  type AppDatapath,
  addressOf,
  ct,
  dissect,
  type IcmpErrorKind,
  icmpError,
  overlaps,
  readdress,
  resubmit,
  set,
  type Timers,
  tcpReset,
} from '../../src/index.ts';
import type { Destinations } from '../nat/services.ts';
import { asSent, type Punted } from './as-sent.ts';
import { type IsKnown, nextHopTo, towards } from './next-hop.ts';
import type { Rejected } from './services.ts';
import type { SiteInterface, SiteRouter } from './site.ts';
import { createTokenBucket, createTokenBuckets } from './token-bucket.ts';
import { FW } from './zone-numbers.ts';

/** RFC 4443 2.4(f): errors and resets to one sender, and to all. Senders are told apart up to a number. */
const PER_SENDER = { rate: 20, burst: 50 };
const IN_ALL = { rate: 500, burst: 500 };
const SENDERS = 4096;

export interface ErrorOptions {
  /** Of `too-big`. */
  mtu?: number;
  /** The router has taken one off its TTL already. */
  decremented?: boolean;
}

export interface Errors {
  /** About a packet that was punted before the stage `next-hop`. False: nothing is sent. */
  send(packet: Punted, kind: IcmpErrorKind, options?: ErrorOptions): boolean;
  /** About one that was punted there, and has lost where it came from: the error is routed. */
  sendRouted(packet: Punted, kind: IcmpErrorKind, options?: ErrorOptions): boolean;
  reject(rejected: Rejected): boolean;
}

export function createErrors(
  dp: AppDatapath,
  routers: () => SiteRouter[],
  timers: Timers,
  isKnown: IsKnown,
  destinations: () => Destinations | undefined,
  /** One was due that its sender, or all together, have had too many of. */
  suppressed: () => void,
): Errors {
  const bySender = createTokenBuckets(PER_SENDER, SENDERS, timers.now);
  const inAll = createTokenBucket(IN_ALL, timers.now);

  function routerOf({ match }: Punted): SiteRouter | undefined {
    const number = dp.read(match, 'router.number') ?? 0;
    return number === 0 ? undefined : routers().find((each) => each.number === number);
  }

  /** Of one to a public prefix, to the address that its sender knows. */
  function asAsked(frame: Uint8Array, { match }: Punted): Uint8Array {
    const { ipv6 } = dissect(frame);
    const dst = ipv6 && destinations()?.asked(match, ipv6.dst);
    return dst === undefined ? frame : readdress(frame, { dst });
  }

  /** The segment that it came from: routing has changed the other field. */
  function segmentOf({ match }: Punted, router: SiteRouter | undefined): number {
    return dp.read(match, router === undefined ? 'segment' : 'ingressSegment') ?? 0;
  }

  function mayGo(sender: string): boolean {
    const may = bySender.take(sender) && inAll.take();
    if (!may) suppressed();
    return may;
  }

  function answer(
    packet: Punted,
    kind: IcmpErrorKind | 'tcp-reset',
    { mtu, decremented }: ErrorOptions,
    way: (packet: Punted, place: Place) => AppAction[] | undefined,
  ): boolean {
    const router = routerOf(packet);
    const { frame: found, zone } = asSent(dp, packet, router);
    const before = asAsked(found, packet);
    const { eth, ipv4, ipv6, tcp } = dissect(before);
    const ip = ipv4 ?? ipv6;
    if (eth === undefined || ip === undefined) return false;
    const ttl = ipv4?.ttl ?? ipv6?.hopLimit ?? 0;
    const frame = decremented === true ? readdress(before, { ttl: Math.min(255, ttl + 1) }) : before;
    const segment = segmentOf(packet, router);
    const routerMac = router?.interfaces.find(({ id }) => id === segment)?.mac ?? router?.mac ?? eth.dst;
    const routerAddress = router === undefined ? ip.dst : addressFor(router, segment, ip);
    const place = way(packet, { router, segment, sender: ip.src });
    if (routerAddress === undefined || place === undefined) return false;
    const data =
      kind === 'tcp-reset' && tcp !== undefined
        ? tcpReset(frame, routerMac)
        : icmpError({ kind: kind === 'tcp-reset' ? 'port-unreachable' : kind, frame, routerMac, routerAddress, mtu });
    if (data === undefined || !mayGo(ip.src)) return false;
    const through = (stage: string) =>
      zone === undefined ? resubmit(stage) : ct({ zone, nat: 'follow', table: stage });
    dp.packetOut({ data, actions: [...place, through(way === back ? 'output' : 'next-hop')] });
    return true;
  }

  /** The way that the packet came: out of its port, or into its tunnel. */
  function back({ inPort, match }: Punted, { segment }: Place): AppAction[] {
    return set({ segment, outPort: inPort, tunnelPeer: dp.read(match, 'tunnelPeer') ?? 0 });
  }

  function routed(_: Punted, { router, sender }: Place): AppAction[] | undefined {
    const isItself = router?.self !== undefined && router.interfaces.some(({ own }) => own.includes(sender));
    if (isItself) return set({ 'router.number': router.number, egressZone: FW });
    const hop = router && nextHopTo(router, sender, isKnown);
    return router && hop && towards(router, hop);
  }

  return {
    send: (packet, kind, options = {}) => answer(packet, kind, options, back),
    sendRouted: (packet, kind, options = {}) => answer(packet, kind, options, routed),
    reject({ packet, kind }) {
      const { match } = packet;
      const isOwn = dp.read(match, 'egressZone') === FW || dp.read(match, 'ingressZone') === FW;
      const decremented = routerOf(packet) !== undefined && !isOwn;
      // Another router of the switch lies between, on the way back as well.
      return answer(packet, kind, { decremented }, dp.read(match, 'router.transit') === 1 ? routed : back);
    },
  };
}

/** Where a packet came from. */
interface Place {
  router: SiteRouter | undefined;
  /** Segment.id */
  segment: number;
  sender: string;
}

/** The router's own address where the packet was sent to it, else the one on the interface that it came in by. */
function addressFor(
  { interfaces }: SiteRouter,
  segment: number,
  { src, dst }: { src: string; dst: string },
): string | undefined {
  const isSameFamily = (address: string) => address.includes(':') === src.includes(':');
  const own = interfaces.find((each) => each.own.includes(dst));
  if (own !== undefined) return dst;
  const ingress = interfaces.find(({ id }) => id === segment);
  const ways = [ingress, ...interfaces].filter((each): each is SiteInterface => each !== undefined);
  const near = ingress?.addresses.find((prefix) => isSameFamily(addressOf(prefix)) && overlaps(prefix, src));
  return near === undefined ? ways.flatMap((each) => each.own).find(isSameFamily) : addressOf(near);
}

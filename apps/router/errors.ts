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
import { type AsSent, asSent, type Punted } from './as-sent.ts';
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
  reject(rejected: Rejected): boolean;
}

export function createErrors(
  dp: AppDatapath,
  routers: () => SiteRouter[],
  timers: Timers,
  /** One was due that its sender, or all together, have had too many of. */
  suppressed: () => void,
): Errors {
  const bySender = createTokenBuckets(PER_SENDER, SENDERS, timers.now);
  const inAll = createTokenBucket(IN_ALL, timers.now);

  function routerOf({ match }: Punted): SiteRouter | undefined {
    const number = dp.read(match, 'router.number') ?? 0;
    return number === 0 ? undefined : routers().find((each) => each.number === number);
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

  function answer(packet: Punted, kind: IcmpErrorKind | 'tcp-reset', { mtu, decremented }: ErrorOptions): boolean {
    const router = routerOf(packet);
    const before = asSent(dp, packet, router);
    const { eth, ipv4, ipv6, tcp } = dissect(before.frame);
    const ip = ipv4 ?? ipv6;
    if (eth === undefined || ip === undefined) return false;
    const ttl = ipv4?.ttl ?? ipv6?.hopLimit ?? 0;
    const frame = decremented === true ? readdress(before.frame, { ttl: Math.min(255, ttl + 1) }) : before.frame;
    const segment = segmentOf(packet, router);
    const mac = router?.mac ?? eth.dst;
    const routerAddress = router === undefined ? ip.dst : addressFor(router, segment, ip);
    const isReset = kind === 'tcp-reset' && tcp !== undefined;
    const icmp = kind === 'tcp-reset' ? 'port-unreachable' : kind;
    if (!isReset && routerAddress === undefined) return false;
    const data = isReset
      ? tcpReset(frame, mac)
      : icmpError({ kind: icmp, frame, routerMac: mac, routerAddress: routerAddress ?? '', mtu });
    if (data === undefined || !mayGo(ip.src)) return false;
    dp.packetOut({ data, actions: back(packet, segment, before) });
    return true;
  }

  /** The way that the packet came: out of its port, or into its tunnel. */
  function back({ inPort, match }: Punted, segment: number, { zone }: AsSent): AppAction[] {
    const place = set({ segment, outPort: inPort, tunnelPeer: dp.read(match, 'tunnelPeer') ?? 0 });
    return [...place, zone === undefined ? resubmit('output') : ct({ zone, nat: 'follow', table: 'output' })];
  }

  return {
    send: (packet, kind, options = {}) => answer(packet, kind, options),
    reject({ packet, kind }) {
      const decremented = routerOf(packet) !== undefined && dp.read(packet.match, 'egressZone') !== FW;
      return answer(packet, kind, { decremented });
    },
  };
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

/** What the switch sends to the app: packets of connections whose rule is gone, and such as found no address or port left. */

import {
  type AppDatapath,
  dissect,
  IP_PROTOCOL,
  overlaps,
  type PacketInEvent,
  type Tell,
  type Timers,
  type TrackedConnection,
} from '../../src/index.ts';
import type { NatSite, SiteRule } from './site.ts';

/** Seconds until the same is told of a rule again. */
const QUIET = 60;

/** Ends the connection in the zone where the packet was last: what follows begins anew, by the rules that stand. */
export function endStale(dp: Pick<AppDatapath, 'endConnection'>, { match, data }: PacketInEvent): void {
  const { ctZone, ctNwProto, ctTpSrc, ctTpDst } = match;
  const src = match.ctNwSrc ?? match.ctIpv6Src;
  const dst = match.ctNwDst ?? match.ctIpv6Dst;
  if (
    typeof ctZone !== 'number' ||
    typeof ctNwProto !== 'number' ||
    typeof src !== 'string' ||
    typeof dst !== 'string'
  ) {
    return;
  }
  const connection: TrackedConnection = { zone: ctZone, protocol: ctNwProto, src, dst };
  if (typeof ctTpSrc === 'number' && typeof ctTpDst === 'number') {
    if (ctNwProto === IP_PROTOCOL.icmp || ctNwProto === IP_PROTOCOL.icmpv6) {
      const { icmp, icmpv6 } = dissect(data);
      connection.icmp = { type: ctTpSrc, code: ctTpDst, id: (icmp ?? icmpv6)?.identifier ?? 0 };
    } else {
      connection.ports = [ctTpSrc, ctTpDst];
    }
  }
  dp.endConnection(connection);
}

/** Tells people of the rule that has nothing left; not of each packet. */
export function createExhausted(
  dp: Pick<AppDatapath, 'read'>,
  sites: () => readonly NatSite[],
  timers: Timers,
  tell: Tell,
): (packet: PacketInEvent) => void {
  const told = new Map<string, number>();
  return ({ data, match }) => {
    const { ipv4, ipv6, icmp, icmpv6 } = dissect(data);
    const ip = ipv4 ?? ipv6;
    if (ip === undefined) return;
    const segment = dp.read(match, 'segment');
    const number = dp.read(match, 'router.number');
    const site = sites().find((each) => each.number === number);
    const rule = site?.rules.find((each) => each.segment === segment && hasSource(each, ip.src));
    if (rule === undefined) return;
    const { text, source } = rule.intent;
    const now = timers.now();
    if (now - (told.get(text) ?? Number.NEGATIVE_INFINITY) < QUIET * 1000) return;
    told.set(text, now);
    const what =
      icmp !== undefined || icmpv6 !== undefined
        ? `another station pings ${ip.dst} with the same id`
        : `no port is left for ${ip.src} to ${ip.dst}`;
    tell('warn', `${text}: ${what}, so the packet was dropped`, { rule: text, source, src: ip.src, dst: ip.dst });
  };
}

function hasSource({ rule }: SiteRule, address: string): boolean {
  if (rule.kind === 'snat') return overlaps(rule.from, address);
  return rule.kind === 'one-to-one' && overlaps(rule.inside, address);
}

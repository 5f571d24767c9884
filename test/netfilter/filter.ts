/** What netfilter's filter says of a new connection: the first rule that matches decides, then the first policy. */

import { holds } from './address.ts';
import type { Sent } from './model.ts';
import type { Action, Log, Network, Packet, Rule, Side } from './network.ts';

export interface Judgement {
  action: Action;
  /** What of a connection that it accepts is counted still. */
  rule: Rule | undefined;
  /** Prefixes. */
  logged: string[];
}

/** Between which zones; undefined: of none. */
export interface FilteredWay {
  from: string | undefined;
  to: string | undefined;
  /** It goes back by the interface that it came in by, where that may be. */
  isRouteback: boolean;
  /** Limits of what is routed and of what stays on a segment are counted apart. */
  isBridged: boolean;
}

export interface Filter {
  judge(sent: Sent, forwarded: Packet, way: FilteredWay): Judgement;
  /** One more packet of a connection that the rule has let in. */
  isWithinLimit(rule: Rule, isBridged: boolean): boolean;
}

export function createFilter(network: Network, met: (what: string) => void): Filter {
  /** What limits have let pass. */
  const counts = new Map<Rule | Log, [routed: number, bridged: number]>();

  function count(of: Rule | Log, isBridged: boolean, most: number): boolean {
    const known = counts.get(of) ?? [0, 0];
    counts.set(of, known);
    const i = isBridged ? 1 : 0;
    if (known[i] >= most) return false;
    known[i]++;
    return true;
  }

  function logs(log: Log | undefined): string[] {
    if (log === undefined) return [];
    const isWithin = count(log, false, log.burst);
    if (!isWithin) met('a log beyond its limit');
    return isWithin ? [log.prefix] : [];
  }

  function isWithinLimit(rule: Rule, isBridged: boolean): boolean {
    if (rule.limit?.kind !== 'packets') return true;
    const isWithin = count(rule, isBridged, rule.limit.burst);
    if (!isWithin) met('a limit of packets that is exceeded');
    return isWithin;
  }

  return {
    isWithinLimit,
    judge(sent, forwarded, way) {
      const { isBridged, isRouteback } = way;
      if (network.firewall === undefined) return { action: 'accept', rule: undefined, logged: [] };
      for (const rule of network.firewall.rules) {
        if (!matches(rule, sent, forwarded, way)) continue;
        if (rule.limit?.kind === 'connections' && !count(rule, isBridged, rule.limit.burst)) {
          met('a limit of connections that is exceeded');
          continue;
        }
        met(`rule ${JSON.stringify(rule)}`);
        if (!isWithinLimit(rule, isBridged)) return { action: 'drop', rule: undefined, logged: [] };
        return { action: rule.action, rule, logged: logs(rule.log) };
      }
      if (isRouteback) {
        met('option routeback');
        return { action: 'accept', rule: undefined, logged: [] };
      }
      const policy = network.firewall.policy.find((each) => isZone(each.from, way.from) && isZone(each.to, way.to));
      met(policy === undefined ? 'no policy' : `policy ${JSON.stringify(policy)}`);
      return { action: policy?.action ?? 'drop', rule: undefined, logged: logs(policy?.log) };
    },
  };
}

const isZone = (wanted: string, zone: string | undefined) => wanted === 'all' || wanted === zone;

function matches(
  { from, to, service, over }: Rule,
  { size, isRequest }: Sent,
  packet: Packet,
  zones: FilteredWay,
): boolean {
  if (!isZone(from.zone, zones.from) || !isZone(to.zone, zones.to)) return false;
  if (!isIn(from, packet.src) || !isIn(to, packet.dst)) return false;
  if (over !== undefined && size <= over) return false;
  if (service === undefined) return true;
  return service.any.some(({ protocol, ports, echo }) => {
    if (protocol !== packet.protocol || (echo === true && !isRequest)) return false;
    return ports === undefined || ports.some(([first, last]) => first <= packet.dstPort && packet.dstPort <= last);
  });
}

function isIn({ prefixes }: Side, address: string): boolean {
  return prefixes === undefined || prefixes.some((prefix) => holds(prefix, address));
}

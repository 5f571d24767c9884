/** What netfilter's filter says of a new connection: the first rule that matches decides, then the first policy. */

import { holds } from './address.ts';
import type { Sent } from './model.ts';
import { type Action, interfaceOf, type Log, type Network, type Packet, type Rule, type Side } from './network.ts';

export interface Judgement {
  action: Action;
  /** What of a connection that it accepts is counted still. */
  rule: Rule | undefined;
  /** Prefixes. */
  logged: string[];
}

export interface Filter {
  /** `to`: an interface's name, or `fw`. */
  judge(sent: Sent, forwarded: Packet, to: string, arrival: string): Judgement;
  /** One more packet of a connection that the rule has let in. */
  isWithinLimit(rule: Rule): boolean;
}

export function createFilter(network: Network, met: (what: string) => void): Filter {
  /** What limits have let pass. */
  const passed = new Map<Rule, number>();
  const told = new Map<Log, number>();
  const zoneOf = (name: string) => (name === 'fw' ? 'fw' : interfaceOf(network, name).zone);

  function takes(rule: Rule): boolean {
    const count = (passed.get(rule) ?? 0) + 1;
    if (rule.limit === undefined || count > rule.limit.burst) return rule.limit === undefined;
    passed.set(rule, count);
    return true;
  }

  function logs(log: Log | undefined): string[] {
    if (log === undefined) return [];
    const count = (told.get(log) ?? 0) + 1;
    told.set(log, count);
    if (count > log.burst) met('a log beyond its limit');
    return count <= log.burst ? [log.prefix] : [];
  }

  function isWithinLimit(rule: Rule): boolean {
    if (rule.limit?.kind !== 'packets') return true;
    const isWithin = takes(rule);
    if (!isWithin) met('a limit of packets that is exceeded');
    return isWithin;
  }

  return {
    isWithinLimit,
    judge(sent, forwarded, to, arrival) {
      if (network.firewall === undefined) return { action: 'accept', rule: undefined, logged: [] };
      const zones = { from: zoneOf(arrival), to: zoneOf(to) };
      for (const rule of network.firewall.rules) {
        if (!matches(rule, sent, forwarded, zones)) continue;
        if (rule.limit?.kind === 'connections' && !takes(rule)) {
          met('a limit of connections that is exceeded');
          continue;
        }
        met(`rule ${JSON.stringify(rule)}`);
        if (!isWithinLimit(rule)) return { action: 'drop', rule: undefined, logged: [] };
        return { action: rule.action, rule, logged: logs(rule.log) };
      }
      if (to === arrival && interfaceOf(network, to).options.includes('routeback')) {
        met('option routeback');
        return { action: 'accept', rule: undefined, logged: [] };
      }
      const policy = network.firewall.policy.find((each) => isZone(each.from, zones.from) && isZone(each.to, zones.to));
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
  zones: { from: string | undefined; to: string | undefined },
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

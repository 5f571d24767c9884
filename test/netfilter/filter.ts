/** What netfilter's filter says of a new connection: the first rule that matches decides, then the first policy. */

import { holds } from './address.ts';
import type { Sent } from './connection.ts';
import type { Action, Log, Network, Packet, Policy, Rule, Side } from './network.ts';

export interface Judgement {
  action: Action;
  /** What of a connection that it accepts is counted still. */
  rule?: Rule | undefined;
  /** What has decided, and what above it refuses anything: while that stays, connections that it let in go on. */
  chain: string;
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
  /** As it would be judged; nothing is counted. */
  look(connection: { sent: Sent; forwarded: Packet; way: FilteredWay }): Pick<Judgement, 'action' | 'rule' | 'chain'>;
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

  /** `mayTake`: whether a rule's limit lets it decide. */
  function decide(sent: Sent, forwarded: Packet, way: FilteredWay, mayTake: (rule: Rule) => boolean): Decision {
    const { rules, policy } = network.firewall!;
    const denials: unknown[] = [];
    const decided = (decision: Omit<Decision, 'chain'>, content: unknown): Decision => ({
      ...decision,
      chain: JSON.stringify([content, denials]),
    });
    for (const rule of rules) {
      if (matches(rule, sent, forwarded, way) && mayTake(rule)) return decided({ action: rule.action, rule }, rule);
      if (rule.action !== 'accept') denials.push(rule);
    }
    if (way.isRouteback) return decided({ action: 'accept' }, 'routeback');
    for (const each of policy) {
      if (isZone(each.from, way.from) && isZone(each.to, way.to))
        return decided({ action: each.action, policy: each }, each);
      if (each.action !== 'accept') denials.push(each);
    }
    return decided({ action: 'drop' }, 'nothing');
  }

  return {
    isWithinLimit,
    look: ({ sent, forwarded, way }) => decide(sent, forwarded, way, () => true),
    judge(sent, forwarded, way) {
      const { isBridged } = way;
      if (network.firewall === undefined) return { action: 'accept', rule: undefined, chain: '', logged: [] };
      const decision = decide(sent, forwarded, way, (rule) => {
        const isFree = rule.limit?.kind !== 'connections' || count(rule, isBridged, rule.limit.burst);
        if (!isFree) met('a limit of connections that is exceeded');
        return isFree;
      });
      const { action, rule, policy, chain } = decision;
      if (rule !== undefined) met(`rule ${JSON.stringify(rule)}`);
      else if (policy !== undefined) met(`policy ${JSON.stringify(policy)}`);
      else met(action === 'accept' ? 'option routeback' : 'no policy');
      if (rule !== undefined && !isWithinLimit(rule, isBridged))
        return { action: 'drop', rule: undefined, chain, logged: [] };
      return { action, rule, chain, logged: logs((rule ?? policy)?.log) };
    },
  };
}

type Decision = Pick<Judgement, 'action' | 'chain'> & { rule?: Rule; policy?: Policy };

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

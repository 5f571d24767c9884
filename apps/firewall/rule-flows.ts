/** What a rule or policy of the firewall becomes in a switch: its verdict, and what passes because of it. */

import {
  type AppFlow,
  type AppMatch,
  actions,
  ct,
  ctState,
  drop,
  ETHER_TYPE,
  type Firewall,
  type FirewallPolicy,
  type FirewallRule,
  flow,
  type Intent,
  IP_PROTOCOL,
  inPrefix,
  next,
  type Service,
  set,
} from '../../src/index.ts';

export type Flows = [key: string, flow: AppFlow][];

const ESTABLISHED = 60_000;
const STRAY = 50_000;
/** Both excluded. */
export const RULES = { above: 20_000, below: STRAY };
export const POLICIES = { above: 1, below: 20_001 };

export interface FilteredRouter {
  name: string;
  /** Its number, and that of its ct zone. */
  zone: number;
}

const ONWARD = actions(next());

export function verdictFlows(
  text: string,
  item: FirewallRule | FirewallPolicy,
  { name, zone }: FilteredRouter,
  priority: number,
  id: number,
  intent: Intent,
): Flows {
  const ip: AppMatch = { ethType: ETHER_TYPE.ipv4, 'router.number': zone };
  const matches = 'service' in item ? ruleMatches(item, ip) : [{ ...ip, ...zonesOf(item) }];
  const mark = set({ 'firewall.allowed': 1, 'firewall.rule': id });
  const accepted = item.action === 'accept';
  const verdict = accepted ? [ct({ zone, commit: true, set: mark, table: 'next' })] : drop();
  const flows = matches.map((match, i): Flows[number] => [
    `${name} ${text} ${i}`,
    flow({ priority, match, actions: verdict, intent }),
  ]);
  if (!accepted) return flows;
  const match = { ...ip, ctState: ctState('+trk-inv'), 'firewall.allowed': 1, 'firewall.rule': id };
  return [...flows, [`${name} ${text} established`, { priority: ESTABLISHED, match, actions: ONWARD, intent }]];
}

/** What belongs to a connection that no rule allows any more, and what no policy names. */
export function restFlows({ source }: Firewall, { name: router, zone }: FilteredRouter): Flows {
  const ip: AppMatch = { ethType: ETHER_TYPE.ipv4, 'router.number': zone };
  const stray = (what: string, state: string): Flows[number] => [
    `${router}, ${what}`,
    flow({
      priority: STRAY,
      match: { ...ip, ctState: ctState(state) },
      actions: drop(),
      intent: { text: `${what} of connections that no rule allows`, source },
    }),
  ];
  const intent = { text: 'what no policy names is dropped', source };
  return [
    stray('replies', '+rpl+trk'),
    stray('related', '+rel+trk'),
    [`${router}, rest`, flow({ priority: 1, match: ip, actions: drop(), intent })],
  ];
}

function zonesOf({ from, to }: Pick<FirewallRule, 'from' | 'to'>): AppMatch {
  return {
    ...(from === undefined ? {} : { ingressZone: from.number }),
    ...(to === undefined ? {} : { egressZone: to.number }),
  };
}

function ruleMatches(rule: FirewallRule, ip: AppMatch): AppMatch[] {
  const base: AppMatch = {
    ...ip,
    ...zonesOf(rule),
    ...(rule.fromAddress === undefined ? {} : { ipv4Src: inPrefix(rule.fromAddress) }),
    ...(rule.toAddress === undefined ? {} : { ipv4Dst: inPrefix(rule.toAddress) }),
  };
  return (rule.service ?? [undefined]).map((service) => ({ ...base, ...serviceMatch(service) }));
}

function serviceMatch(service: Service | undefined): AppMatch {
  if (service === undefined) return {};
  const match: AppMatch = { ipProto: IP_PROTOCOL[service.protocol] };
  if (service.protocol === 'tcp' && service.port !== undefined) match.tcpDst = service.port;
  if (service.protocol === 'udp' && service.port !== undefined) match.udpDst = service.port;
  if (service.protocol === 'icmp' && service.icmpType !== undefined) match.icmpv4Type = service.icmpType;
  return match;
}

/**
 * Zones, policies and rules, stateful. What a rule accepts is committed with the rule's number in ct_label; its packets
 * pass as long as a flow for that number stands. So a rule that goes ends just the connections that it allowed.
 */

import {
  type AppFlow,
  type AppMatch,
  actions,
  type Config,
  ct,
  ctState,
  defineApp,
  drop,
  ETHER_TYPE,
  type Firewall,
  type FirewallPolicy,
  type FirewallRule,
  flow,
  hash32,
  IP_PROTOCOL,
  inPrefix,
  next,
  type Service,
  set,
} from '../../src/index.ts';

type Flows = [key: string, flow: AppFlow][];

const ESTABLISHED = 60_000;
const STRAY = 50_000;
/** One priority per rule, falling: there is room for 20,000 rules above the policies. */
const FIRST_RULE = 40_000;
const FIRST_POLICY = 20_000;

export default defineApp({
  name: 'firewall',
  tables: { filter: { stage: 'firewall' } },
  fields: {
    allowed: { bits: 1, in: 'ctMark', text: '1: a rule let the connection in' },
    rule: { bits: 32, in: 'ctLabel', text: 'Number of the rule that let the connection in' },
  },
  uses: ['router.number'],
  attach({ dp, network }) {
    function update(config: Config | undefined): void {
      const routers = (config?.routers ?? []).filter(({ host, bridge }) => host === dp.host && bridge === dp.bridge);
      const { firewall } = config ?? {};
      dp.flows.filter.replace(
        firewall === undefined
          ? []
          : routers.flatMap(({ name }) => filterFlows(firewall, name, dp.ctZone(`router ${name}`))),
      );
    }

    update(network);
    return { networkChanged: update };
  },
});

function filterFlows(firewall: Firewall, router: string, zone: number): Flows {
  const ip: AppMatch = { ethType: ETHER_TYPE.ipv4, 'router.number': zone };
  const flows: Flows = [];
  const ids = new Set<number>();
  /** A drop above an accept gives that accept a new number: its connections are judged again. */
  let drops = '';

  function verdict(key: string, item: FirewallRule | FirewallPolicy, priority: number, matches: AppMatch[]): void {
    const intent = { text: item.text, source: item.source };
    if (item.action === 'drop') drops += `\n${item.text}`;
    const id = ruleNumber(`${item.text}${drops}`, ids);
    const accept = [
      ct({ zone, commit: true, set: set({ 'firewall.allowed': 1, 'firewall.rule': id }), table: 'next' }),
    ];
    for (const [index, match] of matches.entries()) {
      flows.push([
        `${key} ${index}`,
        flow({ priority, match: { ...ip, ...match }, actions: item.action === 'accept' ? accept : drop(), intent }),
      ]);
    }
    if (item.action !== 'accept') return;
    flows.push([
      `${key} established`,
      flow({
        priority: ESTABLISHED,
        match: { ...ip, ctState: ctState('+trk-inv'), 'firewall.allowed': 1, 'firewall.rule': id },
        actions: actions(next()),
        intent,
      }),
    ]);
  }

  for (const [index, rule] of firewall.rules.entries()) {
    verdict(`${router} rule ${index}`, rule, FIRST_RULE - index, ruleMatches(rule));
  }
  for (const [index, policy] of firewall.policy.entries()) {
    verdict(`${router} policy ${index}`, policy, FIRST_POLICY - index, [zonesOf(policy)]);
  }
  for (const [name, state] of [
    ['replies', '+rpl+trk'],
    ['related', '+rel+trk'],
  ] as const) {
    flows.push([
      `${router} ${name}`,
      flow({
        priority: STRAY,
        match: { ...ip, ctState: ctState(state) },
        actions: drop(),
        intent: { text: `${name} of connections that no rule allows`, source: firewall.source },
      }),
    ]);
  }
  flows.push([
    `${router} rest`,
    flow({
      priority: 1,
      match: ip,
      actions: drop(),
      intent: { text: 'what no policy names is dropped', source: firewall.source },
    }),
  ]);
  return flows;
}

/** 32 bits that follow from the rule's content; two that are alike get different ones, in their order. */
function ruleNumber(content: string, taken: Set<number>): number {
  let id = hash32(content);
  while (id === 0 || taken.has(id)) id = (id + 1) >>> 0;
  taken.add(id);
  return id;
}

function zonesOf({ from, to }: Pick<FirewallRule, 'from' | 'to'>): AppMatch {
  return {
    ...(from === undefined ? {} : { ingressZone: from.number }),
    ...(to === undefined ? {} : { egressZone: to.number }),
  };
}

function ruleMatches(rule: FirewallRule): AppMatch[] {
  const base: AppMatch = {
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

/** The flows of one router's firewall: a verdict for each rule and policy, and what it has let in. */

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
  hash32,
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

/** Priorities, one for each rule and each policy. */
export interface Priorities {
  rules: number[];
  policies: number[];
}

/** A rule or policy on one router, and the flows that it became. */
interface Verdict {
  item: FirewallRule | FirewallPolicy;
  zone: number;
  priority: number;
  id: number;
  /** What its id follows from, besides its text. */
  drops: string;
  flows: Flows;
}

export interface Verdicts {
  /** All flows of the routers; those of a rule that stays as it was are the same objects as before. */
  flows(firewall: Firewall, routers: readonly FilteredRouter[], priorities: Priorities): Flows;
}

/** Of 10,000 rules one changes at a time: what the others became is kept by router and text. */
export function createVerdicts(): Verdicts {
  let known = new Map<string, Map<string, Verdict>>();

  function routerFlows(firewall: Firewall, router: FilteredRouter, { rules, policies }: Priorities) {
    const before = known.get(router.name);
    const verdicts = new Map<string, Verdict>();
    const numbers = createRuleNumbers();
    const flows: Flows = [];

    function add(item: FirewallRule | FirewallPolicy, priority: number): void {
      let key = item.text;
      for (let same = 2; verdicts.has(key); same++) key = `${item.text} (${same})`;
      const standing = before?.get(key);
      const { id, drops } = numbers.of(item, standing);
      const own =
        standing !== undefined && isSame(standing, item, router.zone, priority, id)
          ? withSource(standing, item)
          : verdictFlows(key, item, router, priority, id);
      const verdict = { item, zone: router.zone, priority, id, drops, flows: own };
      verdicts.set(key, verdict);
      for (const flow of verdict.flows) flows.push(flow);
    }

    for (const [i, rule] of firewall.rules.entries()) add(rule, rules[i]!);
    for (const [i, policy] of firewall.policy.entries()) add(policy, policies[i]!);
    flows.push(...restFlows(firewall, router));
    return { flows, verdicts };
  }

  return {
    flows(firewall, routers, priorities) {
      const fresh = routers.map((router) => ({ router, ...routerFlows(firewall, router, priorities) }));
      known = new Map(fresh.map(({ router, verdicts }) => [router.name, verdicts]));
      return fresh.flatMap(({ flows }) => flows);
    },
  };
}

function isSame(
  standing: Verdict,
  item: FirewallRule | FirewallPolicy,
  zone: number,
  priority: number,
  id: number,
): boolean {
  const old = standing.item;
  if (standing.zone !== zone || standing.priority !== priority || standing.id !== id) return false;
  if (old.action !== item.action) return false;
  if (old.from?.number !== item.from?.number || old.to?.number !== item.to?.number) return false;
  if (!('service' in old) || !('service' in item)) return 'service' in old === 'service' in item;
  // Its addresses stand in its text; what its service means may stand elsewhere.
  return sameServices(old.service, item.service);
}

function sameServices(a: readonly Service[] = [], b: readonly Service[] = []): boolean {
  if (a.length !== b.length) return false;
  return a.every((service, i) => {
    const { protocol, port, icmpType } = b[i]!;
    return service.protocol === protocol && service.port === port && service.icmpType === icmpType;
  });
}

/** The same flows, at another line. */
function withSource({ item, flows }: Verdict, { text, source }: FirewallRule | FirewallPolicy): Flows {
  if (item.source === source) return flows;
  const intent = { text, source };
  return flows.map(([key, flow]) => [key, { ...flow, intent }]);
}

const ONWARD = actions(next());

function verdictFlows(
  text: string,
  item: FirewallRule | FirewallPolicy,
  { name, zone }: FilteredRouter,
  priority: number,
  id: number,
): Flows {
  const intent = { text: item.text, source: item.source };
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
function restFlows({ source }: Firewall, { name: router, zone }: FilteredRouter): Flows {
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

/**
 * Numbers of 32 bits that follow from a rule's content, and from the drops above it: a drop above an accept gives that
 * accept a new number, so that its connections are judged again. Two that are alike get different ones, in their order.
 */
function createRuleNumbers() {
  const taken = new Set<number>();
  let drops = '';
  return {
    /** `standing`: what the same text became before. */
    of({ text, action }: Pick<FirewallRule, 'text' | 'action'>, standing: Verdict | undefined) {
      const above = drops;
      const isKnown = standing?.drops === above && standing.item.action === action && !taken.has(standing.id);
      let id = isKnown ? standing.id : hash32(`${text}${above}`);
      while (id === 0 || taken.has(id)) id = (id + 1) >>> 0;
      taken.add(id);
      if (action === 'drop') drops = `\n${id}`;
      return { id, drops: above };
    },
  };
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

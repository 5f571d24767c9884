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

/** What a rule becomes on a router, but for its priority and its line. */
interface Verdict {
  matches: AppMatch[];
  actions: AppFlow['actions'];
  /** undefined: nothing passes by it. */
  established: AppMatch | undefined;
}

export interface Verdicts {
  /** All flows of the routers; a rule that stays as it was gives the same matches and actions again. */
  flows(firewall: Firewall, routers: readonly FilteredRouter[], priorities: Priorities): Flows;
}

export function createVerdicts(): Verdicts {
  let known = new Map<string, Verdict>();
  let fresh = new Map<string, Verdict>();

  function verdictOf(item: FirewallRule | FirewallPolicy, id: number, zone: number): Verdict {
    const { action, from, to } = item;
    const more = 'service' in item ? [item.fromAddress, item.toAddress, item.service] : [];
    const content = JSON.stringify([zone, id, action, from?.number, to?.number, ...more]);
    const verdict = known.get(content) ?? makeVerdict(item, id, zone);
    fresh.set(content, verdict);
    return verdict;
  }

  function routerFlows(firewall: Firewall, { name, zone }: FilteredRouter, priorities: Priorities): Flows {
    const flows: Flows = [];
    const numbers = createRuleNumbers();
    /** How many of the same text came before. */
    const seen = new Map<string, number>();

    function add(item: FirewallRule | FirewallPolicy, priority: number): void {
      const { text, source } = item;
      const intent = { text, source };
      const before = seen.get(text) ?? 0;
      seen.set(text, before + 1);
      const key = before === 0 ? `${name} ${text}` : `${name} ${text} (${before + 1})`;
      const { matches, established, ...verdict } = verdictOf(item, numbers.of(item), zone);
      for (const [i, match] of matches.entries()) {
        flows.push([`${key} ${i}`, flow({ priority, match, actions: verdict.actions, intent })]);
      }
      if (established === undefined) return;
      flows.push([`${key} established`, { priority: ESTABLISHED, match: established, actions: ONWARD, intent }]);
    }

    for (const [i, rule] of firewall.rules.entries()) add(rule, priorities.rules[i]!);
    for (const [i, policy] of firewall.policy.entries()) add(policy, priorities.policies[i]!);
    flows.push(...restFlows(firewall, name, zone));
    return flows;
  }

  return {
    flows(firewall, routers, priorities) {
      const flows = routers.flatMap((router) => routerFlows(firewall, router, priorities));
      known = fresh;
      fresh = new Map();
      return flows;
    },
  };
}

const ONWARD = actions(next());

function makeVerdict(item: FirewallRule | FirewallPolicy, id: number, zone: number): Verdict {
  const ip: AppMatch = { ethType: ETHER_TYPE.ipv4, 'router.number': zone };
  const matches = 'service' in item ? ruleMatches(item, ip) : [{ ...ip, ...zonesOf(item) }];
  if (item.action === 'drop') return { matches, actions: drop(), established: undefined };
  const mark = set({ 'firewall.allowed': 1, 'firewall.rule': id });
  return {
    matches,
    actions: [ct({ zone, commit: true, set: mark, table: 'next' })],
    established: { ...ip, ctState: ctState('+trk-inv'), 'firewall.allowed': 1, 'firewall.rule': id },
  };
}

/** What belongs to a connection that no rule allows any more, and what no policy names. */
function restFlows({ source }: Firewall, router: string, zone: number): Flows {
  const ip: AppMatch = { ethType: ETHER_TYPE.ipv4, 'router.number': zone };
  const stray = (name: string, state: string): Flows[number] => [
    `${router}, ${name}`,
    flow({
      priority: STRAY,
      match: { ...ip, ctState: ctState(state) },
      actions: drop(),
      intent: { text: `${name} of connections that no rule allows`, source },
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
function createRuleNumbers(): { of(item: Pick<FirewallRule, 'text' | 'action'>): number } {
  const taken = new Set<number>();
  let drops = '';
  return {
    of({ text, action }) {
      if (action === 'drop') drops = `\n${hash32(`${text}${drops}`)}`;
      let id = hash32(`${text}${drops}`);
      while (id === 0 || taken.has(id)) id = (id + 1) >>> 0;
      taken.add(id);
      return id;
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

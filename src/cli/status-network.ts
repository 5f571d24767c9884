/** The part of `flowloom status` that tells of routers, what they know, leases and rules. */

import type {
  LeaseStatus,
  NeighbourStatus,
  RouterInterfaceStatus,
  RouteStatus,
  RuleKind,
  RuleStatus,
} from '../api/snapshot.ts';
import { counted } from '../text/counted.ts';

export interface NetworkStatus {
  interfaces: RouterInterfaceStatus[];
  routes: RouteStatus[];
  neighbours: NeighbourStatus[];
  leases: LeaseStatus[];
  rules: RuleStatus[];
}

/** So many rows of each kind are printed. */
const MOST = 50;

/** A title, its rows, and lines behind them. */
export interface StatusSection {
  title: string;
  rows: string[][];
  lines: string[];
}

export function networkSections({ interfaces, routes, neighbours, leases, rules }: NetworkStatus): StatusSection[] {
  const routers = [...new Set([...interfaces, ...routes, ...neighbours].map(({ router }) => router))];
  const of = <R extends { router: string }>(rows: readonly R[], name: string) =>
    rows.filter(({ router }) => router === name);
  const unusable = routes.filter(({ state }) => state === 'unresolved');
  return [
    {
      title: 'ROUTER',
      rows: interfaces.slice(0, MOST).map(describeInterface),
      lines: [
        ...more(interfaces),
        ...routers.map((name) => describeRouter(name, of(routes, name), of(neighbours, name))),
        ...unusable
          .slice(0, MOST)
          .map(
            (route) =>
              `${route.router}: nobody answers yet at ${route.via}, the way to ${route.prefix} (${route.source})`,
          ),
      ],
    },
    { title: 'LEASE', rows: leases.slice(0, MOST).map(describeLease), lines: more(leases) },
    {
      title: 'RULES',
      rows: (['firewall', 'policy', 'nat'] as const).flatMap((kind) =>
        describeRules(
          kind,
          rules.filter((rule) => rule.kind === kind),
        ),
      ),
      lines: rules.flatMap(({ problems }) => problems).slice(0, MOST),
    },
  ];
}

function more(rows: readonly unknown[]): string[] {
  return rows.length > MOST ? [`and ${rows.length - MOST} more: flowloom status --json`] : [];
}

function describeInterface({ router, name, segment, addresses, mtu, kind, state }: RouterInterfaceStatus): string[] {
  const own = addresses.length === 0 ? 'no address' : addresses.join(', ');
  return [
    `${router}/${name}`,
    `segment ${segment}`,
    kind === 'followed' ? `${own} (followed)` : own,
    mtu === null ? '' : `MTU ${mtu}`,
    state,
  ];
}

function describeRouter(name: string, routes: readonly RouteStatus[], neighbours: readonly NeighbourStatus[]): string {
  const known = (states: readonly string[]) => neighbours.filter(({ state }) => states.includes(state)).length;
  const asked = [
    [known(['asked']), 'asked for'],
    [known(['failed']), 'not answering'],
  ] as const;
  const waiting = asked.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  const neighboursText = counted(known(['reachable', 'stale']), 'neighbour');
  return `${name}: ${[counted(routes.length, 'route'), neighboursText, ...waiting].join(', ')}`;
}

function describeLease({ address, mac, hostname, segment, state, expires, switch: at, port }: LeaseStatus): string[] {
  return [
    address,
    mac,
    hostname ?? '',
    segment,
    at === null ? '' : `${at} port ${port ?? '?'}`,
    expires === null ? state : `${state} until ${expires}`,
  ];
}

const KINDS: Record<RuleKind, string> = { firewall: 'firewall rule', policy: 'firewall policy', nat: 'NAT rule' };

function describeRules(kind: RuleKind, rules: readonly RuleStatus[]): string[][] {
  if (rules.length === 0) return [];
  const sum = (field: 'packets' | 'flows') => rules.reduce((total, rule) => total + rule[field], 0);
  const unused = rules.filter(({ packets }) => packets === 0).length;
  const hits = rules.filter(({ lastHit }) => lastHit !== null);
  const [last] = hits.toSorted((one, other) => other.lastHit!.localeCompare(one.lastHit!));
  const many = kind === 'policy' ? 'firewall policies' : `${KINDS[kind]}s`;
  return [
    [
      counted(rules.length, KINDS[kind], many),
      counted(sum('flows'), 'flow'),
      counted(sum('packets'), 'packet'),
      unused === 0 ? '' : `${unused} never hit`,
      last === undefined ? '' : `hit last: ${last.text} (${last.source}), ${last.lastHit}`,
    ],
  ];
}

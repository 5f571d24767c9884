/** What the flows of NAT have in common. */

import { type AppFlow, type AppMatch, ctState, type FlowTable, punt } from '../../src/index.ts';
import type { NatSite, SiteRule } from './site.ts';

export type Flows = [key: string, flow: AppFlow][];

/** Of connections that a rule translates, above those that begin. */
export const ESTABLISHED = 60_000;
export const STALE = 50_000;
/** Where rules stand in the file's order; both excluded. */
export const RULES = { above: 1_000, below: 40_000 };
export const REST = 1;

/** How much of a packet tells which connection it is of. */
export const HEADERS = 128;
/** Meters of what goes to the controller. */
export const STALE_METER = 'stale';
export const EXHAUSTED_METER = 'exhausted';
export const ERROR_METER = 'errors';

/** The connection is known, whichever way the packet goes; errors about it are of it too. */
export const KNOWN = ctState('+trk-new-inv');

export const ofRouter = ({ number }: NatSite): AppMatch => ({ 'router.number': number });

/** What goes on because of a rule: of the connections that bear its number. */
export function establishedFlow(site: NatSite, { id, intent }: SiteRule, actions: AppFlow['actions']): Flows[number] {
  const match = { ...ofRouter(site), ctState: KNOWN, 'nat.rule': id };
  return [`${site.name} ${intent.text} established`, { priority: ESTABLISHED, match, actions, intent }];
}

/** Connections whose rule is gone, or another now, end: their packets are dropped, and conntrack is told to forget them. */
export function staleFlow(site: NatSite, state: string): Flows[number] {
  const { name, source } = site;
  return [
    `${name} stale ${state}`,
    {
      priority: STALE,
      match: { ...ofRouter(site), ctState: ctState(state) },
      actions: [punt(HEADERS, { meter: STALE_METER })],
      intent: { text: `router ${name}: translated by a rule that is gone or changed`, source },
    },
  ];
}

/** A priority for each rule, falling in their order; the same as before for all that stay. */
export function inOrder<Rule extends SiteRule>(table: FlowTable, rules: readonly Rule[]): [Rule, number][] {
  const texts = rules.map(({ intent }) => intent.text);
  const priorities = table.priorities(texts, RULES);
  return rules.map((rule, i) => [rule, priorities[i]!]);
}

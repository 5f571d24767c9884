/** What a rule or policy of the firewall becomes in a switch: its verdict, and what passes because of it. */

import {
  type AppAction,
  type AppFlow,
  type AppMatch,
  actions,
  conjunction,
  ct,
  ctState,
  drop,
  type Firewall,
  flow,
  type Intent,
  meter,
  next,
  punt,
  set,
} from '../../src/index.ts';
import type { FilteredPlace } from './filtered-place.ts';
import type { Item } from './item.ts';
import { type Clauses, clausesOf, productOf } from './matches.ts';
import { limitMeter, logMeter, REJECT_METER } from './meters.ts';

export type Flows = [key: string, flow: AppFlow][];

const ESTABLISHED = 60_000;
const STRAY = 50_000;
/** Both excluded. */
export const RULES = { above: 20_000, below: STRAY };
export const POLICIES = { above: 1, below: 20_001 };

/** Bytes of a packet that is logged: its headers. */
const LOGGED_BYTES = 192;

/** Where an item stands, and its name. */
export interface Place {
  key: string;
  priority: number;
  /** Its number in ct_label, and of its conjunctions. */
  id: number;
  intent: Intent;
}

export function verdictFlows(item: Item, router: FilteredPlace, place: Place): Flows {
  const { name } = router;
  const { key, priority, id, intent } = place;
  // What can't be told yet never applies.
  if (item.over !== undefined || item.limit?.kind === 'connections') return [];
  const flows = clausesOf(item, router).flatMap((clauses) =>
    inFamily(clauses, id).flatMap(({ match, conjunctions }) => {
      const parts = conjunctions === undefined ? verdicts(item, router, place) : [{ actions: conjunctions }];
      return parts.map((part) => flow({ priority, match: { ...match, ...part.match }, actions: part.actions, intent }));
    }),
  );
  const named = flows.map((each, i): Flows[number] => [`${name} ${key} ${i}`, each]);
  if (item.action !== 'accept' || flows.length === 0) return named;
  return [...named, ...establishedFlows(item, router, place)];
}

interface Part {
  match: AppMatch;
  /** undefined: it matches alone. */
  conjunctions?: AppAction[];
}

/** Each way to take one match of each clause by itself, or as a conjunction where that is fewer flows. */
function inFamily(all: Clauses, id: number): Part[] {
  const { base, clauses } = all;
  const several = clauses.filter(({ length }) => length > 1);
  const sum = several.reduce((total, { length }) => total + length, 1);
  const product = several.reduce((total, { length }) => total * length, 1);
  if (several.length < 2 || product <= sum) return productOf(all).map((match) => ({ match }));
  const single = productOf({ base, clauses: clauses.filter(({ length }) => length === 1) })[0]!;
  return [
    { match: { ethType: base.ethType!, conjId: id } },
    ...several.flatMap((clause, i) =>
      clause.map((match) => ({
        match: { ...single, ...match },
        conjunctions: [conjunction({ id, clause: i + 1, of: several.length })],
      })),
    ),
  ];
}

/** Of a flood's copies nobody is told: what one is refused, another that reaches its station may not be. */
function verdicts(
  item: Item,
  router: FilteredPlace,
  place: Place,
): { match?: Pick<AppMatch, 'flooded'>; actions: AppAction[] }[] {
  const told = verdictActions(item, router, place);
  if (!router.floods || (item.log === undefined && item.action !== 'reject')) return [{ actions: told }];
  const quiet = { ...item, log: undefined, action: item.action === 'accept' ? item.action : 'drop' } as const;
  return [
    { match: { flooded: 0 }, actions: told },
    { match: { flooded: 1 }, actions: verdictActions(quiet, router, place) },
  ];
}

function verdictActions(item: Item, router: FilteredPlace, { key, priority, id }: Place): AppAction[] {
  const { action, log, limit } = item;
  const name = `${router.name} ${key}`;
  const logged =
    log === undefined ? [] : [...set({ 'firewall.verdict': priority }), punt(LOGGED_BYTES, { meter: logMeter(name) })];
  if (action === 'drop') return log === undefined ? drop() : logged;
  if (action === 'reject') {
    // What is to be answered bears no rule's number.
    const asked = [...set({ 'firewall.verdict': 0 }), punt(undefined, { meter: REJECT_METER })];
    return actions(logged, asked);
  }
  const mark = set({ 'firewall.allowed': 1, 'firewall.rule': id });
  const limited = limit === undefined || limit.kind === 'connections' ? [] : [meter(limitMeter(name))];
  return actions(limited, logged, ct({ zone: router.zone, commit: true, set: mark, table: 'next' }));
}

/** A limit of packets is for those that go the rule's way, one of kilobits for both ways. */
function establishedFlows({ limit }: Item, router: FilteredPlace, { key, id, intent }: Place): Flows {
  const name = `${router.name} ${key}`;
  const passing = (state: string, limited: boolean): AppFlow => ({
    priority: ESTABLISHED,
    match: { ...router.base, ctState: ctState(state), 'firewall.allowed': 1, 'firewall.rule': id },
    actions: actions(limited ? [meter(limitMeter(name))] : [], next()),
    intent,
  });
  if (limit?.kind !== 'packets') return [[`${name} established`, passing('+trk-inv', limit?.kind === 'kilobits')]];
  return [
    [`${name} established`, passing('+trk-inv-rpl', true)],
    [`${name} answers`, passing('+trk-inv+rpl', false)],
  ];
}

/** What belongs to a connection that no rule allows any more, and what no policy names. */
export function restFlows({ source }: Firewall, { name: router, base }: FilteredPlace): Flows {
  const stray = (what: string, state: string): Flows[number] => [
    `${router}, ${what}`,
    flow({
      priority: STRAY,
      match: { ...base, ctState: ctState(state) },
      actions: drop(),
      intent: { text: `${what} of connections that no rule allows`, source },
    }),
  ];
  const intent = { text: 'what no policy names is dropped', source };
  return [
    stray('replies', '+rpl+trk'),
    stray('related', '+rel+trk'),
    [`${router}, rest`, flow({ priority: 1, match: base, actions: drop(), intent })],
  ];
}

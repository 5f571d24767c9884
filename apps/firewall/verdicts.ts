/** The flows of one router's firewall: of 10,000 rules one changes at a time, and what the others became stays. */

import { type AppMeter, type Firewall, type FirewallZone, hash32 } from '../../src/index.ts';
import { bitsOf, isConditional } from './conditions.ts';
import { createDenials } from './denials.ts';
import type { FilteredPlace } from './filtered-place.ts';
import { type Item, isDenial, itemsOf } from './item.ts';
import type { Flows } from './place.ts';
import {
  isNumbered,
  isUnchanged,
  judge,
  moveTo,
  numberOf,
  type PlacedItem,
  ruleNumber,
  type Where,
} from './placed-item.ts';
import { type RuleFlows, restFlows } from './rule-flows.ts';

/** Priorities, one for each rule and each policy. */
export interface Priorities {
  rules: number[];
  policies: number[];
}

export interface Verdicts {
  /** All flows of the routers; those of a rule that stays as it was are the same objects as before. */
  flows(firewall: Firewall, routers: readonly FilteredPlace[], priorities: Priorities): RuleFlows;
  /** There is nothing to judge. */
  none(): RuleFlows;
  /** Those that the flows use. */
  meters(): [key: string, meter: AppMeter][];
  /** In their order, of the router of this name, or between ports. */
  of(place: string): readonly PlacedItem[];
  /** The item whose flows have this priority. */
  byPriority(priority: number): Item | undefined;
}

/** What one router's firewall was. */
interface Known {
  /** Rules, then policies. */
  verdicts: PlacedItem[];
  byKey: Map<string, PlacedItem>;
  ids: Set<number>;
  source: Firewall['source'];
  /** What flows follow from besides the items. */
  context: string;
  rest: Flows;
}

/** More that changed are as dear one by one as all. */
const FEW = 16;

export function createVerdicts(): Verdicts {
  let known = new Map<string, Known>();

  return {
    flows(firewall, routers, { rules, policies }) {
      const items = itemsOf(firewall);
      const priorities = [...rules, ...policies];
      const fresh = new Map<string, Known>();
      for (const router of routers) {
        const context = contextOf(firewall, router);
        const standing = known.get(router.name);
        const before = standing?.context === context ? standing : undefined;
        const place = { router, members: membersOf(firewall.zones) };
        const { verdicts, byKey, ids } =
          (before && replaceFew(before, items, priorities, place)) ?? judgeAll(before, items, priorities, place);
        const rest = before?.source === firewall.source ? before.rest : restFlows(firewall, router);
        fresh.set(router.name, { verdicts, byKey, ids, source: firewall.source, context, rest });
      }
      known = fresh;
      const all: RuleFlows = { rules: [], closer: [] };
      for (const { verdicts, rest } of fresh.values()) {
        for (const { flows } of verdicts) {
          for (const flow of flows.rules) all.rules.push(flow);
          for (const flow of flows.closer) all.closer.push(flow);
        }
        all.rules.push(...rest);
      }
      return all;
    },
    none() {
      known = new Map();
      return { rules: [], closer: [] };
    },
    meters: () => [...known.values()].flatMap(({ verdicts }) => verdicts.flatMap(({ meters }) => meters)),
    of: (place) => known.get(place)?.verdicts ?? [],
    byPriority(priority) {
      for (const { verdicts } of known.values()) {
        const found = verdicts.find((verdict) => verdict.priority === priority);
        if (found !== undefined) return found.item;
      }
      return undefined;
    },
  };
}

type Judged = Pick<Known, 'verdicts' | 'byKey' | 'ids'>;

function contextOf({ zones }: Firewall, { base, zone, zones: there, families }: FilteredPlace): string {
  return JSON.stringify([
    base,
    zone,
    there,
    families,
    zones.map(({ name, number, members }) => [name, number, members]),
  ]);
}

function membersOf(zones: readonly FirewallZone[]): Where['members'] {
  const byName = new Map(zones.map(({ name, members }) => [name, members]));
  return (zone) => byName.get(zone) ?? [];
}

function judgeAll(
  before: Known | undefined,
  items: readonly Item[],
  priorities: readonly number[],
  where: Where,
): Judged {
  const judged: Judged = { verdicts: [], byKey: new Map(), ids: new Set() };
  const denials = createDenials();
  const bits = bitsOfItems(items);
  for (const [i, item] of items.entries()) {
    let key = item.text;
    for (let same = 2; judged.byKey.has(key); same++) key = `${item.text} (${same})`;
    const standing = before?.byKey.get(key);
    const drops = denials.above(item);
    const id = ruleNumber(item, drops, standing, judged.ids, where);
    const verdict = judge(key, item, where, { priority: priorities[i]!, id, drops, bit: bits.get(item) }, standing);
    judged.verdicts.push(verdict);
    judged.byKey.set(key, verdict);
    denials.add(item, id);
  }
  return judged;
}

/**
 * The same where few have changed among many: what stands before and after them is not looked at closely. undefined: it
 * may be that others are another's now, by a drop above them or by another that says the same.
 */
function replaceFew(
  { verdicts, byKey, ids }: Known,
  items: readonly Item[],
  priorities: readonly number[],
  where: Where,
): Judged | undefined {
  const isSameAt = (i: number, j: number) => isUnchanged(verdicts[i]!, items[j]!, priorities[j]!, where.router);
  const most = Math.min(verdicts.length, items.length);
  let head = 0;
  while (head < most && isSameAt(head, head)) head++;
  let tail = 0;
  while (tail < most - head && isSameAt(verdicts.length - 1 - tail, items.length - 1 - tail)) tail++;
  const gone = verdicts.slice(head, verdicts.length - tail);
  const come = items.slice(head, items.length - tail);
  if (gone.length + come.length > FEW) return undefined;
  // Who has a condition may have another's bit.
  if ([...gone.map(({ item }) => item), ...come].some(isConditional)) return undefined;
  const isOneOfMany = ({ text }: Item) => byKey.has(`${text} (2)`);
  if (gone.some(({ key, item }) => isDenial(item) || key !== item.text || isOneOfMany(item))) return undefined;
  if (come.some((item) => isDenial(item) || (byKey.has(item.text) && !gone.includes(byKey.get(item.text)!)))) {
    return undefined;
  }
  if (new Set(come.map(({ text }) => text)).size < come.length) return undefined;
  const denials = createDenials();
  for (const { item, id } of come.length === 0 ? [] : verdicts.slice(0, head)) denials.add(item, id);
  const others = new Set(ids);
  for (const { id } of gone) others.delete(id);
  const fresh: PlacedItem[] = [];
  for (const [i, item] of come.entries()) {
    const standing = gone.find(({ key }) => key === item.text);
    const drops = denials.above(item);
    const id = isNumbered(standing, item, drops) ? standing.id : numberOf(item, drops, where);
    // Who comes first gets the number.
    if (id === 0 || others.has(id)) return undefined;
    others.add(id);
    fresh.push(judge(item.text, item, where, { priority: priorities[head + i]!, id, drops, bit: undefined }, standing));
  }
  for (const { key } of gone) byKey.delete(key);
  for (const verdict of fresh) byKey.set(verdict.key, verdict);
  const next = verdicts.toSpliced(head, gone.length, ...fresh);
  for (const [i, item] of items.entries()) moveTo(next[i]!, item);
  return { verdicts: next, byKey, ids: others };
}

function bitsOfItems(items: readonly Item[]): Map<Item, number> {
  const conditional = items.filter(isConditional);
  const bits = bitsOf(conditional.map(({ text }) => hash32(text)));
  return new Map(conditional.map((item, i) => [item, bits[i]!]));
}

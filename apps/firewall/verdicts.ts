/** The flows of one router's firewall: of 10,000 rules one changes at a time, and what the others became stays. */

import { type AppMeter, type Firewall, type FirewallZone, hash32, type Intent, type Service } from '../../src/index.ts';
import { classNames } from './address-classes.ts';
import { bitsOf, isConditional } from './conditions.ts';
import { createDenials } from './denials.ts';
import type { FilteredPlace } from './filtered-place.ts';
import { contentOf, type Item, isDenial, itemsOf } from './item.ts';
import { metersOf } from './meters.ts';
import type { Flows } from './place.ts';
import { type RuleFlows, restFlows, ruleFlows } from './rule-flows.ts';

/** Priorities, one for each rule and each policy. */
export interface Priorities {
  rules: number[];
  policies: number[];
}

/** A rule or policy on one router, and the flows that it became. */
export interface Verdict {
  key: string;
  item: Item;
  priority: number;
  id: number;
  /** What its id follows from, besides its content. */
  drops: string;
  /** Of `firewall.past`. */
  bit: number | undefined;
  /** Classes of the addresses in its sets. */
  classes: string;
  flows: RuleFlows;
  meters: [key: string, meter: AppMeter][];
  /** Of all its flows: when only its line in the file is another, just that is written here. */
  intent: Intent;
}

export interface Verdicts {
  /** All flows of the routers; those of a rule that stays as it was are the same objects as before. */
  flows(firewall: Firewall, routers: readonly FilteredPlace[], priorities: Priorities): RuleFlows;
  /** There is nothing to judge. */
  none(): RuleFlows;
  /** Those that the flows use. */
  meters(): [key: string, meter: AppMeter][];
  /** In their order, of the router of this name, or between ports. */
  of(place: string): readonly Verdict[];
  /** The item whose flows have this priority. */
  byPriority(priority: number): Item | undefined;
}

/** What one router's firewall was. */
interface Known {
  /** Rules, then policies. */
  verdicts: Verdict[];
  byKey: Map<string, Verdict>;
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

interface Where {
  router: FilteredPlace;
  members: (zone: string) => readonly string[];
}

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
  const fresh: Verdict[] = [];
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

function judge(
  key: string,
  item: Item,
  { router }: Where,
  place: Pick<Verdict, 'priority' | 'id' | 'drops' | 'bit'>,
  standing: Verdict | undefined,
): Verdict {
  if (standing?.id === place.id && standing.bit === place.bit && isUnchanged(standing, item, place.priority, router)) {
    moveTo(standing, item);
    return { ...standing, ...place };
  }
  const intent = { text: item.text, source: item.source };
  const { priority, id, bit } = place;
  const flows = ruleFlows(item, router, { key, priority, id, bit, intent });
  const meters = flows.rules.length === 0 ? [] : metersOf(item, `${router.name} ${key}`);
  return { key, item, ...place, classes: classesOf(item, router), flows, meters, intent };
}

function bitsOfItems(items: readonly Item[]): Map<Item, number> {
  const conditional = items.filter(isConditional);
  const bits = bitsOf(conditional.map(({ text }) => hash32(text)));
  return new Map(conditional.map((item, i) => [item, bits[i]!]));
}

/** In all but its line. */
function isUnchanged({ item, ...standing }: Verdict, other: Item, priority: number, where: FilteredPlace): boolean {
  // Its zones, addresses and limits stand in its text; what its service and its sets mean may stand elsewhere.
  if (item.text !== other.text || standing.priority !== priority) return false;
  return sameServices(item.services, other.services) && standing.classes === classesOf(other, where);
}

function classesOf({ fromAddresses, toAddresses }: Item, { classes, families }: FilteredPlace): string {
  const names = [...classNames(fromAddresses), ...classNames(toAddresses)];
  if (names.length === 0) return '';
  return names.map((name) => families.map((family) => classes.of(name, family).join()).join('/')).join(' ');
}

/** The same flows, at another line. */
function moveTo(verdict: Verdict, item: Item): void {
  verdict.item = item;
  verdict.intent.source = item.source;
}

function sameServices(a: readonly Service[] = [], b: readonly Service[] = []): boolean {
  if (a.length !== b.length) return false;
  return a.every((service, i) => {
    const { protocol, family, ports, sourcePorts, types } = b[i]!;
    if (service.protocol !== protocol || service.family !== family) return false;
    return (
      sameNumbers(service.ports.flat(), ports.flat()) &&
      sameNumbers(service.sourcePorts.flat(), sourcePorts.flat()) &&
      sameNumbers(service.types, types)
    );
  });
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

/**
 * A number of 32 bits that follows from a rule's content, and from the denials above it: a drop above an accept gives that
 * accept a new number, so that its connections are judged again. Two that are alike get different ones, in their order.
 * `standing`: what the same text became before.
 */
function ruleNumber(
  item: Item,
  drops: string,
  standing: Verdict | undefined,
  taken: Set<number>,
  where: Where,
): number {
  const isKnown = isNumbered(standing, item, drops) && !taken.has(standing.id);
  let id = isKnown ? standing.id : numberOf(item, drops, where);
  while (id === 0 || taken.has(id)) id = (id + 1) >>> 0;
  taken.add(id);
  return id;
}

function isNumbered(standing: Verdict | undefined, item: Item, drops: string): standing is Verdict {
  return standing !== undefined && standing.drops === drops && sameServices(standing.item.services, item.services);
}

function numberOf(item: Item, drops: string, { members }: Where): number {
  return hash32(`${contentOf(item, members)}\n${drops}`);
}

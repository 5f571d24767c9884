/** A rule or policy at one place: its number, the flows that it becomes, and whether it is still what it was. */

import { type AppMeter, hash32, type Intent, type Service } from '../../src/index.ts';
import { classNames } from './address-classes.ts';
import type { FilteredPlace } from './filtered-place.ts';
import { contentOf, type Item } from './item.ts';
import { metersOf } from './meters.ts';
import { type RuleFlows, ruleFlows } from './rule-flows.ts';

/** A rule or policy at one place (a router, or between ports), and the flows that it became. */
export interface PlacedItem {
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

export interface Where {
  router: FilteredPlace;
  members: (zone: string) => readonly string[];
}

/** `standing`: what the same text was before; where nothing of it has changed its flows are the same objects. */
export function judge(
  key: string,
  item: Item,
  { router }: Where,
  place: Pick<PlacedItem, 'priority' | 'id' | 'drops' | 'bit'>,
  standing: PlacedItem | undefined,
): PlacedItem {
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

/** In all but its line. */
export function isUnchanged(
  { item, ...standing }: PlacedItem,
  other: Item,
  priority: number,
  where: FilteredPlace,
): boolean {
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
export function moveTo(verdict: PlacedItem, item: Item): void {
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
export function ruleNumber(
  item: Item,
  drops: string,
  standing: PlacedItem | undefined,
  taken: Set<number>,
  where: Where,
): number {
  const isKnown = isNumbered(standing, item, drops) && !taken.has(standing.id);
  let id = isKnown ? standing.id : numberOf(item, drops, where);
  while (id === 0 || taken.has(id)) id = (id + 1) >>> 0;
  taken.add(id);
  return id;
}

export function isNumbered(standing: PlacedItem | undefined, item: Item, drops: string): standing is PlacedItem {
  return standing !== undefined && standing.drops === drops && sameServices(standing.item.services, item.services);
}

export function numberOf(item: Item, drops: string, { members }: Where): number {
  return hash32(`${contentOf(item, members)}\n${drops}`);
}

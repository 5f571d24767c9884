/**
 * Sets of addresses, as the switch tells them: each address has the number of its class, which stands for the sets that it is in.
 * So a set has one flow for each member, however many rules name it, and a member that comes or goes is sent alone.
 */

import {
  type AppFlow,
  destinationIn,
  type Firewall,
  type FirewallAddresses,
  familyOf,
  hash32,
  inPrefix,
  prefixLengthOf,
  set,
  sourceIn,
} from '../../src/index.ts';
import type { Flows } from './place.ts';

type Family = 4 | 6;

export interface AddressClasses {
  /** No rule names a set. */
  isEmpty: boolean;
  /** Of the classes of those that are in a set, or in a prefix that stands beside one. */
  of(name: string, family: Family): readonly number[];
  sources: Flows;
  destinations: Flows;
}

/** An address that is in all of these. */
interface Member {
  prefix: string;
  names: Set<string>;
  source: string;
}

/** Below all that have a longer prefix. */
const LOWEST = 100;
const CLASSES = 65_535;

/** Flows that stay as they were are the same objects as before. */
export function createAddressClasses(): (firewall: Firewall | undefined) => AddressClasses {
  let known = new Map<string, { flow: AppFlow; content: string }>();

  return (firewall) => {
    const members = membersOf(firewall);
    const numbers = numbersOf(members);
    const next: typeof known = new Map();
    const flowsOf = (side: 'source' | 'destination'): Flows =>
      members.map(({ prefix, names, source }) => {
        const text = `${names.size === 1 ? 'set' : 'sets'} ${[...names].join(', ')}: ${prefix}`;
        const key = `${side} ${prefix}`;
        const number = numbers.get(nameOf(names))!;
        const content = `${number} ${text}`;
        const standing = known.get(key);
        const flow = standing?.content === content ? standing.flow : flowFor(side, prefix, number, { text, source });
        // Its line may be another.
        if (typeof flow.intent !== 'string') flow.intent.source = source;
        next.set(key, { flow, content });
        return [prefix, flow];
      });
    const sources = flowsOf('source');
    const destinations = flowsOf('destination');
    known = next;
    const byName = classesByName(members, numbers);
    return {
      isEmpty: members.length === 0,
      of: (name, family) => byName.get(`${family} ${name}`) ?? [],
      sources,
      destinations,
    };
  };
}

function flowFor(
  side: 'source' | 'destination',
  prefix: string,
  number: number,
  intent: { text: string; source: string },
): AppFlow {
  const priority = LOWEST + prefixLengthOf(prefix);
  return side === 'source'
    ? { priority, match: sourceIn(prefix), actions: set({ 'firewall.sourceClass': number }), intent }
    : { priority, match: destinationIn(prefix), actions: set({ 'firewall.destinationClass': number }), intent };
}

/** Each prefix of the sets that rules name, with the sets of all prefixes that hold it. */
function membersOf(firewall: Firewall | undefined): Member[] {
  const byPrefix = new Map<string, Member>();
  function add(prefix: string, name: string, source: string): void {
    const member = byPrefix.get(prefix);
    if (member === undefined) byPrefix.set(prefix, { prefix, names: new Set([name]), source });
    else member.names.add(name);
  }
  const sets = new Map(firewall?.sets.map((each) => [each.name, each]));
  for (const { name, source } of namedIn(firewall)) {
    const found = sets.get(name);
    if (found === undefined) add(name, name, source);
    for (const member of found?.members ?? []) add(member.prefix, name, member.source);
  }
  const lengths = [4, 6].map((family) =>
    [...new Set([...byPrefix.keys()].filter((prefix) => familyOf(prefix) === family).map(prefixLengthOf))].toSorted(
      (a, b) => a - b,
    ),
  );
  // The shorter ones first: what holds them has been given their sets by then.
  const members = [...byPrefix.values()].toSorted((a, b) => prefixLengthOf(a.prefix) - prefixLengthOf(b.prefix));
  const byNetwork = new Map(
    members.map((member) => [networkKey(member.prefix, prefixLengthOf(member.prefix)), member]),
  );
  for (const member of members) {
    const length = prefixLengthOf(member.prefix);
    const shorter = lengths[familyOf(member.prefix) === 4 ? 0 : 1]!.filter((each) => each < length);
    for (const each of shorter.toReversed()) {
      const holder = byNetwork.get(networkKey(member.prefix, each));
      if (holder === undefined) continue;
      for (const name of holder.names) member.names.add(name);
      break;
    }
    member.names = new Set([...member.names].toSorted());
  }
  return [...byPrefix.values()];
}

/** The first bits of an address. */
function networkKey(prefix: string, length: number): string {
  const network = inPrefix(`${prefix.split('/')[0]}/${length}`);
  return typeof network === 'string' ? `${network}/${length}` : `${network.value}/${length}`;
}

/** Sets that rules name, and prefixes that stand beside one. */
function namedIn(firewall: Firewall | undefined): { name: string; source: string }[] {
  const named = new Map<string, { name: string; source: string }>();
  for (const { fromAddresses, toAddresses, source } of firewall?.rules ?? []) {
    for (const addresses of [fromAddresses, toAddresses]) {
      for (const name of classNames(addresses)) if (!named.has(name)) named.set(name, { name, source });
    }
  }
  return [...named.values()];
}

/** What a side names that is told by classes; none where it names no set. */
export function classNames(addresses: FirewallAddresses | undefined): string[] {
  if (addresses === undefined || addresses.sets.length === 0) return [];
  return [...addresses.sets, ...addresses.prefixes];
}

const nameOf = (names: ReadonlySet<string>) => [...names].join(' ');

/** From what the classes are, so that they are the same on every run. */
function numbersOf(members: readonly Member[]): Map<string, number> {
  const taken = new Set<number>();
  return new Map(
    [...new Set(members.map(({ names }) => nameOf(names)))].toSorted().map((name) => {
      let number = (hash32(name) % CLASSES) + 1;
      while (taken.has(number)) number = (number % CLASSES) + 1;
      taken.add(number);
      return [name, number];
    }),
  );
}

function classesByName(
  members: readonly Member[],
  numbers: ReadonlyMap<string, number>,
): Map<string, readonly number[]> {
  const found = new Map<string, Set<number>>();
  const seen = new Set<string>();
  for (const { prefix, names } of members) {
    const family = familyOf(prefix);
    const id = `${family} ${nameOf(names)}`;
    if (seen.has(id)) continue;
    seen.add(id);
    for (const name of names) {
      const key = `${family} ${name}`;
      found.set(key, (found.get(key) ?? new Set()).add(numbers.get(nameOf(names))!));
    }
  }
  return new Map(Array.from(found, ([key, classes]) => [key, [...classes].toSorted((a, b) => a - b)]));
}

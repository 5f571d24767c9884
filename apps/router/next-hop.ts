/** Where a router sends what is for an address: the segment, and who takes it on there. */

import {
  type AppAction,
  addressBits,
  addressNumber,
  familyOf,
  overlaps,
  prefixLengthOf,
  set,
} from '../../src/index.ts';
import type { SiteRouter } from './site.ts';

export interface NextHop {
  /** Segment.id */
  segment: number;
  address: string;
}

/** One name for each. */
export function nextHopKey({ segment, address }: NextHop): string {
  return `${segment}/${address}`;
}

/**
 * By connected prefixes and routes, the longest prefix first, and the first of several next hops; undefined: there is no way.
 */
export function nextHopTo({ interfaces, routes }: SiteRouter, address: string): NextHop | undefined {
  let found: NextHop | undefined;
  let longest = -1;
  const take = (prefix: string, hop: NextHop | undefined) => {
    const length = prefixLengthOf(prefix);
    if (length <= longest || !overlaps(prefix, address)) return;
    longest = length;
    found = hop;
  };
  for (const { addresses, id } of interfaces) for (const each of addresses) take(each, { segment: id, address });
  for (const { prefix, hops } of routes) {
    const [first] = hops;
    take(prefix, first && { segment: first.out.id, address: first.address });
  }
  return found;
}

/** What a packet carries at the stage `next-hop` when the router has found its way. */
export function towards({ number }: Pick<SiteRouter, 'number'>, { segment, address }: NextHop): AppAction[] {
  return [...set({ segment, 'router.number': number }), ...setNextHop(address)];
}

export function setNextHop(address: string): AppAction[] {
  return familyOf(address) === 4
    ? set({ 'router.nextHop': addressNumber(address) })
    : set({ 'router.nextHop6': addressBits(address) });
}

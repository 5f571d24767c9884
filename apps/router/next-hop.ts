/** Where a router sends what is for an address: the segment, and who takes it on there. */

import {
  type AppAction,
  type AppMatch,
  addressBits,
  addressNumber,
  familyOf,
  overlaps,
  prefixLengthOf,
  set,
} from '../../src/index.ts';
import { isIp } from './family.ts';
import type { SiteRouter } from './site.ts';

export interface NextHop {
  /** Segment.id */
  segment: number;
  address: string;
}

/** Whether the switch has heard of it. */
export type IsKnown = (hop: NextHop) => boolean;

/** One name for each. */
export function nextHopKey({ segment, address }: NextHop): string {
  return `${segment}/${address}`;
}

/**
 * By connected prefixes and routes, the longest prefix first; of several next hops the first that somebody has heard of, if any.
 * undefined: there is no way.
 */
export function nextHopTo({ interfaces, routes }: SiteRouter, address: string, isKnown: IsKnown): NextHop | undefined {
  let found: NextHop | undefined;
  let longest = -1;
  const take = (prefix: string, hop: NextHop | undefined) => {
    const length = prefixLengthOf(prefix);
    if (length <= longest || !overlaps(prefix, address)) return;
    longest = length;
    found = hop;
  };
  for (const { connected, id } of interfaces) for (const each of connected) take(each, { segment: id, address });
  for (const { prefix, hops } of routes) {
    const ways = hops.map((hop): NextHop => ({ segment: hop.out.id, address: hop.address }));
    take(prefix, (ways.length > 1 ? ways.find(isKnown) : undefined) ?? ways[0]);
  }
  return found;
}

/** What a packet carries at the stage `next-hop` when the router has found its way. */
export function towards({ number }: Pick<SiteRouter, 'number'>, { segment, address }: NextHop): AppAction[] {
  return [...set({ segment, 'router.number': number }), ...setNextHop(address)];
}

/** What matches packets at the stage `next-hop` that go there. */
export function nextHopMatch({ segment, address }: NextHop): AppMatch {
  return familyOf(address) === 4
    ? { ...isIp(4), segment, 'router.nextHop': addressNumber(address) }
    : { ...isIp(6), segment, 'router.nextHop6': addressBits(address) };
}

export function setNextHop(address: string): AppAction[] {
  return familyOf(address) === 4
    ? set({ 'router.nextHop': addressNumber(address) })
    : set({ 'router.nextHop6': addressBits(address) });
}

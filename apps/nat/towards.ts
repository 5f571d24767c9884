/** By which of a router's segments an address is reached: the connected ones first, then the longest of its routes. */

import { overlaps, prefixLengthOf, type Router } from '../../src/index.ts';

export function segmentsTowards({ interfaces, routes }: Router, address: string): string[] {
  const connected = connectedSegment({ interfaces }, address);
  if (connected !== undefined) return [connected];
  const fitting = routes.filter(({ prefix }) => overlaps(prefix, address));
  const longest = Math.max(...fitting.map(({ prefix }) => prefixLengthOf(prefix)));
  const names = fitting
    .filter(({ prefix }) => prefixLengthOf(prefix) === longest)
    .flatMap(({ hops }) => hops.map((hop) => hop.interface));
  return [...new Set(interfaces.filter(({ name }) => names.includes(name)).map(({ segment }) => segment))];
}

export function connectedSegment({ interfaces }: Pick<Router, 'interfaces'>, address: string): string | undefined {
  return interfaces.find(({ addresses }) => addresses.some((prefix) => overlaps(prefix, address)))?.segment;
}

/** Reads who a rule is about: `loc`, `loc:10.66.66.67`, `net:10.0.0.0/8,@admins`, `all:2001:db8::/32`. */

import type { Findings } from '../findings.ts';
import type { FirewallAddresses, FirewallSet, FirewallZoneRef } from '../model.ts';
import type { Path } from '../path.ts';
import { readPrefix } from './sets.ts';
import type { ZoneLookup } from './words.ts';

export interface Side {
  ref: FirewallZoneRef | undefined;
  addresses: FirewallAddresses | undefined;
}

/** undefined: something is wrong with it, and reported. */
export function readSide(
  text: string,
  path: Path,
  lookup: ZoneLookup,
  sets: readonly FirewallSet[],
  findings: Findings,
): Side | undefined {
  const colon = text.indexOf(':');
  const zone = lookup(colon < 0 ? text : text.slice(0, colon), path);
  if (zone === undefined) return undefined;
  if (colon < 0) return { ref: zone.ref, addresses: undefined };
  const addresses: FirewallAddresses = { prefixes: [], sets: [] };
  for (const word of text.slice(colon + 1).split(',')) {
    if (word.startsWith('@')) {
      const name = word.slice(1);
      const names = sets.map((set) => set.name);
      if (!findings.known(path, 'set', name, names, 'firewall.sets')) return undefined;
      if (!addresses.sets.includes(name)) addresses.sets.push(name);
      continue;
    }
    const prefix = readPrefix(word, path, findings);
    if (prefix === undefined) return undefined;
    if (!addresses.prefixes.includes(prefix)) addresses.prefixes.push(prefix);
  }
  return { ref: zone.ref, addresses };
}

/** The families that its addresses are of; those of sets may be of both. */
export function familiesOf(addresses: FirewallAddresses | undefined, sets: readonly FirewallSet[]): Set<4 | 6> {
  if (addresses === undefined) return new Set([4, 6]);
  const members = addresses.sets.flatMap((name) => sets.find((set) => set.name === name)?.members ?? []);
  const prefixes = [...addresses.prefixes, ...members.map(({ prefix }) => prefix)];
  return new Set(prefixes.map((prefix) => (prefix.includes(':') ? 6 : 4)));
}

/** Reads who a rule is about: `loc`, `loc:10.66.66.67`, `net:10.0.0.0/8,@admins`, `net:!10.0.0.0/8`, `all:2001:db8::/32`. */

import { type IpPrefix, networkText, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import { without } from '../address-range.ts';
import type { Findings } from '../findings.ts';
import type { FirewallAddresses, FirewallSet, FirewallZoneRef } from '../model.ts';
import type { Path } from '../path.ts';
import { readAddresses } from './addresses.ts';
import type { ZoneLookup } from './words.ts';

/** What an exclusion may come to. */
const MOST_PREFIXES = 512;

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
  if (parseIpPrefix(text.split(',')[0]!) !== undefined) {
    findings.problem(path, `\`${text}\` is an address, not a zone`, `write it behind its zone, like \`net:${text}\``);
    return undefined;
  }
  const colon = text.indexOf(':');
  const zone = lookup(colon < 0 ? text : text.slice(0, colon), path);
  if (zone === undefined) return undefined;
  if (colon < 0) return { ref: zone.ref, addresses: undefined };
  const addresses = readList(text.slice(colon + 1), path, sets, findings);
  return addresses && { ref: zone.ref, addresses };
}

/** `10.0.0.1,@admins`; `10.0.0.0/8!10.1.0.0/16,10.2.0.0/16` is without those, and `!10.1.0.0/16` all but those. */
function readList(
  text: string,
  path: Path,
  sets: readonly FirewallSet[],
  findings: Findings,
): FirewallAddresses | undefined {
  const [some = '', excluded, ...rest] = text.split('!');
  if (rest.length > 0) {
    findings.problem(path, `\`${text}\` has more than one \`!\``, 'write it like `!10.0.0.1,10.0.0.2`: none of these');
    return undefined;
  }
  const within =
    some === '' && excluded !== undefined ? { prefixes: [], sets: [] } : readWords(some, path, sets, findings);
  if (excluded === undefined || within === undefined) return within;
  const out = readWords(excluded, path, sets, findings);
  if (out === undefined) return undefined;
  if (within.sets.length + out.sets.length > 0) {
    const fix = 'name the set in a rule above that decides the other way';
    findings.problem(path, `\`${text}\`: \`!\` is for addresses, not for sets`, fix);
    return undefined;
  }
  const others = out.prefixes.map(prefixOf);
  const all = ['0.0.0.0/0', '::/0'].filter((each) => others.some(({ family }) => family === prefixOf(each).family));
  const whole = some === '' ? all : within.prefixes;
  const prefixes = whole.flatMap((each) => without(prefixOf(each), others)).map(networkText);
  if (prefixes.length > 0 && prefixes.length <= MOST_PREFIXES) return { prefixes, sets: [] };
  if (prefixes.length === 0) findings.problem(path, `\`${text}\`: nothing is left of it`, 'exclude less');
  else {
    const fix = 'name what you exclude in a rule above that decides the other way';
    findings.problem(
      path,
      `\`${text}\`: what is left takes ${prefixes.length} prefixes, more than ${MOST_PREFIXES}`,
      fix,
    );
  }
  return undefined;
}

function prefixOf(text: string): IpPrefix {
  return parseIpPrefix(text)!;
}

function readWords(
  text: string,
  path: Path,
  sets: readonly FirewallSet[],
  findings: Findings,
): FirewallAddresses | undefined {
  const addresses: FirewallAddresses = { prefixes: [], sets: [] };
  for (const word of text.split(',')) {
    if (word.startsWith('@')) {
      const name = word.slice(1);
      const names = sets.map((set) => set.name);
      if (!findings.known(path, 'set', name, names, 'firewall.sets')) return undefined;
      if (!addresses.sets.includes(name)) addresses.sets.push(name);
      continue;
    }
    const prefixes = readAddresses(word, path, findings);
    if (prefixes === undefined) return undefined;
    for (const prefix of prefixes) if (!addresses.prefixes.includes(prefix)) addresses.prefixes.push(prefix);
  }
  return addresses;
}

/** The families that its addresses are of; those of sets may be of both. */
export function familiesOf(addresses: FirewallAddresses | undefined, sets: readonly FirewallSet[]): Set<4 | 6> {
  if (addresses === undefined) return new Set([4, 6]);
  const members = addresses.sets.flatMap((name) => sets.find((set) => set.name === name)?.members ?? []);
  const prefixes = [...addresses.prefixes, ...members.map(({ prefix }) => prefix)];
  return new Set(prefixes.map((prefix) => (prefix.includes(':') ? 6 : 4)));
}

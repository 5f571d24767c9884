/** Reads `exempt`, `masquerade` and `snat`: what becomes of the source addresses of what leaves. */

import { holds, type IpPrefix, networkText, parseIp, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import { rangePrefixes } from '../address-range.ts';
import type { NatExemption, SourceNat } from '../model.ts';
import { parsePorts } from './endpoint.ts';
import {
  connectedPrefix,
  isGateway,
  isNoStation,
  isOwn,
  type Place,
  placeOf,
  prefixesOf,
  type RuleReader,
} from './rule-reader.ts';
import { type ExemptForm, type MasqueradeForm, parsePool, type SnatForm } from './schema.ts';

export function readExemption(given: ExemptForm, reader: RuleReader): NatExemption | undefined {
  const place = placeOf(given.out, 'out', reader);
  if (place === undefined) return undefined;
  const from = parseIpPrefix(given.exempt)!;
  const to = given.to === undefined ? undefined : parseIpPrefix(given.to)!;
  if (to !== undefined && !isOneFamily(from, to, given.exempt, given.to!, 'to', reader)) return undefined;
  return {
    kind: 'exempt',
    ...base(place, reader),
    from: networkText(from),
    to: to === undefined ? undefined : networkText(to),
  };
}

export function readSourceNat(given: MasqueradeForm | SnatForm, reader: RuleReader): SourceNat | undefined {
  const place = placeOf(given.out, 'out', reader);
  if (place === undefined) return undefined;
  const written = 'snat' in given ? given.snat : given.masquerade;
  const from = parseIpPrefix(written)!;
  const to = 'snat' in given ? readPool(given, from, place, reader) : readPrimary(from, place, reader);
  if (to === undefined) return undefined;
  return { kind: 'snat', ...base(place, reader), from: networkText(from), to, ports: parsePorts(given.ports)! };
}

function base({ router, interface: { name } }: Place, { text, path, findings }: RuleReader) {
  return { source: findings.source(path), text, router: router.name, interface: name };
}

function readPrimary(from: IpPrefix, place: Place, { text, at, findings }: RuleReader): 'primary' | undefined {
  const { addresses } = place.interface;
  const where = `${place.router.name}/${place.interface.name}`;
  if (addresses.length > 0 && !prefixesOf(place.interface).some(({ family }) => family === from.family)) {
    findings.problem(
      at('out'),
      `\`${text}\`: ${where} has no IPv${from.family} address to masquerade as`,
      `give it one, or write an IPv${from.family === 4 ? 6 : 4} prefix`,
    );
    return undefined;
  }
  const inside = connectedPrefix(from, place.interface);
  if (inside !== undefined) {
    findings.problem(
      at('out'),
      `\`${text}\`: ${networkText(from)} is on ${where} itself, so nothing from it leaves there`,
      'write the interface towards the outside',
    );
    return undefined;
  }
  return 'primary';
}

function readPool(given: SnatForm, from: IpPrefix, place: Place, reader: RuleReader): SourceNat['to'] | undefined {
  const { text, at, findings } = reader;
  const [first, last] = parsePool(given.to)!;
  const ends = [parseIp(first)!, parseIp(last)!] as const;
  if (!isOneFamily(from, ends[0], given.snat, given.to, 'to', reader)) return undefined;
  if (ends.every((end) => isOwn(end, place.interface)) && first === last) return [first, last];
  const where = `${place.router.name}/${place.interface.name}`;
  const connected = connectedPrefix(ends[0], place.interface);
  if (connected === undefined || !holds(connected, ends[1])) {
    const own = prefixesOf(place.interface).filter(({ family }) => family === from.family);
    const prefixes = [...new Set(own.map(networkText))].join(', ');
    findings.problem(
      at('to'),
      `\`${text}\`: ${given.to} is not an address of ${where}, nor on a prefix of it`,
      `write one of ${prefixes || 'its prefixes'}, or add ${first}/${from.family === 4 ? 32 : 128} to its \`address\` list`,
    );
    return undefined;
  }
  for (const end of new Set([first, last])) if (isNoStation(end, connected, 'to', reader)) return undefined;
  const pool = rangePrefixes(first, last).map((text) => parseIpPrefix(text)!);
  return isGateway(pool, 'to', place, reader) ? undefined : [first, last];
}

/** Told where an IPv4 and an IPv6 address stand in one rule. */
export function isOneFamily(
  a: { family: number },
  b: { family: number },
  first: string,
  second: string,
  key: string,
  { text, at, findings }: RuleReader,
): boolean {
  if (a.family === b.family) return true;
  findings.problem(
    at(key),
    `\`${text}\`: ${first} is IPv${a.family} and ${second} is IPv${b.family}`,
    `write an IPv${a.family} address for ${second}`,
  );
  return false;
}

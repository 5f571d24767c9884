/** Reads `forward`: a public address and port that leads to a station inside. */

import { type IpPrefix, ipText, networkText, parseIp, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { Forward } from '../model.ts';
import { countOf, parseEndpoint, portsText } from './endpoint.ts';
import { publicPlace } from './public-address.ts';
import { checkInside, type Place, placeOf, prefixesOf, type RuleReader } from './rule-reader.ts';
import type { ForwardForm } from './schema.ts';
import { isOneFamily } from './source-nat.ts';

/** A range that moves takes a flow for each of its ports: Open vSwitch chooses within a range of NAT by a hash. */
const MOST_MOVED = 1024;

export function readForward(given: ForwardForm, reader: RuleReader): Forward | undefined {
  const { text, at, path, findings } = reader;
  const outside = parseEndpoint(given.address)!;
  const inside = parseEndpoint(given.to)!;
  const to = parseIpPrefix(inside.address)!;
  const ports = outside.ports!;
  const toPorts = inside.ports ?? ports;
  const place = placeOfPublic(outside.address, outside.isInterface, to, given, reader);
  const from = given.from === undefined ? undefined : parseIpPrefix(given.from)!;
  if (place === undefined) return undefined;
  if (from !== undefined && !isOneFamily(to, from, inside.address, given.from!, 'from', reader)) return undefined;
  checkInside(to, inside.address, 'to', place.router, reader);
  const count = countOf(ports);
  if (countOf(toPorts) !== count) {
    const end = toPorts[0] + count - 1;
    findings.problem(
      at('to'),
      `\`${text}\`: ${count} ports go to ${countOf(toPorts)}, and each needs one of its own`,
      end > 65_535
        ? 'write ranges of one length'
        : `write ${inside.address.includes(':') ? `[${inside.address}]` : inside.address}:${portsText([toPorts[0], end])}, or no ports there to keep them`,
    );
    return undefined;
  }
  if (toPorts[0] !== ports[0] && count > MOST_MOVED) {
    findings.problem(
      at('to'),
      `\`${text}\`: ${count} ports are moved, and no more than ${MOST_MOVED} can be`,
      'leave out the ports inside to keep them, or write fewer',
    );
    return undefined;
  }
  return {
    kind: 'forward',
    source: findings.source(path),
    text,
    router: place.router.name,
    interface: place.interface.name,
    protocol: given.forward,
    address: outside.isInterface ? 'primary' : outside.address,
    ports,
    from: from === undefined ? undefined : networkText(from),
    toAddress: ipText(parseIp(inside.address)!),
    toPorts,
  };
}

function placeOfPublic(
  address: string,
  isInterface: boolean,
  to: IpPrefix,
  given: ForwardForm,
  reader: RuleReader,
): Place | undefined {
  if (!isInterface) {
    const wanted = parseIpPrefix(address)!;
    if (!isOneFamily(wanted, to, address, given.to, 'to', reader)) return undefined;
    return publicPlace(wanted, address, 'address', reader);
  }
  const place = placeOf(address, 'address', reader);
  if (place === undefined) return undefined;
  const own = prefixesOf(place.interface);
  if (own.length === 0 || own.some(({ family }) => family === to.family)) return place;
  reader.findings.problem(
    reader.at('to'),
    `\`${reader.text}\`: ${address} has no IPv${to.family} address, and ${given.to} is IPv${to.family}`,
    `write an IPv${to.family === 4 ? 6 : 4} address for ${given.to}`,
  );
  return undefined;
}

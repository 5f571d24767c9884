/** What several settings of a segment are held against: its subnet, its ports, the family of an address. */

import {
  holds,
  type IpPrefix,
  ipText,
  isReservedIn,
  lastOf,
  networkOf,
  networkText,
  parseIp,
} from '../../../proto/wire/prefix.ts';
import type { Bridge } from '../model.ts';
import type { Path } from '../path.ts';
import { segmentsOf } from '../port-segments.ts';
import type { Surroundings } from './dhcp.ts';

export function portsOn(bridges: readonly Bridge[], segment: string): Bridge['ports'] {
  return bridges.flatMap(({ ports }) => ports).filter((port) => segmentsOf(port).includes(segment));
}

/** Tells of an address that is none a station of the subnet can have. */
export function inside(text: string, subnet: IpPrefix, at: Path, what: string, around: Surroundings): boolean {
  const address = parseIp(text);
  if (address !== undefined && holds(subnet, address) && !isReservedIn(subnet, address)) return true;
  around.findings.problem(
    at,
    `${around.where}: ${what} is not within ${networkText(subnet)}, the segment's subnet`,
    `write an address from ${ipText({ family: 4, number: networkOf(subnet).number + 1n })} to ${ipText({ family: 4, number: lastOf(subnet).number - 1n })}`,
  );
  return false;
}

/** Those of IPv4, the others told. */
export function ipv4List(
  given: string | readonly string[] | undefined,
  path: Path,
  { where, findings }: Surroundings,
): { text: string; at: Path }[] {
  return [given ?? []].flat().flatMap((text, index) => {
    const at = typeof given === 'string' ? path : [...path, index];
    if (parseIp(text)?.family === 4) return [{ text, at }];
    findings.problem(
      at,
      `${where}: ${text} is IPv6, and DHCP is of IPv4`,
      'write an IPv4 address; those of IPv6 stand under `advertise`',
    );
    return [];
  });
}

/** What packets a rule or policy is about, as matches: any of each of its clauses. */

import {
  type AppMatch,
  destinationIn,
  ETHER_TYPE,
  type FirewallAddresses,
  familyOf,
  type Service,
  sourceIn,
} from '../../src/index.ts';
import { classNames } from './address-classes.ts';
import type { FilteredPlace } from './filtered-place.ts';
import type { Item } from './item.ts';
import { portMasks } from './port-masks.ts';

type Family = 4 | 6;

/** In one family. A packet is meant that matches `base`, and one match of each clause. */
export interface Clauses {
  base: AppMatch;
  clauses: AppMatch[][];
}

const ICMP = 1;
const ICMPV6 = 58;

type PortField = 'tcpSrc' | 'tcpDst' | 'udpSrc' | 'udpDst' | 'sctpSrc' | 'sctpDst';
const PORT_FIELDS: ReadonlyMap<number, readonly [source: PortField, destination: PortField]> = new Map([
  [6, ['tcpSrc', 'tcpDst']],
  [17, ['udpSrc', 'udpDst']],
  [132, ['sctpSrc', 'sctpDst']],
]);

/** For each family that the router has, and the item can be about; all of them match `also`. */
export function clausesOf(item: Item, router: FilteredPlace, also: AppMatch = {}): Clauses[] {
  const isThere = (zone: Item['from']) => zone === undefined || (router.zones?.includes(zone.number) ?? true);
  if (!isThere(item.from) || !isThere(item.to)) return [];
  if (item.back !== undefined && item.back.router !== router.name) return [];
  return router.families.flatMap((family): Clauses[] => {
    const base: AppMatch = {
      ethType: family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6,
      ...router.base,
      // Of an interface in no zone: what is for the router itself does not go back by it.
      ...(item.back === undefined
        ? {}
        : { segment: item.back.segment, ingressSegment: item.back.segment, ingressZone: 0, egressZone: 0 }),
      ...(item.from === undefined ? {} : { ingressZone: item.from.number }),
      ...(item.to === undefined ? {} : { egressZone: item.to.number }),
      ...also,
    };
    const all = [
      addressMatches(item.fromAddresses, family, router, 'from'),
      addressMatches(item.toAddresses, family, router, 'to'),
      item.services && distinct(item.services.flatMap((service) => serviceMatches(service, family))),
    ];
    const clauses = all.filter((each) => each !== undefined);
    return clauses.some((each) => each.length === 0) ? [] : [{ base, clauses }];
  });
}

/** As many matches as there are ways to take one of each clause. */
export function productOf({ base, clauses }: Clauses): AppMatch[] {
  return clauses.reduce(
    (products, clause) => products.flatMap((left) => clause.map((right) => ({ ...left, ...right }))),
    [base],
  );
}

function addressMatches(
  addresses: FirewallAddresses | undefined,
  family: Family,
  { classes }: FilteredPlace,
  side: 'from' | 'to',
): AppMatch[] | undefined {
  if (addresses === undefined) return undefined;
  const names = classNames(addresses);
  if (names.length === 0) {
    return addresses.prefixes
      .filter((prefix) => familyOf(prefix) === family)
      .map((prefix) => (side === 'from' ? sourceIn(prefix) : destinationIn(prefix)));
  }
  const numbers = new Set(names.flatMap((name) => classes.of(name, family)));
  const field = side === 'from' ? 'firewall.sourceClass' : 'firewall.destinationClass';
  return [...numbers].map((number) => ({ [field]: number }));
}

/** `icmp` and `protocol 1` are one. */
function distinct(matches: readonly AppMatch[]): AppMatch[] {
  return [...new Map(matches.map((match) => [JSON.stringify(match), match])).values()];
}

function serviceMatches(service: Service, family: Family): AppMatch[] {
  const { protocol, family: only, ports, sourcePorts, types } = service;
  if (only !== undefined && only !== family) return [];
  const ipProto = protocol;
  if (protocol === ICMP && family === 4 && types.length > 0)
    return types.map((icmpv4Type) => ({ ipProto, icmpv4Type }));
  if (protocol === ICMPV6 && family === 6 && types.length > 0) {
    return types.map((icmpv6Type) => ({ ipProto, icmpv6Type }));
  }
  const [src, dst] = PORT_FIELDS.get(protocol) ?? [];
  if (src === undefined || dst === undefined) return [{ ipProto }];
  return portMatches(src, sourcePorts).flatMap((from) =>
    portMatches(dst, ports).map((to) => ({ ipProto, ...from, ...to })),
  );
}

function portMatches(field: PortField, ports: Service['ports']): AppMatch[] {
  if (ports.length === 0) return [{}];
  return ports.flatMap(([first, last]) => portMasks(first, last)).map((mask) => ({ [field]: mask }));
}

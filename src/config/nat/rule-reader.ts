/** What the readers of single NAT rules are given, and what they look up of routers. */

import {
  bitsOf,
  holds,
  type IpAddress,
  type IpPrefix,
  ipText,
  isReservedIn,
  parseIp,
  parseIpPrefix,
} from '../../../proto/wire/prefix.ts';
import type { Findings } from '../findings.ts';
import type { Router, RouterInterface } from '../model.ts';
import type { Path } from '../path.ts';

export interface RuleReader {
  /** The rule in one line. */
  text: string;
  path: Path;
  /** Where a key of it stands; of a sentence the whole. */
  at(key: string): Path;
  routers: readonly Router[];
  findings: Findings;
}

export interface Place {
  router: Router;
  interface: RouterInterface;
}

/** `edge/net`; undefined, and told, where there is none. */
export function placeOf(name: string, key: string, { at, routers, findings }: RuleReader): Place | undefined {
  const [routerName = '', interfaceName = ''] = name.split('/');
  if (!findings.known(at(key), 'router', routerName, findings.declared('routers'), 'routers')) return undefined;
  const section = `routers.${routerName}.interfaces`;
  const names = findings.declared('routers', routerName, 'interfaces');
  if (!findings.known(at(key), `interface of router ${routerName}`, interfaceName, names, section)) return undefined;
  const router = routers.find((each) => each.name === routerName);
  const found = router?.interfaces.find((each) => each.name === interfaceName);
  return router === undefined || found === undefined ? undefined : { router, interface: found };
}

/** Its addresses with the prefixes that they lie in. An interface that follows the host's has none here. */
export function prefixesOf({ addresses }: RouterInterface): IpPrefix[] {
  return addresses.map((text) => parseIpPrefix(text)!);
}

export function isOwn(address: IpAddress, { addresses }: RouterInterface): boolean {
  return addresses.some((text) => {
    const own = parseIpPrefix(text)!;
    return own.family === address.family && own.number === address.number;
  });
}

/** The connected prefix of the interface that holds all of these. */
export function connectedPrefix(wanted: IpAddress | IpPrefix, of: RouterInterface): IpPrefix | undefined {
  return prefixesOf(of).find((prefix) => holds(prefix, wanted));
}

/** Told where it is the network's own address, or the broadcast one. */
export function isNoStation(address: string, connected: IpPrefix, key: string, reader: RuleReader): boolean {
  const { text, at, findings } = reader;
  if (!isReservedIn(connected, parseIp(address)!)) return false;
  findings.problem(
    at(key),
    `\`${text}\`: ${address} is the network's own or its broadcast address`,
    'write one that a station can have',
  );
  return true;
}

/** Told where a public address is that of a gateway: the router would answer for it. */
export function isGateway(prefixes: readonly IpPrefix[], key: string, { router }: Place, reader: RuleReader): boolean {
  const { text, at, findings } = reader;
  const gateway = router.routes
    .flatMap(({ hops }) => hops)
    .find(({ address }) => prefixes.some((prefix) => holds(prefix, parseIp(address)!)));
  if (gateway === undefined) return false;
  findings.problem(
    at(key),
    `\`${text}\`: ${gateway.address} is the gateway of a route of router ${router.name}`,
    'write addresses that nobody has',
  );
  return true;
}

/** Told where an inside address is the router's own, or nobody's. */
export function checkInside(address: IpPrefix, written: string, key: string, router: Router, reader: RuleReader): void {
  const { text, at, findings } = reader;
  // A site's IPv6 prefix holds those of its segments, and the router's own addresses there.
  const isSite = address.family === 6 && address.length < bitsOf(6);
  const own = router.interfaces.find((each) =>
    prefixesOf(each).some(({ family, number }) => holds(address, { family, number })),
  );
  if (own !== undefined && isSite) return;
  if (own !== undefined) {
    findings.problem(
      at(key),
      `\`${text}\`: ${written} is router ${router.name} itself`,
      'write the address of a station',
    );
    return;
  }
  const connected = router.interfaces
    .map((each) => connectedPrefix(address, each))
    .find((prefix) => prefix !== undefined);
  if (connected !== undefined) {
    if (address.length === bitsOf(address.family)) isNoStation(ipText(address), connected, key, reader);
    return;
  }
  const isRouted = router.routes.some(({ prefix }) => {
    const route = parseIpPrefix(prefix);
    return route !== undefined && route.length > 0 && holds(route, address);
  });
  // Where an interface follows the host's address, its prefix is not known here.
  const isFollowed = router.interfaces.some(({ addresses }) => addresses.length === 0);
  if (isRouted || isFollowed || findings.broken(['routers', router.name])) return;
  findings.problem(
    at(key),
    `\`${text}\`: router ${router.name} has no interface or route towards ${written}`,
    'write an address on one of its prefixes, or add a route',
  );
}

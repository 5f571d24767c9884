/** Reads a router's static routes: `default via 10.88.88.1`, `10.9.0.0/16 via 10.66.66.9, 10.66.66.10`, `10.99.0.0/16 unreachable`. */

import {
  holds,
  type IpAddress,
  ipText,
  isLinkLocal,
  isReservedIn,
  networkText,
  parseIp,
  parseIpPrefix,
} from '../../../proto/wire/prefix.ts';
import type { Findings } from '../findings.ts';
import type { Route, RouteHop, RouterInterface, Segment } from '../model.ts';
import type { Path } from '../path.ts';
import type { FileForm } from '../schema-file.ts';
import { readWords } from '../short-form.ts';
import { type ConnectedPrefix, connectedPrefixes } from './connected.ts';
import { routeForm } from './schema.ts';

type RouterForm = NonNullable<FileForm['routers']>[string];

const GRAMMAR = {
  form: 'PREFIX via ADDRESS[, ADDRESS…] [dev INTERFACE]` or `PREFIX unreachable|prohibit|blackhole',
  example: 'default via 192.0.2.1',
};

export function readRoutes(
  router: string,
  given: RouterForm,
  interfaces: readonly RouterInterface[],
  segments: readonly Segment[],
  findings: Findings,
): Route[] {
  const routes: Route[] = [];
  const connected = connectedPrefixes(interfaces, segments);
  (given.routes ?? []).forEach((entry, i) => {
    const path: Path = ['routers', router, 'routes', i];
    const form = typeof entry === 'string' ? readWords(entry, GRAMMAR, routeWords, routeForm, path, findings) : entry;
    if (form === undefined) return;
    const at = (key: string): Path => (typeof entry === 'string' ? path : [...path, key]);
    const where = `router ${router}, route ${form.prefix}`;
    const addresses = [form.via ?? []].flat();
    if ((addresses.length === 0) === (form.type === undefined)) {
      const message = `${where}: it has ${form.type === undefined ? 'neither a gateway nor a type' : 'both a gateway and a type'}`;
      findings.problem(path, message, 'write either `via`, or `type: unreachable`, `prohibit` or `blackhole`');
      return;
    }
    const prefix = prefixOf(form.prefix, addresses[0]);
    const twin = routes.find((other) => other.prefix === prefix);
    if (twin !== undefined) {
      findings.problem(
        at('prefix'),
        `${where} stands twice`,
        addresses.length > 0 && twin.hops.length > 0
          ? `keep one of them, or write both gateways in one: \`${form.prefix} via ${[...twin.hops.map(({ address }) => address), ...addresses].join(', ')}\``
          : 'keep one of them',
      );
      return;
    }
    const same = connected.find((each) => networkText(each.prefix) === prefix);
    if (same !== undefined) {
      findings.problem(
        at('prefix'),
        `${where}: this prefix is connected, at interface ${same.interface}`,
        'remove the route',
      );
    }
    const hops = readHops({ where, prefix, addresses, dev: form.dev, at, router }, interfaces, connected, findings);
    if (hops === undefined) return;
    routes.push({ source: findings.source(path), prefix, hops, type: form.type ?? 'unicast' });
  });
  return routes;
}

/** `default` is of the family of its gateway. */
function prefixOf(written: string, via: string | undefined): string {
  if (written === 'default') return via?.includes(':') ? '::/0' : '0.0.0.0/0';
  return networkText(parseIpPrefix(written)!);
}

interface Written {
  where: string;
  prefix: string;
  addresses: readonly string[];
  dev: string | undefined;
  at: (key: string) => Path;
  router: string;
}

function readHops(
  { where, prefix, addresses, dev, at, router }: Written,
  interfaces: readonly RouterInterface[],
  connected: readonly ConnectedPrefix[],
  findings: Findings,
): RouteHop[] | undefined {
  const hops: RouteHop[] = [];
  for (const written of addresses) {
    const via = parseIp(written)!;
    const address = ipText(via);
    if (prefix.includes(':') !== address.includes(':')) {
      const [is, wants] = prefix.includes(':') ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4'];
      const message = `${where}: the gateway ${address} is ${is}, and the prefix is ${wants}`;
      findings.problem(at('via'), message, `write an ${wants} address of the next router`);
      return undefined;
    }
    if (hops.some((hop) => hop.address === address)) {
      findings.problem(at('via'), `${where}: the gateway ${address} stands twice`, 'remove one of them');
      return undefined;
    }
    if (isOwn(interfaces, via)) {
      findings.problem(
        at('via'),
        `${where}: the gateway ${address} is the router's own address`,
        'write the address of the next router',
      );
      return undefined;
    }
    const reserved = connected.find(({ prefix }) => isReservedIn(prefix, via));
    if (reserved !== undefined) {
      const what = `the network's own address or the broadcast address of ${networkText(reserved.prefix)}`;
      findings.problem(
        at('via'),
        `${where}: the gateway ${address} is ${what}`,
        'write the address of the next router',
      );
      return undefined;
    }
    const out = outOf(dev, via, connected);
    if (out === undefined) {
      if (!findings.broken(['routers', router])) tellNoWay({ where, address, via, dev, at }, connected, findings);
      return undefined;
    }
    hops.push({ address, interface: out });
  }
  return hops;
}

function outOf(dev: string | undefined, via: IpAddress, connected: readonly ConnectedPrefix[]): string | undefined {
  const isThere = (each: ConnectedPrefix) => dev === undefined || each.interface === dev;
  // Where an interface has no IPv6 address it has no link-local one, and can ask for nobody.
  if (via.family === 6 && isLinkLocal(via)) {
    return connected.some((each) => each.interface === dev && each.prefix.family === 6) ? dev : undefined;
  }
  return connected.find((each) => holds(each.prefix, via) && isThere(each))?.interface;
}

function tellNoWay(
  { where, address, via, dev, at }: Pick<Written, 'where' | 'dev' | 'at'> & { address: string; via: IpAddress },
  connected: readonly ConnectedPrefix[],
  findings: Findings,
): void {
  const names = [...new Set(connected.map((each) => each.interface))];
  const like = connected.filter(({ prefix }) => prefix.family === via.family);
  const told = (message: string, fix: string) => findings.problem(at('via'), `${where}: ${message}`, fix);
  if (dev !== undefined && !names.includes(dev)) {
    told(`there is no interface ${dev}`, `write \`via ${address} dev INTERFACE\`, with one of ${names.join(', ')}`);
    return;
  }
  if (like.length === 0) {
    const [is, other] = via.family === 6 ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6'];
    told(
      `the gateway ${address} is ${is}, and no interface of the router has an ${is} address`,
      `write the ${other} address of the next router, or give an interface an ${is} address`,
    );
    return;
  }
  if (via.family === 6 && isLinkLocal(via)) {
    const usable = [...new Set(like.map((each) => each.interface))].join(', ');
    const message =
      dev === undefined
        ? `the gateway ${address} is link-local, so the interface must be told`
        : `the gateway ${address} is IPv6, and interface ${dev} has no IPv6 address`;
    told(message, `write \`via ${address} dev INTERFACE\`, with one of ${usable}`);
    return;
  }
  const near = like.filter((each) => dev === undefined || each.interface === dev);
  const prefixes = [...new Set(near.map(({ prefix }) => networkText(prefix)))].join(', ');
  told(
    `the gateway ${address} is on no connected prefix${dev === undefined ? '' : ` of interface ${dev}`}`,
    `write an address of ${prefixes || 'an interface'}`,
  );
}

function isOwn(interfaces: readonly RouterInterface[], address: IpAddress): boolean {
  return interfaces.some((each) =>
    each.addresses.some((text) => {
      const own = parseIpPrefix(text)!;
      return own.family === address.family && own.number === address.number;
    }),
  );
}

function routeWords(words: readonly string[]): Record<string, unknown> | undefined {
  const [prefix, word = '', ...rest] = words;
  if (word !== 'via') return rest.length === 0 && word !== '' ? { prefix, type: word } : undefined;
  const dev = rest.indexOf('dev');
  if (dev >= 0 && rest.length !== dev + 2) return undefined;
  const list = (dev < 0 ? rest : rest.slice(0, dev)).join(' ').split(/\s*,\s*/);
  if (list.some((address) => / /.test(address))) return undefined;
  const via = list.length === 1 ? list[0] : list;
  return dev < 0 ? { prefix, via } : { prefix, via, dev: rest[dev + 1] };
}

/** Reads `routers`: interfaces on segments, and static routes. */

import {
  holds,
  type IpPrefix,
  ipText,
  isLinkLocal,
  isReservedIn,
  isUnicast,
  meet,
  networkOf,
  networkText,
  parseIp,
  parseIpPrefix,
} from '../../../proto/wire/prefix.ts';
import type { Findings } from '../findings.ts';
import { fnv1a64 } from '../hash.ts';
import type { Bridge, Router, RouterInterface, Segment } from '../model.ts';
import type { Path } from '../path.ts';
import { segmentsOf } from '../port-segments.ts';
import type { FileForm } from '../schema-file.ts';
import { readOptions } from './interface-options.ts';
import { readRoutes } from './routes.ts';
import { readSelf } from './self.ts';

type RouterForm = NonNullable<FileForm['routers']>[string];

export function readRouters(
  form: FileForm,
  bridges: readonly Bridge[],
  segments: readonly Segment[],
  findings: Findings,
): Router[] {
  return Object.entries(form.routers ?? {}).map(([name, given]): Router => {
    const path = ['routers', name];
    const hostKnown = findings.known([...path, 'host'], 'host', given.host, findings.declared('hosts'), 'hosts');
    const interfaces = readInterfaces(name, given, segments, findings);
    const bridge = hostKnown ? bridgeOf(name, given, interfaces, bridges, findings) : '';
    if (interfaces.length === 0 && !findings.broken(path)) {
      findings.problem(
        [...path, 'interfaces'],
        `router ${name} has no interface`,
        'add one, like `loc: { segment: loc, address: 10.66.66.1/24 }`',
      );
    }
    return {
      name,
      source: findings.source(path),
      host: given.host,
      bridge,
      mac: given.mac?.toLowerCase() ?? macOf(name),
      interfaces,
      routes: readRoutes(name, given, interfaces, segments, findings),
      self: readSelf(name, given, bridge, interfaces, bridges, segments, findings),
    };
  });
}

/** Locally administered, unicast, and the same on every run. */
export function macOf(router: string): string {
  const hash = fnv1a64(router).toString(16).padStart(16, '0').slice(-10);
  return `0e:${hash.match(/../g)!.join(':')}`;
}

function readInterfaces(
  router: string,
  given: RouterForm,
  segments: readonly Segment[],
  findings: Findings,
): RouterInterface[] {
  const interfaces: RouterInterface[] = [];
  const prefixes: { prefix: IpPrefix; interface: string }[] = [];
  for (const [name, form] of Object.entries(given.interfaces)) {
    const path = ['routers', router, 'interfaces', name];
    const where = `router ${router}, interface ${name}`;
    findings.known([...path, 'segment'], 'segment', form.segment, findings.declared('segments'), 'segments');
    const twin = interfaces.find((other) => other.segment === form.segment);
    if (twin !== undefined) {
      findings.problem(
        [...path, 'segment'],
        `${where}: segment ${form.segment} has interface ${twin.name} already`,
        `list both addresses at interface ${twin.name}`,
      );
    }
    const subnets = segments.find((segment) => segment.name === form.segment)?.subnets ?? [];
    const follow = form.address === 'follow';
    const addresses = follow ? [] : [form.address].flat().map((text) => parseIpPrefix(text)!);
    addresses.forEach((address, i) => {
      const at = [...path, 'address', ...(typeof form.address === 'string' ? [] : [i])];
      checkAddress({ where, segment: form.segment, address, at }, subnets, findings);
      const clash = prefixes.find((other) => other.interface !== name && meet(other.prefix, address));
      if (clash !== undefined) {
        findings.problem(
          at,
          `${where}: ${textOf(address)} overlaps ${textOf(clash.prefix)} of interface ${clash.interface}`,
          'give each interface a prefix of its own',
        );
      }
      prefixes.push({ prefix: address, interface: name });
    });
    warnOfOtherFamily(addresses, subnets, { path: [...path, 'address'], where, segment: form.segment }, findings);
    interfaces.push({
      name,
      source: findings.source(path),
      segment: form.segment,
      zone: 0,
      addresses: addresses.map(textOf),
      follow,
      mtu: form.mtu,
      options: readOptions(path, where, form.options, addresses.map(textOf), findings),
    });
  }
  return interfaces;
}

/** IPv6 where IPv4 is meant, or the other way round: nobody in the segment's subnets has the router. */
function warnOfOtherFamily(
  addresses: readonly IpPrefix[],
  subnets: readonly string[],
  { path, where, segment }: { path: Path; where: string; segment: string },
  findings: Findings,
): void {
  const families = new Set(subnets.map((text) => parseIpPrefix(text)!.family));
  if (addresses.length === 0 || families.size === 0 || addresses.some(({ family }) => families.has(family))) return;
  const [is, wants] = families.has(4) ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6'];
  findings.warning(
    path,
    `${where}: its address is ${is}, and the subnet of segment ${segment} is ${wants}: stations with ${wants} don't reach it`,
    `write an address of ${subnets.join(', ')}, or add one`,
  );
}

interface Written {
  where: string;
  segment: string;
  address: IpPrefix;
  at: Path;
}

function checkAddress({ where, segment, address, at }: Written, subnets: readonly string[], findings: Findings): void {
  const text = textOf(address);
  // Of IPv6 that one is of all routers of the prefix (RFC 4291 2.6.1); two routers alone on a link need none (RFC 6164).
  const isAnycast = address.family === 6 && address.length < 127 && networkOf(address).number === address.number;
  if (!isUnicast(address) || isReservedIn(address, address) || isAnycast) {
    findings.problem(
      at,
      `${where}: ${text} is no address that a router can have`,
      `write an address inside ${networkText(address)}`,
    );
  } else if (address.family === 6 && isLinkLocal(address)) {
    const fix = 'leave it out: a router has a link-local address of its own on each interface, from its MAC';
    findings.problem(at, `${where}: ${text} is a link-local address`, fix);
  }
  const within = subnets.map((each) => parseIpPrefix(each)!).filter(({ family }) => family === address.family);
  if (within.length === 0 || within.some((each) => holds(each, address))) return;
  const list = within.map(networkText).join(', ');
  findings.problem(
    at,
    `${where}: ${text} is not within ${list}, the subnet of segment ${segment}`,
    `write an address of ${list}, or change segments.${segment}.subnet`,
  );
}

/** IPv6 in the one form of RFC 5952. */
function textOf(address: IpPrefix): string {
  return `${ipText(address)}/${address.length}`;
}

/** The bridge of the host that carries the router's segments; the host's only one with flows where no port tells. */
function bridgeOf(
  name: string,
  given: RouterForm,
  interfaces: readonly RouterInterface[],
  bridges: readonly Bridge[],
  findings: Findings,
): string {
  const path = ['routers', name];
  const candidates = bridges.filter((bridge) => bridge.hosts.includes(given.host) && bridge.forwarding === 'flows');
  const wanted = new Set(interfaces.map((each) => each.segment));
  const carrying = candidates.filter((bridge) =>
    bridge.ports.some((port) => port.host === given.host && segmentsOf(port).some((segment) => wanted.has(segment))),
  );
  const [first, second] = carrying.length > 0 ? carrying : candidates;
  if (first === undefined) {
    if (!findings.broken(['bridges'])) {
      findings.problem(
        [...path, 'host'],
        `router ${name}: no bridge with \`forwarding: flows\` is on host ${given.host}`,
        `add a bridge with \`hosts: [${given.host}]\` under \`bridges\``,
      );
    }
    return '';
  }
  if (second !== undefined) {
    const names = (carrying.length > 0 ? carrying : candidates).map((bridge) => bridge.name).join(' and ');
    const message =
      carrying.length > 0
        ? `router ${name}: its segments are on several bridges of host ${given.host}: ${names}`
        : `router ${name}: no port of host ${given.host} carries its segments, so ${names} could each be its bridge`;
    findings.problem([...path, 'interfaces'], message, 'put the ports of its segments on one bridge', 'key');
  }
  return first.name;
}

/** The interface of a router that has this address. */
export function interfaceWith(router: Router, address: string): RouterInterface | undefined {
  return router.interfaces.find((each) => each.addresses.some((text) => text.slice(0, text.indexOf('/')) === address));
}

/** The interface on whose connected prefix the address lies. */
export function interfaceTowards(interfaces: readonly RouterInterface[], address: string): RouterInterface | undefined {
  const ip = parseIp(address)!;
  return interfaces.find((each) => each.addresses.some((text) => holds(parseIpPrefix(text)!, ip)));
}

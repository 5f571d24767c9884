/** Reads `routers`: interfaces on segments, and static routes. */

import type { Findings } from '../findings.ts';
import { fnv1a64 } from '../hash.ts';
import type { Bridge, Router, RouterInterface, Segment } from '../model.ts';
import { segmentsOf } from '../port-segments.ts';
import { addressNumber, contains, isReservedIn, isUnicast, networkText, overlaps, parsePrefix } from '../prefix.ts';
import type { FileForm } from '../schema-file.ts';
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
  const prefixes: { text: string; interface: string }[] = [];
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
    const subnet = subnets.find((text) => !text.includes(':'));
    const follow = form.address === 'follow';
    const addresses = follow ? [] : [form.address].flat();
    addresses.forEach((text, i) => {
      const at = [...path, 'address', ...(typeof form.address === 'string' ? [] : [i])];
      const prefix = parsePrefix(text)!;
      if (!isUnicast(prefix.address) || isReservedIn(prefix, prefix.address)) {
        findings.problem(
          at,
          `${where}: ${text} is no address that a router can have`,
          `write an address inside ${networkText(prefix)}`,
        );
      }
      const within = subnet === undefined ? undefined : parsePrefix(subnet);
      if (within !== undefined && (!contains(within, prefix.address) || prefix.length < within.length)) {
        findings.problem(
          at,
          `${where}: ${text} is not within ${subnet}, the subnet of segment ${form.segment}`,
          `write an address of ${subnet}, or change segments.${form.segment}.subnet`,
        );
      }
      const clash = prefixes.find((other) => other.interface !== name && overlaps(parsePrefix(other.text)!, prefix));
      if (clash !== undefined) {
        findings.problem(
          at,
          `${where}: ${text} overlaps ${clash.text} of interface ${clash.interface}`,
          'give each interface a prefix of its own',
        );
      }
      prefixes.push({ text, interface: name });
    });
    interfaces.push({
      name,
      source: findings.source(path),
      segment: form.segment,
      zone: 0,
      addresses,
      follow,
      mtu: form.mtu,
    });
  }
  return interfaces;
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
  const number = addressNumber(address)!;
  return interfaces.find((each) => each.addresses.some((text) => contains(parsePrefix(text)!, number)));
}

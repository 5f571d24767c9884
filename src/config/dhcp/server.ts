/** Reads what Flowloom's own DHCP server gives on a segment, and from which address it does. */

import {
  holds,
  type IpPrefix,
  ipText,
  networkOf,
  networkText,
  parseIp,
  parseIpPrefix,
} from '../../../proto/wire/prefix.ts';
import type { DhcpRange, DhcpServer } from '../model.ts';
import type { Path } from '../path.ts';
import { macOf } from '../router/routers.ts';
import type { DhcpForm, Surroundings } from './dhcp.ts';
import { inside, ipv4List } from './in-segment.ts';
import { isDomain, readOptions } from './options.ts';
import { readReservations } from './reservations.ts';

/** A /16: each address may become a lease that is kept. */
const MOST_ADDRESSES = 65_536;

export function readServer(given: DhcpForm, around: Surroundings): DhcpServer | undefined {
  const { path, where, segment, router, findings } = around;
  const own = (around.interface?.addresses ?? []).map((text) => parseIpPrefix(text)!).filter(isIpv4);
  const written = [...segment.subnets.map((text) => parseIpPrefix(text)!).filter(isIpv4)];
  const subnets = written.length > 0 ? written : own;
  const first = firstAddress(given);
  const subnet = subnets.find((each) => first !== undefined && holds(each, first)) ?? subnets[0];
  if (subnet === undefined) {
    if (!findings.broken(['segments', segment.name]) && !findings.broken(['routers'])) {
      findings.problem(
        path,
        `${where}: the segment has no IPv4 subnet to give addresses of`,
        `add \`subnet: 10.66.66.0/24\` to segments.${segment.name}`,
        'key',
      );
    }
    return undefined;
  }
  const address = serverAddress(
    given,
    subnet,
    own.filter((each) => holds(subnet, addressIn(each))),
    around,
  );
  const within = (text: string, at: Path, what: string) => inside(text, subnet, at, what, around);
  const ranges = readRanges(given, subnet, around);
  const listOf = (key: 'router' | 'dns') => ipv4List(given[key], [...path, key], around);
  const routers = listOf('router');
  for (const { text, at } of routers) within(text, at, `the router ${text}`);
  if (given.domain !== undefined && !isDomain(given.domain)) {
    findings.problem([...path, 'domain'], `${where}: \`${given.domain}\` is no domain`, 'write it like lan');
  }
  const isRouters = router !== undefined && address.isRouters;
  const ownMac = macOf(`dhcp ${segment.name}`);
  // What answers at the router's own address is the host at its `self`.
  const ownDns = isRouters && router.self !== undefined ? [address.text] : [];
  return {
    subnet: networkText(subnet),
    address: address.text,
    router: isRouters ? router.name : undefined,
    mac: isRouters ? router.mac : ownMac,
    ownMac,
    ranges,
    lease: given.lease,
    leasesPerPort: given.leasesPerPort,
    routers: given.router === undefined ? (isRouters ? [address.text] : []) : routers.map(({ text }) => text),
    dns: given.dns === undefined ? ownDns : listOf('dns').map(({ text }) => text),
    domain: given.domain,
    options: readOptions(given.options ?? {}, [...path, 'options'], where, findings),
    reservations: readReservations(given.reserve ?? {}, subnet, address.text, around),
  };
}

const isIpv4 = ({ family }: IpPrefix) => family === 4;
const addressIn = ({ family, number }: IpPrefix) => ({ family, number });

function firstAddress(given: DhcpForm) {
  const [range] = [given.range ?? []].flat();
  const text = range?.slice(0, range.indexOf('-')) ?? given.server ?? Object.values(given.reserve ?? {})[0];
  return text === undefined ? undefined : parseIp(text);
}

function serverAddress(
  given: DhcpForm,
  subnet: IpPrefix,
  own: readonly IpPrefix[],
  around: Surroundings,
): { text: string; isRouters: boolean } {
  const { path, where, router, bridges, segment, findings } = around;
  const at = [...path, 'server'];
  const [routers] = own.map((each) => ipText(addressIn(each)));
  const { server } = given;
  if (server === undefined) {
    if (routers !== undefined) return { text: routers, isRouters: true };
    if (!findings.broken(['routers'])) {
      findings.problem(
        path,
        `${where}: no router has an address of ${networkText(subnet)} there, so the server needs one of its own`,
        `add \`server: ADDRESS\`, one of ${networkText(subnet)} that nobody has`,
        'key',
      );
    }
    return { text: ipText(networkOf(subnet)), isRouters: false };
  }
  if (own.some((each) => ipText(addressIn(each)) === server)) return { text: server, isRouters: true };
  if (routers !== undefined) {
    findings.problem(
      at,
      `${where}: router ${router?.name} has ${routers} there, and answers by that address`,
      `write ${routers}, or leave \`server\` out`,
    );
  }
  inside(server, subnet, at, `the server's address ${server}`, around);
  const holder = bridges.flatMap(({ ports }) => ports).find((port) => port.addresses.includes(server));
  if (holder !== undefined) {
    findings.problem(
      at,
      `${where}: ${server} is the address of port ${holder.host}/${holder.name} (${holder.source})`,
      `write an address of segment ${segment.name} that nobody has`,
    );
  }
  return { text: server, isRouters: false };
}

function readRanges(given: DhcpForm, subnet: IpPrefix, around: Surroundings): DhcpRange[] {
  const { path, where, findings } = around;
  const ranges: (DhcpRange & { from: bigint; to: bigint })[] = [];
  for (const [index, text] of [given.range ?? []].flat().entries()) {
    const at = [...path, 'range', ...(typeof given.range === 'string' ? [] : [index])];
    const [first, last] = text.split('-').map((part) => ({ part, address: parseIp(part) }));
    const wrong = [first, last].find((end) => end?.address?.family !== 4);
    if (wrong !== undefined) {
      findings.problem(
        at,
        `${where}: ${wrong.part} is no IPv4 address`,
        'write the range like 10.66.66.100-10.66.66.200',
      );
      continue;
    }
    const [from, to] = [first!.address!.number, last!.address!.number];
    if (from > to) {
      findings.problem(at, `${where}: the range ${text} is upside down`, `write ${last!.part}-${first!.part}`);
      continue;
    }
    if (![first!, last!].every(({ part }) => inside(part, subnet, at, `${part}, of the range ${text},`, around)))
      continue;
    const other = ranges.find((each) => from <= each.to && each.from <= to);
    if (other !== undefined) {
      findings.problem(
        at,
        `${where}: the range ${text} overlaps ${other.first}-${other.last} (${other.source})`,
        'let each address be in one range',
      );
      continue;
    }
    if (to - from >= MOST_ADDRESSES) {
      findings.problem(at, `${where}: the range ${text} has more than ${MOST_ADDRESSES} addresses`, 'make it smaller');
      continue;
    }
    const source = findings.source(at);
    ranges.push({ source, first: first!.part, last: last!.part, from, to });
  }
  return ranges.map(({ source, first, last }) => ({ source, first, last }));
}

/** A router with NAT and a firewall as plain data: what a file, a ruleset of nftables and the model are made of alike. */

import { holds } from './address.ts';

export interface Guest {
  name: string;
  address: string;
  /** Of its port, where what stays on the segment is judged. */
  zone?: string;
}

export type InterfaceOption = 'norfc1918' | 'nosmurfs' | 'tcpflags' | 'routefilter' | 'routeback';

export interface Interface {
  name: string;
  /** The router's own addresses there, without length; the first is the primary. */
  own: string[];
  prefix: string;
  /** undefined: it is in none, and only `all` means it. */
  zone: string | undefined;
  guests: Guest[];
  options: InterfaceOption[];
}

/** `other`: one that has no ports, by its number. */
export type Protocol = 'tcp' | 'udp' | 'icmp' | 'other';

/** IANA has given them to nobody. Each connection has one of its own: nothing else tells two of them apart. */
export const OTHER_PROTOCOLS: Ports = [150, 199];

/** First and last. */
export type Ports = [first: number, last: number];

export type NatRule =
  | { kind: 'masquerade'; from: string; out: string; ports?: Ports }
  | { kind: 'exempt'; from: string; to?: string; out: string }
  /** `to`: the first and the last address. */
  | { kind: 'snat'; from: string; to: [first: string, last: string]; out: string; ports?: Ports }
  | {
      kind: 'forward';
      protocol: 'tcp' | 'udp';
      address: string;
      ports: Ports;
      from?: string;
      toAddress: string;
      /** Of the first port; undefined: the same ports. */
      toPort: number | undefined;
    }
  /** Side by side: of prefixes all their addresses. */
  | { kind: 'oneToOne'; outside: string[]; inside: string[] };

export type Action = 'accept' | 'drop' | 'reject';

export interface Side {
  /** `all`: any; `fw`: the router itself. */
  zone: string;
  /** Any of these. */
  prefixes?: string[];
  /** In the file they are a set of this name. */
  set?: string;
}

export interface Log {
  prefix: string;
  /** So many are told of while no time passes. */
  burst: number;
}

export interface Policy {
  from: string;
  to: string;
  action: Action;
  log?: Log;
}

/** One of what a rule's service means; ICMP means echo requests alone, or all of it. */
export interface Service {
  protocol: Protocol;
  ports?: Ports[];
  echo?: boolean;
}

export interface Rule {
  action: Action;
  from: Side;
  to: Side;
  /** As the file has it, and what it means; undefined: any. */
  service: { text: string; any: Service[] } | undefined;
  /** Bytes of IP. */
  over?: number;
  /** So many of connections, in 1000 s; or so many packets while no time passes. */
  limit?: { kind: 'connections' | 'packets'; burst: number };
  log?: Log;
}

/** Beyond those that are connected. */
export interface Route {
  prefix: string;
  /** A guest's name, who is the gateway; or how it is refused. */
  via: { guest: string } | { refused: 'unreachable' | 'prohibit' | 'blackhole' };
  /** Somebody there, behind the gateway. */
  station: string;
}

export interface Network {
  family: 4 | 6;
  interfaces: Interface[];
  routes: Route[];
  nat: NatRule[];
  /** undefined: nothing filters. */
  firewall: { rules: Rule[]; policy: Policy[] } | undefined;
}

/** ICMP: of an echo request, its identifier stands for both ports; of another protocol, its number. */
export interface Packet {
  protocol: Protocol;
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
}

export type TcpFlag = 'fin' | 'syn' | 'rst' | 'psh' | 'ack' | 'urg';

/** What is sent, one after the other. */
export type Step =
  /** `flags`: of TCP. `payload`: bytes. */
  | { kind: 'new'; from: string; packet: Packet; flags: TcpFlag[]; payload: number }
  /** Whoever got that step's packet answers, or its sender sends another one. */
  | { kind: 'reply' | 'again'; to: number; payload: number }
  /** Its sender resets a connection of TCP. */
  | { kind: 'close'; to: number }
  /** Whoever got that step's packet says that nobody listens (ICMP port unreachable); `other`: a router on the way says so. */
  | { kind: 'error'; to: number; by: 'itself' | 'other' }
  /** An error about a packet that nobody has sent. */
  | { kind: 'stray'; from: string; about: Packet }
  /** The file has another firewall. */
  | { kind: 'reload'; firewall: NonNullable<Network['firewall']> };

export interface Case {
  network: Network;
  steps: Step[];
}

export const REFUSALS = ['reset', 'port unreachable', 'no route', 'host unreachable', 'prohibited'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What somebody may take for a new connection's source. */
export interface Choice {
  addresses: [first: string, last: string];
  /** undefined: the port stays. */
  ports: Ports | undefined;
}

export type Outcome =
  /** `at`: the guest's name. */
  | { kind: 'delivered'; at: string; packet: Packet }
  /** `about`: the packet that it quotes, as its sender knows it. */
  | { kind: 'error delivered'; at: string; about: Packet }
  /** The router tells the sender about the packet that it has sent. */
  | { kind: 'refused'; how: Refusal; about: Packet }
  /** The router answers ping. */
  | { kind: 'pong' }
  /** Accepted to the router itself, which offers nothing there. */
  | { kind: 'local' }
  | { kind: 'dropped' };

export function interfaceOf({ interfaces }: Network, name: string): Interface {
  return interfaces.find((each) => each.name === name)!;
}

export function isOwn({ interfaces }: Network, address: string): boolean {
  return interfaces.some(({ own }) => own.includes(address));
}

/** Public addresses that no interface has, with where they lie: the router answers for them. */
export function proxied(network: Network): { address: string; at: Interface }[] {
  const addresses = network.nat.flatMap((rule) => {
    if (rule.kind === 'snat') return between(network, ...rule.to);
    if (rule.kind === 'forward') return [rule.address];
    return rule.kind === 'oneToOne' ? rule.outside : [];
  });
  return [...new Set(addresses)]
    .filter((address) => !isOwn(network, address))
    .map((address) => ({ address, at: network.interfaces.find(({ prefix }) => holds(prefix, address))! }));
}

/** The addresses of a range, of those that these networks have. */
function between({ interfaces, family }: Network, first: string, last: string): string[] {
  if (first === last) return [first];
  const at = interfaces.find(({ prefix }) => holds(prefix, first))!;
  const [head] = splitHost(first);
  const [, from] = splitHost(first);
  const [, to] = splitHost(last);
  const radix = family === 4 ? 10 : 16;
  return Array.from({ length: to - from + 1 }, (_, i) => `${head}${(from + i).toString(radix)}`).filter((each) =>
    holds(at.prefix, each),
  );
}

function splitHost(address: string): [head: string, host: number] {
  const at = Math.max(address.lastIndexOf('.'), address.lastIndexOf(':')) + 1;
  return [address.slice(0, at), Number.parseInt(address.slice(at), address.includes(':') ? 16 : 10)];
}

/** Where a packet for the address goes: the longest prefix. `guest`: who gets it; undefined: nobody is there. */
export function towards(
  network: Network,
  address: string,
): { out: Interface; guest: string | undefined } | { refused: 'unreachable' | 'prohibit' | 'blackhole' } | undefined {
  const connected = network.interfaces.find(({ prefix }) => holds(prefix, address));
  if (connected !== undefined) {
    return { out: connected, guest: connected.guests.find((each) => each.address === address)?.name };
  }
  const length = ({ prefix }: Route) => Number(prefix.split('/')[1]);
  const [route] = network.routes
    .filter(({ prefix }) => holds(prefix, address))
    .toSorted((a, b) => length(b) - length(a));
  if (route === undefined) return undefined;
  return 'refused' in route.via ? route.via : { out: behind(network, route.via.guest), guest: route.via.guest };
}

export function behind(network: Network, guest: string): Interface {
  return network.interfaces.find(({ guests }) => guests.some(({ name }) => name === guest))!;
}

/** Something judges what stays on the segment. */
export function isFiltered({ firewall }: Network, { guests }: Interface): boolean {
  return firewall !== undefined && guests.some(({ zone }) => zone !== undefined);
}

export function guestNamed({ interfaces }: Network, name: string): Guest {
  return interfaces.flatMap(({ guests }) => guests).find((each) => each.name === name)!;
}

export function reversed({ protocol, src, dst, srcPort, dstPort }: Packet): Packet {
  return { protocol, src: dst, dst: src, srcPort: dstPort, dstPort: srcPort };
}

export function same(a: Packet, b: Packet): boolean {
  return (
    a.protocol === b.protocol &&
    a.src === b.src &&
    a.dst === b.dst &&
    a.srcPort === b.srcPort &&
    a.dstPort === b.dstPort
  );
}

export function tellPacket({ protocol, src, dst, srcPort, dstPort }: Packet): string {
  return protocol === 'other'
    ? `protocol ${srcPort} ${src} → ${dst}`
    : `${protocol} ${src} ${srcPort} → ${dst} ${dstPort}`;
}

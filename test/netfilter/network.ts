/** A router with NAT and a firewall as plain data: what a file, a ruleset of nftables and the model are made of alike. */

export interface Guest {
  name: string;
  address: string;
}

export interface Interface {
  name: string;
  /** The router's own addresses there, without length; the first is the primary. */
  own: string[];
  prefix: string;
  zone: string;
  guests: Guest[];
}

export type Protocol = 'tcp' | 'udp' | 'icmp';

export type NatRule =
  | { kind: 'masquerade' | 'exempt'; from: string; to?: string; out: string }
  | { kind: 'snat'; from: string; to: string; out: string }
  | {
      kind: 'forward';
      protocol: 'tcp' | 'udp';
      address: string;
      ports: [first: number, last: number];
      toAddress: string;
      /** Of the first port; undefined: the same ports. */
      toPort: number | undefined;
    }
  | { kind: 'oneToOne'; outside: string; inside: string };

export type Action = 'accept' | 'drop' | 'reject';

export interface Side {
  /** `all`: any; `fw`: the router itself. */
  zone: string;
  prefix?: string;
}

export interface Policy {
  from: string;
  to: string;
  action: Action;
}

export interface Rule {
  action: Action;
  from: Side;
  to: Side;
  /** undefined: any. */
  service: { protocol: Protocol; ports?: [first: number, last: number] } | undefined;
}

export interface Network {
  family: 4 | 6;
  interfaces: Interface[];
  nat: NatRule[];
  /** undefined: nothing filters. */
  firewall: { rules: Rule[]; policy: Policy[] } | undefined;
}

/** ICMP: of an echo request, its identifier stands for both ports. */
export interface Packet {
  protocol: Protocol;
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
}

/** What is sent, one after the other. */
export type Step =
  | { kind: 'new'; from: string; packet: Packet }
  /** Whoever got that step's packet answers, or its sender sends another one. */
  | { kind: 'reply' | 'again'; to: number }
  /** Whoever got that step's datagram says that nobody listens (ICMP port unreachable). */
  | { kind: 'error'; to: number };

export interface Case {
  network: Network;
  steps: Step[];
}

export type Outcome =
  /** `at`: the interface's name. */
  | { kind: 'delivered'; at: string; packet: Packet }
  /** `about`: the datagram that it quotes, as its sender knows it. */
  | { kind: 'error delivered'; at: string; about: Packet }
  /** The router answers ping. */
  | { kind: 'pong' }
  /** Accepted to the router itself: what it offers there is its own affair. */
  | { kind: 'local' }
  | { kind: 'reset' | 'port unreachable' | 'no route' | 'dropped' };

export function interfaceOf({ interfaces }: Network, name: string): Interface {
  return interfaces.find((each) => each.name === name)!;
}

export function isOwn({ interfaces }: Network, address: string): boolean {
  return interfaces.some(({ own }) => own.includes(address));
}

/** The interface whose prefix holds the address. */
export function towards(network: Network, address: string): Interface | undefined {
  return network.interfaces.find(({ prefix }) => inPrefix(prefix, address));
}

export function behind(network: Network, guest: string): Interface {
  return network.interfaces.find(({ guests }) => guests.some(({ name }) => name === guest))!;
}

/** Prefixes of these networks end at dots, or at colons: the text tells. */
export function inPrefix(prefix: string, address: string): boolean {
  const [network = '', length] = prefix.split('/');
  if (length === undefined || length === '32' || length === '128') return network === address;
  if (length === '0') return network.includes(':') === address.includes(':');
  const bits = Number(length);
  const head = network.includes(':')
    ? network.replace(/::$/, ':')
    : network
        .split('.')
        .slice(0, bits / 8)
        .join('.')
        .concat('.');
  return address.startsWith(head);
}

export function reversed({ protocol, src, dst, srcPort, dstPort }: Packet): Packet {
  return { protocol, src: dst, dst: src, srcPort: dstPort, dstPort: srcPort };
}

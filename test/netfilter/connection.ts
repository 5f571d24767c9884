/** What the model knows of connections, and of the packets that it is asked about. */

import { isWithin } from './address.ts';
import type { FilteredWay } from './filter.ts';
import {
  type Choice,
  guestNamed,
  type Network,
  type Outcome,
  type Packet,
  type Rule,
  type TcpFlag,
} from './network.ts';

export interface Connection {
  original: Packet;
  /** As an answer looks where it comes in. */
  reply: Packet;
  /** As it would look there if its source were not translated. */
  inner: Packet;
  /** Of what stays on a segment, between which zones there; undefined: it is routed. */
  between: string | undefined;
  /** What has let it in; undefined: nothing filters. */
  entry: Entry | undefined;
}

/** How a connection was let in. */
export interface Entry {
  sent: Sent;
  forwarded: Packet;
  way: FilteredWay;
  rule: Rule | undefined;
  chain: string;
  /** What stood then. */
  firewall: Network['firewall'];
}

/** A packet on the wire. */
export interface Sent {
  packet: Packet;
  /** The interface's name. */
  arrival: string;
  /** Of TCP. */
  flags: readonly TcpFlag[];
  /** Of ICMP: not an echo reply. */
  isRequest: boolean;
  /** Bytes of IP. */
  size: number;
  /** Who sends it to whom, where it stays on a segment. */
  bridged?: { from: string; to: string };
}

export interface Verdict {
  outcome: Outcome;
  /** Prefixes of what is logged. */
  logged: string[];
  /** What a new connection's source may become, and what of it nobody has yet: `chosen` says what it was. */
  choice?: Choice;
  /** Conntrack does not know what it is. */
  isInvalid?: true;
  /** It would be an answer to a connection, were that not translated. */
  isInner?: true;
  /** Its connection is to be judged again, which its first side's next packet does. */
  mayBeDropped?: true;
}

/** The zones of two ports of a segment; and what their connections are kept by, both ways alike. */
export function zonesBetween(
  network: Network,
  from: string,
  to: string,
  arrival: string,
): [zones: { from: string | undefined; to: string | undefined }, between: string] {
  const zones = { from: guestNamed(network, from).zone, to: guestNamed(network, to).zone };
  return [zones, `${arrival} ${[zones.from ?? '', zones.to ?? ''].toSorted().join(' and ')}`];
}

/** The first segment of a connection, or one of its middle. */
export function beginsTcp(flags: readonly TcpFlag[]): boolean {
  const has = (flag: TcpFlag) => flags.includes(flag);
  if (flags.length === 1 && has('syn')) return true;
  return has('ack') && !has('syn') && !has('rst') && !has('fin');
}

/** What the source of a new connection may be. */
export function isAmong({ addresses, ports }: Choice, wanted: Packet, found: Packet): boolean {
  if (wanted.protocol !== found.protocol || wanted.dst !== found.dst || wanted.dstPort !== found.dstPort) return false;
  if (!isWithin(addresses, found.src)) return false;
  if (wanted.protocol === 'icmp' || wanted.protocol === 'other') return wanted.srcPort === found.srcPort;
  if (ports === undefined) return wanted.srcPort === found.srcPort;
  return ports[0] <= found.srcPort && found.srcPort <= ports[1];
}

/** A packet as people say it, `from web1 tcp to 10.0.0.2:80`: what the words can be, and what is read from them. */

import type { TcpFlag } from '../packet/tcp.ts';

export const KINDS = {
  tcp: 'a TCP segment; without `flags` one that opens a connection (syn)',
  udp: 'a UDP datagram',
  sctp: 'an SCTP packet',
  ping: 'an ICMP echo request, of IPv6 an ICMPv6 one; `ping 10.0.0.2` is `ping to 10.0.0.2`',
  icmp: 'ICMP or ICMPv6 of any `type` and `code`; without them an echo request',
  arp: 'the question who has an address; `arp 10.0.0.1` is `arp to 10.0.0.1`',
  nd: 'the same of IPv6: a neighbour solicitation',
  ip: 'IPv4 or IPv6 with a payload of protocol `proto` (253, for experiments)',
  eth: 'a frame of another EtherType: `eth 0x88cc`',
} as const;

export type Kind = keyof typeof KINDS;

/** What may stand behind, each with one value. */
export const OPTIONS = {
  to: 'where it goes: an address, `10.0.0.2:80`, `[2001:db8::2]:80`, or a port of the file, `web2:http`',
  mac: "the sender's MAC address; without it that of the station behind the port",
  'to-mac': "the frame's destination; without it that of the next hop, as far as it is known",
  vlan: 'its tag: a VLAN, or `none`; without it what the port takes',
  pcp: "the tag's priority, 0 to 7",
  ttl: 'TTL, or the hop limit, 0 to 255; without it 64',
  tos: 'the byte of DSCP and ECN, 0 to 255',
  flags: 'of TCP: `syn`, `syn,ack`, `none`',
  type: 'of ICMP, 0 to 255',
  code: 'of ICMP, 0 to 255',
  proto: 'the IP protocol, 0 to 255, of `ip`',
  bytes: 'length of its payload; without it there is none',
} as const;

export type Option = keyof typeof OPTIONS;

/** A word, with the column that it begins at, from 1. */
export interface Spot {
  text: string;
  column: number;
}

export interface Endpoint extends Spot {
  /** An IP address in its usual form, or a name that is to be looked up. */
  address: string | undefined;
  name: string | undefined;
  port: number | undefined;
}

export interface PacketWords {
  text: string;
  from: Spot;
  /** undefined: not said. */
  kind: (Spot & { kind: Kind }) | undefined;
  source: Endpoint | undefined;
  target: Endpoint | undefined;
  etherType: number | undefined;
  mac: string | undefined;
  toMac: string | undefined;
  vlan: number | 'none' | undefined;
  pcp: number | undefined;
  ttl: number | undefined;
  tos: number | undefined;
  flags: TcpFlag[] | undefined;
  type: number | undefined;
  code: number | undefined;
  proto: number | undefined;
  bytes: number | undefined;
}

/** What is wrong with the words: at which column, and what would be right. */
export class PacketWordsError extends Error {
  readonly column: number;

  constructor(problem: string, column: number) {
    super(`column ${column}: ${problem}`);
    this.name = 'PacketWordsError';
    this.column = column;
  }
}

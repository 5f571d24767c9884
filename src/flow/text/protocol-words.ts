/** Words that stand for an Ethernet type, and for a protocol of IP with it (ovs-fields(7)). */

export interface Protocol {
  readonly word: string;
  readonly ethType: number;
  readonly ipProto?: number;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/** As they are printed; where two fit, the first. */
export const PROTOCOLS: readonly Protocol[] = [
  { word: 'icmp', ethType: IPV4, ipProto: 1 },
  { word: 'tcp', ethType: IPV4, ipProto: 6 },
  { word: 'udp', ethType: IPV4, ipProto: 17 },
  { word: 'sctp', ethType: IPV4, ipProto: 132 },
  { word: 'icmp6', ethType: IPV6, ipProto: 58 },
  { word: 'tcp6', ethType: IPV6, ipProto: 6 },
  { word: 'udp6', ethType: IPV6, ipProto: 17 },
  { word: 'sctp6', ethType: IPV6, ipProto: 132 },
  { word: 'ip', ethType: IPV4 },
  { word: 'ipv6', ethType: IPV6 },
  { word: 'arp', ethType: 0x0806 },
  { word: 'rarp', ethType: 0x8035 },
  { word: 'mpls', ethType: 0x8847 },
  { word: 'mplsm', ethType: 0x8848 },
];

const ALIASES: readonly Protocol[] = [
  { word: 'ipv4', ethType: IPV4 },
  { word: 'ip4', ethType: IPV4 },
  { word: 'ip6', ethType: IPV6 },
];

const BY_WORD = new Map([...PROTOCOLS, ...ALIASES].map((protocol) => [protocol.word, protocol]));

export function protocolNamed(word: string): Protocol | undefined {
  return BY_WORD.get(word);
}

export function protocolWords(): Iterable<string> {
  return BY_WORD.keys();
}

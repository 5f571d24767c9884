/** Packets in short forms: names of guests, and what follows from them, the lab fills in when they are sent. */

import { answerTo } from '../packet/answer-to.ts';
import { ARP_REPLY, ARP_REQUEST } from '../packet/arp.ts';
import { buildPacket } from '../packet/build.ts';
import { ICMP_TYPE } from '../packet/icmp.ts';
import { ICMPV6_TYPE } from '../packet/icmpv6.ts';
import type { PacketLayers } from '../packet/layers.ts';
import type { TcpFlag } from '../packet/tcp.ts';

/** What every short form takes. Of what is not given the lab knows what is usual. */
export interface CommonFields {
  /** A guest's name, or an address; default: of the guest that sends it. */
  src?: string;
  dst?: string;
  /** MAC addresses, where they are not those of the guests. */
  eth?: { src?: string; dst?: string };
  /** Id of its VLAN tag. */
  vlan?: number;
  ttl?: number;
  payload?: string | Uint8Array;
}

/** A packet that is not bytes yet. */
export interface PacketDraft extends CommonFields {
  /** Layers above the network. */
  readonly above: (isIpv6: boolean) => PacketLayers;
  readonly arp?: 'request' | 'reply';
}

export type Sendable = Uint8Array | PacketDraft;

/** The first of the ports that are nobody's (RFC 6335). */
const DYNAMIC_PORT = 49_152;
const ECHO_IDENTIFIER = 1;

export interface TcpFieldsInShort extends CommonFields {
  srcPort?: number;
  dstPort: number;
  /** Default: `['syn']`. */
  flags?: readonly TcpFlag[];
}

export interface UdpFieldsInShort extends CommonFields {
  srcPort?: number;
  dstPort: number;
}

export interface IcmpFieldsInShort extends CommonFields {
  type: number;
  code?: number;
}

export const packet = {
  /** `packet.tcp({ dst: 'web2', dstPort: 80 })`: that asks for a connection, unless `flags` say something else. */
  tcp: ({ srcPort = DYNAMIC_PORT, dstPort, flags = ['syn'], ...common }: TcpFieldsInShort): PacketDraft => ({
    ...common,
    above: () => ({ tcp: { srcPort, dstPort, flags: [...flags] } }),
  }),
  udp: ({ srcPort = DYNAMIC_PORT, dstPort, ...common }: UdpFieldsInShort): PacketDraft => ({
    ...common,
    above: () => ({ udp: { srcPort, dstPort } }),
  }),
  /** Of IPv6, where the addresses are: types are another list there. */
  icmp: ({ type, code = 0, ...common }: IcmpFieldsInShort): PacketDraft => ({
    ...common,
    above: (isIpv6) => (isIpv6 ? { icmpv6: { type, code } } : { icmp: { type, code } }),
  }),
  /** An echo request. */
  ping: (src: string, dst: string, { sequence = 1, ...common }: CommonFields & { sequence?: number } = {}) =>
    ({
      ...{ src, dst, ...common },
      above: (isIpv6) =>
        isIpv6
          ? { icmpv6: { type: ICMPV6_TYPE.echoRequest, identifier: ECHO_IDENTIFIER, sequence } }
          : { icmp: { type: ICMP_TYPE.echoRequest, identifier: ECHO_IDENTIFIER, sequence } },
    }) satisfies PacketDraft as PacketDraft,
  /** Who has `dst`? With `reply`: `src` tells `dst` that it is there. */
  arp: ({ reply = false, ...common }: Omit<CommonFields, 'ttl' | 'payload'> & { reply?: boolean }): PacketDraft => ({
    ...common,
    arp: reply ? 'reply' : 'request',
    above: () => ({}),
  }),
  /** IPv4 or IPv6 with nothing that is known above it. */
  ip: ({ protocol, ...common }: CommonFields & { protocol: number }): PacketDraft => ({
    ...common,
    above: () => ({ ipv4: { src: '', dst: '', protocol } }),
  }),
  /** Layer by layer, every field as it is wanted; what is not given follows from the others. */
  layers: (layers: PacketLayers): Uint8Array => buildPacket(layers),
  /** What whoever got the frame sends back: addresses and ports the other way round, SYN-ACK to SYN, echo reply to request. */
  answer: answerTo,
};

/** What a name or an address of a draft stands for. */
export interface Ends {
  src: End;
  dst: End;
  ethDst: string;
}

export interface End {
  mac: string | undefined;
  ip: string | undefined;
  ip6: string | undefined;
}

const NO_MAC = '00:00:00:00:00:00';

/** Throws what is missing. */
export function draftBytes(draft: PacketDraft, { src, dst, ethDst }: Ends): Uint8Array {
  const { eth, vlan, ttl, payload, arp } = draft;
  const vlans = vlan === undefined ? {} : { vlans: [{ vid: vlan }] };
  const ethSrc = eth?.src ?? src.mac ?? NO_MAC;
  if (arp !== undefined) {
    if (src.ip === undefined || dst.ip === undefined)
      throw new Error('ARP is for IPv4: give `src` and `dst` with such addresses');
    const operation = arp === 'reply' ? ARP_REPLY : ARP_REQUEST;
    const targetMac = arp === 'reply' ? (dst.mac ?? NO_MAC) : NO_MAC;
    const addresses = { senderMac: ethSrc, senderAddress: src.ip, targetMac, targetAddress: dst.ip };
    const given = eth?.dst === undefined ? {} : { dst: eth.dst };
    return buildPacket({ eth: { src: ethSrc, ...given }, ...vlans, arp: { operation, ...addresses } });
  }
  const isIpv6 = isIpv6Between(src, dst);
  const above = draft.above(isIpv6);
  const { ipv4: more, ...layers } = above;
  const text = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  const network = isIpv6
    ? { ipv6: { src: src.ip6!, dst: dst.ip6!, ...(ttl !== undefined && { hopLimit: ttl }), ...protocolOf(more) } }
    : { ipv4: { src: src.ip!, dst: dst.ip!, ...(ttl !== undefined && { ttl }), ...protocolOf(more) } };
  return buildPacket({
    eth: { src: ethSrc, dst: eth?.dst ?? ethDst },
    ...vlans,
    ...network,
    ...layers,
    ...(text !== undefined && { payload: text }),
  });
}

function protocolOf(more: PacketLayers['ipv4']): { protocol?: number } {
  return more?.protocol === undefined ? {} : { protocol: more.protocol };
}

/** IPv4 where both can. Throws where neither is possible. */
export function isIpv6Between(src: End, dst: End): boolean {
  if (src.ip !== undefined && dst.ip !== undefined) return false;
  if (src.ip6 !== undefined && dst.ip6 !== undefined) return true;
  throw new Error('a packet wants two addresses of one kind: give `src` and `dst` of IPv4, or of IPv6');
}

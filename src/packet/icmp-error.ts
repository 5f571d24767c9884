/** ICMP errors that a router sends: when it may, and with what of the packet (RFC 792, RFC 1812 4.3.2, RFC 4443 2.4). */

import { buildEthernet, parseEthernet } from './ethernet.ts';
import { buildIcmp, ICMP_QUERIES, ICMP_TYPE } from './icmp.ts';
import { buildIcmpv6, ICMPV6_TYPE } from './icmpv6.ts';
import { type Ip, parseIp } from './ip.ts';
import { buildIpv4, IP_PROTOCOL } from './ipv4.ts';
import { buildIpv6, IPV6_HEADER_LENGTH } from './ipv6.ts';
import { isGroupMac, macNumber } from './mac.ts';
import { ND_TYPE } from './neighbor-discovery.ts';

export const UNREACHABLE = {
  network: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  prohibited: 13,
} as const;

/** Types and codes: of ICMP, and what stands for it in ICMPv6 (RFC 4443 3). */
const KINDS = {
  'time-exceeded': [ICMP_TYPE.timeExceeded, 0, ICMPV6_TYPE.timeExceeded, 0],
  'net-unreachable': [ICMP_TYPE.unreachable, UNREACHABLE.network, ICMPV6_TYPE.unreachable, 0],
  'host-unreachable': [ICMP_TYPE.unreachable, UNREACHABLE.host, ICMPV6_TYPE.unreachable, 3],
  'port-unreachable': [ICMP_TYPE.unreachable, UNREACHABLE.port, ICMPV6_TYPE.unreachable, 4],
  'admin-prohibited': [ICMP_TYPE.unreachable, UNREACHABLE.prohibited, ICMPV6_TYPE.unreachable, 1],
  /** "Fragmentation needed" of IPv4 (RFC 1191), "packet too big" of IPv6. */
  'too-big': [ICMP_TYPE.unreachable, UNREACHABLE.fragmentationNeeded, ICMPV6_TYPE.packetTooBig, 0],
} as const;

export type IcmpErrorKind = keyof typeof KINDS;

export interface IcmpErrorRequest {
  kind: IcmpErrorKind;
  /** The packet that could not go on, as it came in. */
  frame: Uint8Array;
  routerMac: string;
  /** The router's address on the interface that it came in by, of the packet's family. */
  routerAddress: string;
  /** Of `too-big`: what the next link takes. */
  mtu?: number | undefined;
}

/** The longest error, with its IP header: RFC 1812 4.3.2.3, and the least MTU of IPv6 (RFC 4443 2.4(c)). */
const MAXIMUM_LENGTH = { 4: 576, 6: 1280 } as const;
const TTL = 64;
/** Precedence "internetwork control" (RFC 1812 4.3.2.5). */
const INTERNETWORK_CONTROL = 0xc0;

/** undefined where no error may be sent for this frame. */
export function icmpError(request: IcmpErrorRequest): Uint8Array | undefined {
  const { frame, routerMac } = request;
  const ethernet = parseEthernet(frame);
  const ip = ethernet && parseIp(frame, ethernet);
  if (ethernet === undefined || ip === undefined) return undefined;
  const isGroup = isGroupMac(macNumber(ethernet.dst)) || isGroupMac(macNumber(ethernet.src));
  if (isGroup || !mayBeAnswered(frame, ip)) return undefined;
  const { dst: src, src: dst, vlan, ethType } = { ...ethernet, dst: routerMac };
  return buildEthernet({ dst, src, vlan, ethType }, ip.isIpv6 ? error6(request, ip) : error4(request, ip));
}

function error4({ kind, frame, routerAddress: src, mtu = 0 }: IcmpErrorRequest, ip: Ip): Uint8Array {
  const [type, code] = KINDS[kind];
  const end = Math.min(ip.payloadEnd, ip.offset + MAXIMUM_LENGTH[4] - 28);
  const message = buildIcmp(
    { type, code, rest: kind === 'too-big' ? mtu & 0xffff : 0 },
    frame.subarray(ip.offset, end),
  );
  return buildIpv4({ src, dst: ip.src, protocol: IP_PROTOCOL.icmp, ttl: TTL, tos: INTERNETWORK_CONTROL }, message);
}

function error6({ kind, frame, routerAddress: src, mtu = 0 }: IcmpErrorRequest, ip: Ip): Uint8Array {
  const [, , type, code] = KINDS[kind];
  const ends = { src, dst: ip.src };
  const end = Math.min(ip.payloadEnd, ip.offset + MAXIMUM_LENGTH[6] - IPV6_HEADER_LENGTH - 8);
  const message = buildIcmpv6(
    { ...ends, type, code, rest: kind === 'too-big' ? mtu : 0 },
    frame.subarray(ip.offset, end),
  );
  return buildIpv6({ ...ends, protocol: IP_PROTOCOL.icmpv6, hopLimit: TTL }, message);
}

/**
 * RFC 1812 4.3.2.7, RFC 4443 2.4(e): never about an ICMP error, a group, a later fragment, or to a source that is no single
 * station.
 */
function mayBeAnswered(frame: Uint8Array, ip: Ip): boolean {
  if (ip.isLaterFragment || !ip.isSound) return false;
  const type = ip.payloadOffset < ip.payloadEnd ? frame[ip.payloadOffset] : undefined;
  if (ip.isIpv6) {
    if (isNoStation6(ip.src) || ip.dst.startsWith('ff')) return false;
    // Errors are the types below 128; a redirect is none by its number.
    return ip.protocol !== IP_PROTOCOL.icmpv6 || (type !== undefined && type >= 128 && type !== ND_TYPE.redirect);
  }
  const source = Number(ip.src.split('.')[0]);
  const target = Number(ip.dst.split('.')[0]);
  if (source === 0 || source === 127 || source >= 224 || target >= 224) return false;
  return ip.protocol !== IP_PROTOCOL.icmp || (type !== undefined && ICMP_QUERIES.has(type));
}

function isNoStation6(address: string): boolean {
  return address === '::' || address === '::1' || address.startsWith('ff');
}

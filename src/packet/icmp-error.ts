/** ICMP errors that a router sends: when it may, and with what of the packet (RFC 792, RFC 1812 4.3.2). */

import { buildEthernet, ETHER_TYPE, parseEthernet } from './ethernet.ts';
import { buildIcmp, ICMP_QUERIES, ICMP_TYPE } from './icmp.ts';
import { buildIpv4, IP_PROTOCOL, type Ipv4, parseIpv4 } from './ipv4.ts';

export interface IcmpErrorRequest {
  /** The packet that could not go on, as it came in. */
  frame: Uint8Array;
  routerMac: string;
  /** The router's address on the interface that it came in by. */
  routerAddress: string;
}

export const UNREACHABLE = {
  network: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  prohibited: 13,
} as const;

/** The longest ICMP error (RFC 1812 4.3.2.3). */
const MAXIMUM_LENGTH = 576;

/** TTL ran out here. undefined where no error may be sent for this frame. */
export function icmpTimeExceeded(request: IcmpErrorRequest): Uint8Array | undefined {
  return icmpError(request, ICMP_TYPE.timeExceeded, 0, 0);
}

/** `mtu` goes with `fragmentationNeeded` (RFC 1191). */
export function icmpUnreachable(request: IcmpErrorRequest, code: number, mtu = 0): Uint8Array | undefined {
  return icmpError(request, ICMP_TYPE.unreachable, code, mtu & 0xffff);
}

function icmpError(
  { frame, routerMac, routerAddress }: IcmpErrorRequest,
  type: number,
  code: number,
  rest: number,
): Uint8Array | undefined {
  const ethernet = parseEthernet(frame);
  if (ethernet === undefined || ethernet.ethType !== ETHER_TYPE.ipv4) return undefined;
  const packet = parseIpv4(frame, ethernet.payloadOffset);
  if (packet === undefined || !mayBeAnswered(frame, ethernet.dst, ethernet.src, packet)) return undefined;
  const end = Math.min(packet.payloadEnd, ethernet.payloadOffset + MAXIMUM_LENGTH - 28);
  const quoted = frame.subarray(ethernet.payloadOffset, end);
  const reply = buildIpv4(
    // Precedence "internetwork control" (RFC 1812 4.3.2.5).
    { src: routerAddress, dst: packet.src, protocol: IP_PROTOCOL.icmp, ttl: 64, tos: 0xc0 },
    buildIcmp({ type, code, rest }, quoted),
  );
  return buildEthernet({ dst: ethernet.src, src: routerMac, vlan: ethernet.vlan, ethType: ETHER_TYPE.ipv4 }, reply);
}

/** RFC 1812 4.3.2.7: never about an ICMP error, a group, a later fragment, or to a source that is no single station. */
function mayBeAnswered(frame: Uint8Array, dstMac: string, srcMac: string, packet: Ipv4): boolean {
  if (isGroupMac(dstMac) || isGroupMac(srcMac)) return false;
  if (packet.fragmentOffset !== 0 || !packet.checksumOk) return false;
  const source = Number(packet.src.split('.')[0]);
  const target = Number(packet.dst.split('.')[0]);
  if (source === 0 || source === 127 || source >= 224 || target >= 224) return false;
  if (packet.protocol !== IP_PROTOCOL.icmp) return true;
  return packet.payloadOffset < packet.payloadEnd && ICMP_QUERIES.has(frame[packet.payloadOffset]!);
}

function isGroupMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

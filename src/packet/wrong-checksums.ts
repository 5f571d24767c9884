/** Which checksums of a packet are wrong. */

import { checksum, transportChecksum } from './checksum.ts';
import { crc32c } from './crc32c.ts';
import type { Packet } from './dissect.ts';
import { IP_PROTOCOL } from './ipv4.ts';
import { finalDestination, IPV6_HEADER_LENGTH } from './ipv6.ts';

export type SummedLayer = 'ipv4' | 'icmp' | 'icmpv6' | 'igmp' | 'tcp' | 'udp' | 'sctp' | 'gre';

/**
 * The names of its layers whose checksum is wrong, those of `inner` not among them. Of fragments, and of packets that were cut, only
 * IPv4's own is looked at; a UDP datagram over IPv4 without one is not wrong.
 */
export function wrongChecksums(packet: Packet): SummedLayer[] {
  const wrong: SummedLayer[] = [];
  const { frame, ipv4 } = packet;
  if (ipv4 !== undefined && !ipv4.checksumOk) wrong.push('ipv4');
  const found = segmentOf(packet);
  if (found === undefined) return wrong;
  const { start, end } = found;
  const plain = () => checksum(frame, start, end) === 0;
  const overAddresses = (protocol: number, last = end) =>
    transportChecksum(found.src, found.dst, protocol, frame.subarray(start, last)) === 0;
  const { icmp, icmpv6, igmp, tcp, udp, sctp, gre } = packet;
  if (icmp !== undefined && !icmp.checksumOk) wrong.push('icmp');
  if (icmpv6 !== undefined && !overAddresses(IP_PROTOCOL.icmpv6)) wrong.push('icmpv6');
  if (igmp !== undefined && !plain()) wrong.push('igmp');
  if (tcp !== undefined && !overAddresses(IP_PROTOCOL.tcp)) wrong.push('tcp');
  if (udp !== undefined && start + udp.length <= end) {
    const none = udp.checksum === 0 && ipv4 !== undefined;
    if (!none && !overAddresses(IP_PROTOCOL.udp, start + udp.length)) wrong.push('udp');
  }
  if (sctp !== undefined && !sctpIsRight(frame, start, end, sctp.checksum)) wrong.push('sctp');
  if (gre?.checksumPresent === true && !plain()) wrong.push('gre');
  return wrong;
}

/** What IP carries, where all of it is there. */
function segmentOf({ ipv4, ipv6 }: Packet): { start: number; end: number; src: string; dst: string } | undefined {
  if (ipv4 !== undefined) {
    const { payloadOffset: start, payloadEnd: end, src, dst, headerLength, totalLength } = ipv4;
    const whole = !ipv4.moreFragments && ipv4.fragmentOffset === 0 && end - start === totalLength - headerLength;
    return whole ? { start, end, src, dst } : undefined;
  }
  if (ipv6 === undefined) return undefined;
  const { payloadOffset: start, payloadEnd: end, src, extensions, payloadLength, headerLength } = ipv6;
  const fragment = extensions.some((each) => each.kind === 'fragment' && (each.moreFragments || each.offset !== 0));
  const whole = !fragment && end - start === payloadLength - (headerLength - IPV6_HEADER_LENGTH);
  return whole ? { start, end, src, dst: finalDestination(ipv6) } : undefined;
}

function sctpIsRight(frame: Uint8Array, start: number, end: number, given: number): boolean {
  const zeroed = frame.slice(start, end);
  zeroed.fill(0, 8, 12);
  return crc32c(zeroed) === given;
}

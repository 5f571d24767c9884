/** What IPv4 and IPv6 headers have in common, read from either. */

import { ETHER_TYPE, type Ethernet } from './ethernet.ts';
import { parseIpv4 } from './ipv4.ts';
import { isLaterFragment, parseIpv6 } from './ipv6.ts';

export interface Ip {
  isIpv6: boolean;
  /** Where its header begins. */
  offset: number;
  src: string;
  dst: string;
  /** Of what follows all headers of IP. */
  protocol: number;
  /** TTL or hop limit. */
  ttl: number;
  /** False where the header's checksum is wrong; IPv6 has none. */
  isSound: boolean;
  isLaterFragment: boolean;
  payloadOffset: number;
  /** Where the payload ends within the bytes at hand. */
  payloadEnd: number;
  /** Of the payload as the header says; the bytes at hand may be fewer. */
  payloadLength: number;
}

/** undefined where the frame carries neither, or its header is short. */
export function parseIp(
  frame: Uint8Array,
  { ethType, payloadOffset: offset }: Pick<Ethernet, 'ethType' | 'payloadOffset'>,
): Ip | undefined {
  if (ethType === ETHER_TYPE.ipv4) {
    const packet = parseIpv4(frame, offset);
    if (packet === undefined) return undefined;
    const { src, dst, protocol, ttl, payloadOffset, payloadEnd } = packet;
    return {
      ...{ isIpv6: false, offset, src, dst, protocol, ttl, payloadOffset, payloadEnd },
      isSound: packet.checksumOk,
      isLaterFragment: packet.fragmentOffset !== 0,
      payloadLength: packet.totalLength - packet.headerLength,
    };
  }
  const packet = ethType === ETHER_TYPE.ipv6 ? parseIpv6(frame, offset) : undefined;
  if (packet === undefined) return undefined;
  const { src, dst, protocol, hopLimit: ttl, payloadOffset, payloadEnd } = packet;
  return {
    ...{ isIpv6: true, offset, src, dst, protocol, ttl, payloadOffset, payloadEnd },
    isSound: true,
    isLaterFragment: isLaterFragment(packet.extensions),
    payloadLength: 40 + packet.payloadLength - packet.headerLength,
  };
}

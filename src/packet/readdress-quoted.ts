/** The packet that an ICMPv6 error quotes (RFC 4443 2.4), with other addresses, as when the error crosses NAT. */

import { u16 } from './bytes.ts';
import { ETHER_TYPE, parseEthernet } from './ethernet.ts';
import { ICMPV6_ERRORS } from './icmpv6.ts';
import { update16 } from './incremental-checksum.ts';
import { parseIp } from './ip.ts';
import { IP_PROTOCOL } from './ipv4.ts';
import { readdress } from './readdress.ts';

const ETHERNET_LENGTH = 14;
const ICMP_LENGTH = 8;

export interface Quoted {
  src: string;
  dst: string;
}

/** Whose packet the error is about; undefined: the frame is no ICMPv6 error with a packet. */
export function quotedBy(frame: Uint8Array): Quoted | undefined {
  const place = quotePlace(frame);
  const ip = place && parseIp(asFrame(frame, place), { ethType: ETHER_TYPE.ipv6, payloadOffset: ETHERNET_LENGTH });
  return ip && { src: ip.src, dst: ip.dst };
}

/** The same error about the packet with these addresses; its own stay. Any other frame is left as it is. */
export function readdressQuoted(frame: Uint8Array, to: Partial<Quoted>): Uint8Array {
  const place = quotePlace(frame);
  if (place === undefined) return frame;
  const quoted = readdress(asFrame(frame, place), to).subarray(ETHERNET_LENGTH);
  const bytes = Uint8Array.from(frame);
  const { start, end, sumAt } = place;
  for (let at = start; at + 1 < end; at += 2) {
    const now = u16(quoted, at - start);
    if (now !== u16(bytes, at)) update16(bytes, sumAt, u16(bytes, at), now);
  }
  bytes.set(quoted, start);
  return bytes;
}

interface Place {
  start: number;
  end: number;
  /** Where the error's checksum is. */
  sumAt: number;
}

function quotePlace(frame: Uint8Array): Place | undefined {
  const ethernet = parseEthernet(frame);
  const ip = ethernet && parseIp(frame, ethernet);
  if (ip === undefined || ip.protocol !== IP_PROTOCOL.icmpv6 || ip.isLaterFragment) return undefined;
  const { payloadOffset: at, payloadEnd: end } = ip;
  const start = at + ICMP_LENGTH;
  if (start >= end || !ICMPV6_ERRORS.has(frame[at]!)) return undefined;
  return { start, end, sumAt: at + 2 };
}

/** With an Ethernet header before it. */
function asFrame(frame: Uint8Array, { start, end }: Place): Uint8Array {
  const bytes = new Uint8Array(ETHERNET_LENGTH + end - start);
  bytes.set([ETHER_TYPE.ipv6 >> 8, ETHER_TYPE.ipv6 & 0xff], 12);
  bytes.set(frame.subarray(start, end), ETHERNET_LENGTH);
  return bytes;
}

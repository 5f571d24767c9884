/** A packet of IPv4 cut into fragments (RFC 791 2.3, 3.2). */

import { joined } from './bytes.ts';
import { parseEthernet } from './ethernet.ts';
import { buildIpv4, parseIpv4 } from './ipv4.ts';

/** Of an option's type: it stands in every fragment. */
const COPIED = 0x80;
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;

/** Frames whose packets are no longer than `mtu`; empty where that can't be: no IPv4, DF, cut bytes, an MTU too small. */
export function fragmentIpv4(frame: Uint8Array, mtu: number): Uint8Array[] {
  const ethernet = parseEthernet(frame);
  const packet = ethernet && parseIpv4(frame, ethernet.payloadOffset);
  if (ethernet === undefined || packet === undefined || packet.dontFragment) return [];
  const { payloadOffset, payloadEnd, totalLength, headerLength, options } = packet;
  if (payloadEnd - payloadOffset !== totalLength - headerLength) return [];
  const header = frame.subarray(0, ethernet.payloadOffset);
  const later = copiedOptions(options);
  const fragments: Uint8Array[] = [];
  for (let at = payloadOffset; at < payloadEnd; ) {
    const own = at === payloadOffset ? options : later;
    const room = (mtu - 20 - own.length) & ~7;
    if (room < 8) return [];
    const isLast = payloadEnd - at <= mtu - 20 - own.length;
    const end = isLast ? payloadEnd : at + room;
    const { src, dst, protocol, ttl, tos, id, moreFragments, fragmentOffset } = packet;
    const fields = { src, dst, protocol, ttl, tos, id, options: own };
    const place = {
      moreFragments: !isLast || moreFragments,
      fragmentOffset: fragmentOffset + at - payloadOffset,
    };
    fragments.push(joined(header, buildIpv4({ ...fields, ...place }, frame.subarray(at, end))));
    at = end;
  }
  return fragments;
}

function copiedOptions(options: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [];
  for (let at = 0; at < options.length && options[at] !== END_OF_OPTIONS; ) {
    const length = options[at] === NO_OPERATION ? 1 : (options[at + 1] ?? 0);
    if (length === 0) break;
    if ((options[at]! & COPIED) !== 0) kept.push(options.subarray(at, at + length));
    at += length;
  }
  const bytes = joined(...kept);
  return joined(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
}

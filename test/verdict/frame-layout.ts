/**
 * Where the headers of a frame lie, as Open vSwitch finds them: what it finds malformed has no header there. It looks
 * behind one tag, unless other_config:vlan-limit says otherwise.
 */

import { u16 } from '../../src/packet/bytes.ts';

export interface Layout {
  ethType: number;
  /** The first of the labels of MPLS. */
  labels: number | undefined;
  /** Behind the EtherType, and behind LLC and SNAP. */
  network: number;
  /** Whether what is there is a header of ARP, IPv4 or IPv6 that is sound. */
  sound: boolean;
  /** Of IPv4 and IPv6, behind options and extension headers. */
  transport: number | undefined;
  proto: number;
  /** End of the network's packet, without the link's padding. */
  end: number;
  /**
   * IPv6 alone: where the addresses change, Open vSwitch leaves the transport's checksum as it is. So behind a routing
   * header with segments left, in fragments but the first, and behind a fragment header that stands there for nothing.
   */
  checksumLeft: boolean;
}

const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8]);
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 44, 51, 60]);

export function layoutOf(frame: Uint8Array): Layout {
  let at = 12;
  for (let tags = 0; tags < 1 && TAGS.has(u16(frame, at)) && frame.length >= at + 6; tags++) at += 4;
  const layout: Layout = {
    ethType: u16(frame, at),
    labels: undefined,
    network: at + 2,
    sound: true,
    transport: undefined,
    proto: 0,
    end: frame.length,
    checksumLeft: false,
  };
  if (layout.ethType < 0x600) {
    const isSnap = frame.length >= at + 10 && Buffer.from(frame.subarray(at + 2, at + 8)).equals(SNAP);
    const inner = isSnap ? u16(frame, at + 8) : 0;
    layout.ethType = inner >= 0x600 ? inner : 0x05ff;
    if (inner >= 0x600) layout.network = at + 10;
  }
  if (layout.ethType === 0x8847 || layout.ethType === 0x8848) layout.labels = layout.network;
  if (layout.ethType === 0x0800) ipv4(frame, layout, layout.network);
  else if (layout.ethType === 0x86dd) ipv6(frame, layout, layout.network);
  else if (layout.ethType === 0x0806 || layout.ethType === 0x8035) {
    if (frame.length < layout.network + 28) layout.sound = false;
  }
  return layout;
}

const SNAP = Buffer.from('aaaa03000000', 'hex');

function ipv4(frame: Uint8Array, layout: Layout, at: number): void {
  const length = (frame[at]! & 0xf) * 4;
  const total = frame.length >= at + 20 ? u16(frame, at + 2) : 0;
  const sound = frame.length >= at + 20 && frame[at]! >> 4 === 4 && length >= 20 && total >= length;
  if (!sound || total > frame.length - at) {
    layout.sound = false;
    return;
  }
  layout.end = at + total;
  layout.transport = at + length;
  layout.proto = frame[at + 9]!;
}

function ipv6(frame: Uint8Array, layout: Layout, at: number): void {
  const size = frame.length >= at + 40 ? u16(frame, at + 4) : 0;
  if (frame.length < at + 40 || frame[at]! >> 4 !== 6 || size > frame.length - at - 40) {
    layout.sound = false;
    return;
  }
  layout.end = at + 40 + size;
  let next = frame[at + 6]!;
  let header = at + 40;
  while (EXTENSIONS.has(next) && header + 8 <= layout.end) {
    if (next === 43 && frame[header + 3]! > 0) layout.checksumLeft = true;
    const offset = next === 44 ? u16(frame, header + 2) : 1;
    if (offset !== 1) layout.checksumLeft = true;
    const length = next === 44 ? 8 : next === 51 ? (frame[header + 1]! + 2) * 4 : (frame[header + 1]! + 1) * 8;
    next = frame[header]!;
    header += length;
    if ((offset & 0xfff8) !== 0) break;
  }
  layout.proto = next;
  layout.transport = header <= layout.end ? header : undefined;
}

/** All headers behind the addresses have moved by so many bytes. */
export function moved(layout: Layout, by: number): Layout {
  const at = (place: number | undefined) => (place === undefined ? undefined : place + by);
  return {
    ...layout,
    labels: at(layout.labels),
    network: layout.network + by,
    transport: at(layout.transport),
    end: layout.end + by,
  };
}

/** `set(…)` of a datapath, carried out on a frame: the fields under their masks, and what they change in checksums. */

import { ipv4Number, ipv6Bytes, macBytes } from '../../proto/wire/address.ts';
import { putU16, putU32, u16, u32 } from '../../src/packet/bytes.ts';
import { checksum } from '../../src/packet/checksum.ts';
import { crc32c } from '../../src/packet/crc32c.ts';
import { parseDatapathActions, valuesIn } from './datapath-action-text.ts';
import type { Layout } from './frame-layout.ts';

/** Changes the frame in its place. */
export function setFields(frame: Uint8Array, layout: Layout, body: string): void {
  for (const { name, body: fields } of parseDatapathActions(body)) {
    const set = SETTERS[name];
    if (set === undefined) throw new Error(`set(${name}(…)) is not known here`);
    for (const [field, text] of valuesIn(fields)) set(frame, layout, field, text);
    if (name === 'nd_ext') sumDiscovery(frame, layout);
  }
}

type Setter = (frame: Uint8Array, layout: Layout, field: string, text: string) => void;

const nothing: Setter = () => undefined;

const SETTERS: Readonly<Record<string, Setter>> = {
  eth: (frame, _, field, text) => put(frame, field === 'dst' ? 0 : 6, 6, text),
  ipv4: setIpv4,
  ipv6: setIpv6,
  tcp: (frame, layout, field, text) => setPort(frame, layout, field, text, 16),
  udp: (frame, layout, field, text) => setPort(frame, layout, field, text, 6),
  sctp: setSctp,
  icmp: setIcmp,
  icmpv6: setIcmp,
  arp: setArp,
  mpls: setLabel,
  nd: setDiscovery,
  nd_ext: setDiscoveryMore,
  tunnel: nothing,
  // Of the packet's way, not of the packet.
  skb_mark: nothing,
  skb_priority: nothing,
  dp_hash: nothing,
};

/** A value in the text of its field, in so many bytes. */
function bytesIn(text: string, length: number): Uint8Array {
  if (text.includes(':')) return length === 6 ? macBytes(text)! : ipv6Bytes(text)!;
  const bytes = new Uint8Array(length);
  const number = /^\d+\.\d+\.\d+\.\d+$/.test(text) ? BigInt(ipv4Number(text)!) : BigInt(text);
  for (let i = 0; i < length; i++) bytes[i] = Number((number >> BigInt(8 * (length - 1 - i))) & 0xffn);
  return bytes;
}

/** `value/mask`, or a value of all bits; gives what was there before. */
function put(frame: Uint8Array, at: number, length: number, text: string): Uint8Array {
  const before = frame.slice(at, at + length);
  const [value = '', mask] = text.split('/');
  const bytes = bytesIn(value, length);
  const bits = mask === undefined ? new Uint8Array(length).fill(0xff) : bytesIn(mask, length);
  for (let i = 0; i < length; i++) frame[at + i] = (bytes[i]! & bits[i]!) | (before[i]! & ~bits[i]!);
  return before;
}

/** A checksum after some of what it covers has changed (RFC 1624). An even number of bytes. */
function adjust(frame: Uint8Array, checksumAt: number, before: Uint8Array, at: number): void {
  const after = frame.subarray(at, at + before.length);
  let sum = ~u16(frame, checksumAt) & 0xffff;
  for (let i = 0; i < before.length; i += 2) sum += (~u16(before, i) & 0xffff) + u16(after, i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  putU16(frame, checksumAt, ~sum & 0xffff);
}

const same = (frame: Uint8Array, before: Uint8Array, at: number) => before.every((byte, i) => byte === frame[at + i]);

/** The address is part of the transport's checksum. */
function adjustTransport(frame: Uint8Array, layout: Layout, before: Uint8Array, at: number): void {
  const { transport, proto, end } = layout;
  if (transport === undefined) return;
  const size = end - transport;
  if (proto === 6 && size >= 20) adjust(frame, transport + 16, before, at);
  else if (proto === 17 && size >= 8) {
    if (u16(frame, transport + 6) === 0) return;
    adjust(frame, transport + 6, before, at);
    if (u16(frame, transport + 6) === 0) putU16(frame, transport + 6, 0xffff);
  } else if (proto === 58 && layout.ethType === 0x86dd && size >= 4) adjust(frame, transport + 2, before, at);
}

function setIpv4(frame: Uint8Array, layout: Layout, field: string, text: string): void {
  const { network, sound } = layout;
  if (!sound) return;
  if (field === 'src' || field === 'dst') {
    const at = network + (field === 'src' ? 12 : 16);
    const before = put(frame, at, 4, text);
    if (same(frame, before, at)) return;
    adjustTransport(frame, layout, before, at);
    adjust(frame, network + 10, before, at);
  } else if (field === 'tos' || field === 'ttl') {
    const word = network + (field === 'tos' ? 0 : 8);
    const before = frame.slice(word, word + 2);
    put(frame, field === 'tos' ? word + 1 : word, 1, text);
    if (!same(frame, before, word)) adjust(frame, network + 10, before, word);
  }
}

function setIpv6(frame: Uint8Array, layout: Layout, field: string, text: string): void {
  const { network, sound } = layout;
  if (!sound) return;
  if (field === 'src' || field === 'dst') {
    const at = network + (field === 'src' ? 8 : 24);
    const before = put(frame, at, 16, text);
    if (same(frame, before, at) || layout.checksumLeft) return;
    adjustTransport(frame, layout, before, at);
  } else if (field === 'hlimit') put(frame, network + 7, 1, text);
  else if (field === 'label' || field === 'tclass') {
    const shift = field === 'label' ? 0 : 20;
    const all = field === 'label' ? 0xfffff : 0xff;
    const [value, mask] = text.split('/');
    const bits = ((mask === undefined ? all : Number(mask)) << shift) >>> 0;
    putU32(frame, network, ((u32(frame, network) & ~bits) | ((Number(value) << shift) & bits)) >>> 0);
  }
}

function setPort(frame: Uint8Array, layout: Layout, field: string, text: string, sumOffset: number): void {
  const { transport } = layout;
  if (transport === undefined || (field !== 'src' && field !== 'dst')) return;
  const at = transport + (field === 'src' ? 0 : 2);
  const isUdp = sumOffset === 6;
  const summed = !isUdp || u16(frame, transport + sumOffset) !== 0;
  const before = put(frame, at, 2, text);
  if (!summed || same(frame, before, at)) return;
  adjust(frame, transport + sumOffset, before, at);
  if (isUdp && u16(frame, transport + sumOffset) === 0) putU16(frame, transport + sumOffset, 0xffff);
}

function setSctp(frame: Uint8Array, { transport, end }: Layout, field: string, text: string): void {
  if (transport === undefined) return;
  const segment = frame.subarray(transport, end);
  const sum = u32(segment, 8);
  putU32(segment, 8, 0);
  const right = crc32c(segment);
  put(segment, field === 'src' ? 0 : 2, 2, text);
  const now = crc32c(segment);
  // What was wrong stays as wrong as it was.
  putU32(segment, 8, (sum ^ right ^ now) >>> 0);
}

function setIcmp(frame: Uint8Array, { transport }: Layout, field: string, text: string): void {
  if (transport === undefined) return;
  const before = frame.slice(transport, transport + 2);
  put(frame, transport + (field === 'type' ? 0 : 1), 1, text);
  adjust(frame, transport + 2, before, transport);
}

const ARP_FIELDS: Readonly<Record<string, readonly [at: number, length: number]>> = {
  op: [6, 2],
  sha: [8, 6],
  sip: [14, 4],
  tha: [18, 6],
  tip: [24, 4],
};

function setArp(frame: Uint8Array, { network, sound }: Layout, field: string, text: string): void {
  const place = ARP_FIELDS[field];
  if (sound && place !== undefined) put(frame, network + place[0], place[1], text);
}

const LABEL_FIELDS: Readonly<Record<string, readonly [shift: number, all: number]>> = {
  label: [12, 0xfffff],
  tc: [9, 7],
  bos: [8, 1],
  ttl: [0, 0xff],
};

function setLabel(frame: Uint8Array, { labels }: Layout, field: string, text: string): void {
  if (labels === undefined) return;
  const [shift, all] = LABEL_FIELDS[field]!;
  const [value, mask] = text.split('/');
  const bits = ((mask === undefined ? all : Number(mask)) << shift) >>> 0;
  putU32(frame, labels, ((u32(frame, labels) & ~bits) | ((Number(value) << shift) & bits)) >>> 0);
}

function setDiscovery(frame: Uint8Array, layout: Layout, field: string, text: string): void {
  const { transport, end } = layout;
  if (transport === undefined || end - transport < 24) return;
  if (field === 'target') {
    const before = put(frame, transport + 8, 16, text);
    adjust(frame, transport + 2, before, transport + 8);
    return;
  }
  const wanted = field === 'sll' ? 1 : 2;
  let at = transport + 24;
  while (at + 8 <= end && frame[at + 1] !== 0) {
    const type = frame[at];
    if ((type === 1 || type === 2) && frame[at + 1] === 1) {
      if (type !== wanted) return;
      const before = put(frame, at + 2, 6, text);
      adjust(frame, transport + 2, before, at + 2);
      return;
    }
    at += 8 * frame[at + 1]!;
  }
}

function setDiscoveryMore(frame: Uint8Array, { transport, end }: Layout, field: string, text: string): void {
  if (transport === undefined || end - transport < 24) return;
  if (field === 'nd_reserved') put(frame, transport + 4, 4, text);
  else if (field === 'nd_options_type') put(frame, transport + 24, 1, text);
}

function sumDiscovery(frame: Uint8Array, { network, transport, end }: Layout): void {
  if (transport === undefined) return;
  putU16(frame, transport + 2, 0);
  const size = end - transport;
  const pseudo = Buffer.concat([
    frame.subarray(network + 8, network + 40),
    Uint8Array.of(0, 0, size >> 8, size & 0xff, 0, 0, 0, 58),
  ]);
  putU16(frame, transport + 2, checksum(Buffer.concat([pseudo, frame.subarray(transport, end)])));
}

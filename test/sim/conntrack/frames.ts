/** Frames for the tests of conntrack: TCP, UDP, ICMP … in IPv4 and IPv6, whole or in fragments. */

import { ipv4Number, ipv6Bytes } from '../../../proto/wire/address.ts';
import { putU16, putU32, u16 } from '../../../src/packet/bytes.ts';
import { checksum } from '../../../src/packet/checksum.ts';

export const ETHERNET = 14;

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

export interface IpFields {
  src: string;
  dst: string;
  id?: number;
}

/** A whole frame with zeros for Ethernet's addresses; version by the address, checksum of the transport included. */
export function ipFrame(
  fields: IpFields,
  protocol: number,
  transport: Uint8Array,
  extensions?: Uint8Array,
): Uint8Array {
  const { src, dst, id = 0 } = fields;
  if (!src.includes(':')) {
    const frame = new Uint8Array(ETHERNET + 20 + transport.length);
    putU16(frame, 12, 0x0800);
    frame.set([0x45, 0], ETHERNET);
    putU16(frame, ETHERNET + 2, 20 + transport.length);
    putU16(frame, ETHERNET + 4, id);
    frame.set([64, protocol], ETHERNET + 8);
    putU32(frame, ETHERNET + 12, ipv4Number(src)!);
    putU32(frame, ETHERNET + 16, ipv4Number(dst)!);
    frame.set(transport, ETHERNET + 20);
    putU16(frame, ETHERNET + 10, checksum(frame, ETHERNET, ETHERNET + 20));
    setTransportChecksum(frame, ETHERNET + 20, protocol);
    return frame;
  }
  // The first byte of the extensions is the type of the first of them, the others follow as they are sent.
  const between = extensions?.subarray(1) ?? new Uint8Array(0);
  const frame = new Uint8Array(ETHERNET + 40 + between.length + transport.length);
  putU16(frame, 12, 0x86dd);
  frame[ETHERNET] = 0x60;
  putU16(frame, ETHERNET + 4, between.length + transport.length);
  frame.set([extensions?.[0] ?? protocol, 64], ETHERNET + 6);
  frame.set(ipv6Bytes(src)!, ETHERNET + 8);
  frame.set(ipv6Bytes(dst)!, ETHERNET + 24);
  frame.set(between, ETHERNET + 40);
  frame.set(transport, ETHERNET + 40 + between.length);
  setTransportChecksum(frame, ETHERNET + 40 + between.length, protocol);
  return frame;
}

/** Offset of the checksum in the header. */
const CHECKSUM_AT: Readonly<Record<number, number>> = { 1: 2, 6: 16, 17: 6, 58: 2 };

function setTransportChecksum(frame: Uint8Array, l4: number, protocol: number): void {
  const at = CHECKSUM_AT[protocol];
  if (at === undefined || l4 + at + 2 > frame.length) return;
  const ipv4 = u16(frame, 12) === 0x0800;
  const pseudo: number[] = [];
  if (protocol !== 1) {
    const addresses = ipv4 ? frame.subarray(ETHERNET + 12, ETHERNET + 20) : frame.subarray(ETHERNET + 8, ETHERNET + 40);
    pseudo.push(...addresses, 0, protocol, (frame.length - l4) >>> 8, (frame.length - l4) & 0xff);
  }
  putU16(frame, l4 + at, 0);
  const sum = checksum(Uint8Array.from([...pseudo, ...frame.subarray(l4)]));
  putU16(frame, l4 + at, protocol === 17 ? sum || 0xffff : sum);
}

export interface TcpFields extends IpFields {
  srcPort: number;
  dstPort: number;
  sequence: number;
  acknowledgement?: number;
  flags: number;
  window?: number;
  payload?: Uint8Array;
  /** A window scale option. */
  scale?: number;
}

export function tcpFrame(fields: TcpFields): Uint8Array {
  const options = fields.scale === undefined ? [] : [1, 3, 3, fields.scale];
  const payload = fields.payload ?? new Uint8Array(0);
  const segment = new Uint8Array(20 + options.length + payload.length);
  putU16(segment, 0, fields.srcPort);
  putU16(segment, 2, fields.dstPort);
  putU32(segment, 4, fields.sequence >>> 0);
  putU32(segment, 8, (fields.acknowledgement ?? 0) >>> 0);
  segment.set([(5 + options.length / 4) << 4, fields.flags], 12);
  putU16(segment, 14, fields.window ?? 8192);
  segment.set(options, 20);
  segment.set(payload, 20 + options.length);
  return ipFrame(fields, 6, segment);
}

export interface PortFields extends IpFields {
  srcPort: number;
  dstPort: number;
  payload?: Uint8Array;
}

export function udpFrame(fields: PortFields): Uint8Array {
  const payload = fields.payload ?? new Uint8Array(4);
  const datagram = new Uint8Array(8 + payload.length);
  putU16(datagram, 0, fields.srcPort);
  putU16(datagram, 2, fields.dstPort);
  putU16(datagram, 4, datagram.length);
  datagram.set(payload, 8);
  return ipFrame(fields, 17, datagram);
}

export interface IcmpFields extends IpFields {
  type: number;
  code?: number;
  /** The second word's halves. */
  identifier?: number;
  sequence?: number;
  payload?: Uint8Array;
}

/** ICMP or ICMPv6, by the address. */
export function icmpFrame(fields: IcmpFields): Uint8Array {
  const payload = fields.payload ?? new Uint8Array(0);
  const message = new Uint8Array(8 + payload.length);
  message.set([fields.type, fields.code ?? 0]);
  putU16(message, 4, fields.identifier ?? 0);
  putU16(message, 6, fields.sequence ?? 0);
  message.set(payload, 8);
  return ipFrame(fields, fields.src.includes(':') ? 58 : 1, message);
}

/** The error of a router about a frame: as much as `quoted` bytes of its IP packet. */
export function errorFrame(router: string, dst: string, about: Uint8Array, quoted = 28): Uint8Array {
  const ipv6 = router.includes(':');
  const payload = about.slice(ETHERNET, ETHERNET + quoted + (ipv6 ? 20 : 0));
  return icmpFrame({ src: router, dst, type: ipv6 ? 1 : 3, code: ipv6 ? 4 : 1, payload });
}

/** Later in place of the right one: a bit of the byte at `at` is turned. */
export function spoilt(frame: Uint8Array, at: number): Uint8Array {
  const copy = frame.slice();
  copy[at] = copy[at]! ^ 1;
  return copy;
}

/** An IPv4 or IPv6 frame in fragments that end at the given offsets of its payload, multiples of 8, and at its end. */
export function fragmentsOf(frame: Uint8Array, id: number, ...ends: number[]): Uint8Array[] {
  const ipv4 = u16(frame, 12) === 0x0800;
  const l4 = ETHERNET + (ipv4 ? 20 : 40);
  const starts = [0, ...ends];
  return starts.map((start, i) => {
    const more = i < ends.length;
    const data = frame.subarray(l4 + start, more ? l4 + ends[i]! : frame.length);
    if (ipv4) {
      const fragment = Uint8Array.from([...frame.subarray(0, l4), ...data]);
      putU16(fragment, ETHERNET + 2, 20 + data.length);
      putU16(fragment, ETHERNET + 4, id);
      putU16(fragment, ETHERNET + 6, (start / 8) | (more ? 0x2000 : 0));
      putU16(fragment, ETHERNET + 10, 0);
      putU16(fragment, ETHERNET + 10, checksum(fragment, ETHERNET, l4));
      return fragment;
    }
    const header = new Uint8Array(8);
    header[0] = frame[ETHERNET + 6]!;
    putU16(header, 2, start | (more ? 1 : 0));
    putU32(header, 4, id);
    const fragment = Uint8Array.from([...frame.subarray(0, l4), ...header, ...data]);
    fragment[ETHERNET + 6] = 44;
    putU16(fragment, ETHERNET + 4, 8 + data.length);
    return fragment;
  });
}

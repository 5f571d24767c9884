/**
 * OFPT_PACKET_IN read where it lies in the bytes that came (OpenFlow 1.4, 7.4.1): what every packet-in is sorted by, with
 * no object for each of them. The plain shape only, whose match is the port it came in by; any other is the codec's.
 */

import type { PacketIn } from './packet-in.ts';

export interface PacketInPlace {
  /** The message is `bytes` from `start` to before `end`. */
  bytes: Uint8Array;
  start: number;
  end: number;
  /** The upper and the lower half. */
  cookieHigh: number;
  cookieLow: number;
  tableId: number;
  /** -1 where the match names none. */
  inPort: number;
  /** Where the packet begins. */
  dataStart: number;
}

/** Offsets from the message's first byte. */
const TABLE_ID = 15;
const COOKIE = 16;
const MATCH = 24;
const IN_PORT = 32;
const PLAIN_DATA = 42;

/** ofp_match: OXM, 12 bytes without padding. */
const PLAIN_MATCH = 0x0001_000c;
/** The header of OXM_OF_IN_PORT. */
const OXM_IN_PORT = 0x8000_0004 | 0;

export function createPacketInPlace(): PacketInPlace {
  return {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    cookieHigh: 0,
    cookieLow: 0,
    tableId: 0,
    inPort: -1,
    dataStart: 0,
  };
}

/**
 * False where the message, whose header must be that of a packet-in of OpenFlow 1.4, is not of the plain shape: whether it
 * can be read at all is then the codec's to say.
 */
export function locatePacketIn(place: PacketInPlace, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < PLAIN_DATA) return false;
  if (i32(bytes, start + MATCH) !== PLAIN_MATCH || i32(bytes, start + MATCH + 4) !== OXM_IN_PORT) return false;
  place.bytes = bytes;
  place.start = start;
  place.end = end;
  place.cookieHigh = i32(bytes, start + COOKIE) >>> 0;
  place.cookieLow = i32(bytes, start + COOKIE + 4) >>> 0;
  place.tableId = bytes[start + TABLE_ID]!;
  place.inPort = i32(bytes, start + IN_PORT) >>> 0;
  place.dataStart = start + PLAIN_DATA;
  return true;
}

/** The same of any message, as its codec has read it. */
export function placeDecoded(place: PacketInPlace, message: PacketIn, bytes: Uint8Array): void {
  const { inPort } = message.match;
  place.bytes = bytes;
  place.start = 0;
  place.end = bytes.length;
  place.cookieHigh = Number(message.cookie >> 32n);
  place.cookieLow = Number(message.cookie & 0xffff_ffffn);
  place.tableId = message.tableId;
  place.inPort = typeof inPort === 'number' ? inPort : -1;
  place.dataStart = bytes.length - message.data.length;
}

function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

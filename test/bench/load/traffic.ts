/** Who sends what to whom on a simulated switch: stations on its ports, and the packet-ins that tell of their packets. */

/** Frames without their checksum: Ethernet, IPv4, UDP, and a number in front of the payload. */
export const FRAME = 60;
const DATA = 42;
/** Bytes of a packet-in with one match field, in_port. */
export const PACKET_IN = DATA + FRAME;
const IN_PORT_AT = 32;
/** From the start of the frame. */
export const SEQUENCE_AT = 42;
export const ETHER_TYPE_AT = 12;
export const IPV4 = 0x0800;
/** Link discovery (IEEE 802.1AB). */
export const LLDP = 0x88cc;
/** For local experiments (IEEE 802): what is none of the stations' packets. */
export const NOISE = 0x88b5;

/** First bytes of addresses: of stations, and of such as nobody has. */
export const STATION = 0x02;
export const NOBODY = 0x06;

export interface Miss {
  tableId: number;
  cookie: bigint;
  /** OFPR_TABLE_MISS or OFPR_APPLY_ACTION. */
  reason: number;
}

/** Stations are numbered from 0; port by port, one on each, then again. */
export function portOf(station: number, ports: number): number {
  return 1 + (station % ports);
}

/**
 * In which order the stations of a switch talk: a code for each packet, `source * stations + destination`, or
 * `stations * stations + source` to somebody whom nobody knows. No two on one port: a switch would not ask about them.
 */
export function talk(stations: number, ports: number, unknownEvery: number): Int32Array {
  const codes: number[] = [];
  for (let apart = 1; apart < stations; apart++) {
    for (let source = 0; source < stations; source++) {
      const destination = (source + apart) % stations;
      if (portOf(source, ports) === portOf(destination, ports)) continue;
      const unknown = unknownEvery > 0 && codes.length % unknownEvery === unknownEvery - 1;
      codes.push(unknown ? stations * stations + source : source * stations + destination);
    }
  }
  return Int32Array.from(codes);
}

/** So many packet-ins one after another, all that does not change filled in. */
export function packetIns(count: number, { tableId, cookie, reason }: Miss, etherType = IPV4): Buffer {
  const one = Buffer.alloc(PACKET_IN);
  one.set([5, 10], 0);
  one.writeUInt16BE(PACKET_IN, 2);
  one.writeUInt32BE(0xffffffff, 8);
  one.writeUInt16BE(FRAME, 12);
  one.set([reason, tableId], 14);
  one.writeBigUInt64BE(cookie, 16);
  // ofp_match: OXM, 12 bytes, in_port; then 4 and 2 bytes of padding.
  one.set([0, 1, 0, 12, 0x80, 0x00, 0x00, 0x04], 24);
  const frame = one.subarray(DATA);
  frame.writeUInt16BE(etherType, ETHER_TYPE_AT);
  // 46 bytes of IPv4, UDP; the addresses' last byte is the station's, too.
  frame.set([0x45, 0, 0, FRAME - 14, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0], 14);
  frame.set([0x30, 0x39, 0x30, 0x39, 0, FRAME - 34, 0, 0], 34);
  return Buffer.concat(Array.from({ length: count }, () => one));
}

/** The packet-in of one frame, as the flow sends it that takes it. */
export function packetInOf(frame: Uint8Array, miss: Miss): Buffer {
  const head = packetIns(1, miss).subarray(0, DATA);
  head.writeUInt16BE(DATA + frame.length, 2);
  head.writeUInt16BE(frame.length, 12);
  return Buffer.concat([head, frame]);
}

/** A station's address: 02, the switch in 2 bytes, its port, its number in 2. */
function writeStation(bytes: Buffer, at: number, first: number, device: number, port: number, number: number): void {
  bytes[at] = first;
  bytes[at + 1] = device >>> 8;
  bytes[at + 2] = device;
  bytes[at + 3] = port;
  bytes[at + 4] = number >>> 8;
  bytes[at + 5] = number;
}

/** Fills in the packet-in that starts at `at`; `destination` -1: somebody whom nobody knows. */
export function writePacketIn(
  bytes: Buffer,
  at: number,
  device: number,
  ports: number,
  source: number,
  destination: number,
  sequence: number,
): void {
  const inPort = 1 + (source % ports);
  bytes[at + IN_PORT_AT + 2] = inPort >>> 8;
  bytes[at + IN_PORT_AT + 3] = inPort;
  const frame = at + DATA;
  if (destination < 0) writeStation(bytes, frame, NOBODY, device, 0, sequence);
  else writeStation(bytes, frame, STATION, device, 1 + (destination % ports), destination);
  writeStation(bytes, frame + 6, STATION, device, inPort, source);
  bytes[frame + 29] = source;
  bytes[frame + 33] = destination;
  const number = frame + SEQUENCE_AT;
  bytes[number] = sequence >>> 24;
  bytes[number + 1] = sequence >>> 16;
  bytes[number + 2] = sequence >>> 8;
  bytes[number + 3] = sequence;
}

/** The station whose address stands there on that switch, -1 where it is none of them. */
export function stationAt(bytes: Buffer, at: number, device: number): number {
  if (bytes[at] !== STATION || ((bytes[at + 1]! << 8) | bytes[at + 2]!) !== device) return -1;
  return (bytes[at + 4]! << 8) | bytes[at + 5]!;
}

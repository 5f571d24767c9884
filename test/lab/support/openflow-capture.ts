// The OpenFlow messages in a capture: TCP streams put together again and cut by the header's length (OpenFlow 1.4, 7.1).
// It shares nothing with Flowloom's own decoder. (`ovs-ofctl ofp-parse-pcap` does the same, but dies when a packet lacks.)
import { readFileSync } from 'node:fs';

export interface CapturedMessage {
  /** Direction, `10.250.0.1:6653 > 10.250.0.11:40000`. */
  stream: string;
  version: number;
  type: number;
  bytes: Buffer;
}

interface Segment {
  stream: string;
  sequence: number;
  starts: boolean;
  payload: Buffer;
}

/** ofp_type of what changes a switch's flows, groups, meters or tables. */
const CHANGES = new Map([
  [14, 'FLOW_MOD'],
  [15, 'GROUP_MOD'],
  [17, 'TABLE_MOD'],
  [29, 'METER_MOD'],
  [33, 'BUNDLE_CONTROL'],
  [34, 'BUNDLE_ADD_MESSAGE'],
]);

/** The name of a message that changes a switch; undefined: it does not. */
export function changeOf(message: CapturedMessage): string | undefined {
  return CHANGES.get(message.type);
}

export function readOpenFlow(file: string, port = 6653): CapturedMessage[] {
  const streams = new Map<string, Segment[]>();
  for (const segment of segments(readFileSync(file), port)) {
    const all = streams.get(segment.stream);
    if (all === undefined) streams.set(segment.stream, [segment]);
    else all.push(segment);
  }
  return [...streams].flatMap(([stream, all]) => cut(stream, join(all)));
}

/** The packets of a pcap file (microseconds, little endian, Ethernet) that belong to the port. */
function segments(data: Buffer, port: number): Segment[] {
  if (data.length < 24 || data.readUInt32LE(0) !== 0xa1b2c3d4 || data.readUInt32LE(20) !== 1) {
    throw new Error('not a capture of Ethernet frames as tcpdump writes it');
  }
  const found: Segment[] = [];
  for (let at = 24; at + 16 <= data.length; ) {
    const length = data.readUInt32LE(at + 8);
    const segment = readSegment(data.subarray(at + 16, at + 16 + length), port);
    if (segment !== undefined) found.push(segment);
    at += 16 + length;
  }
  return found;
}

function readSegment(frame: Buffer, port: number): Segment | undefined {
  if (frame.length < 54 || frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 6) return undefined;
  const ip = frame.subarray(14, 14 + frame.readUInt16BE(16));
  const tcp = ip.subarray(((ip[0] ?? 0) & 0x0f) * 4);
  const [from, to] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)];
  if (from !== port && to !== port) return undefined;
  const address = (at: number) => ip.subarray(at, at + 4).join('.');
  return {
    stream: `${address(12)}:${from} > ${address(16)}:${to}`,
    sequence: tcp.readUInt32BE(4),
    starts: ((tcp[13] ?? 0) & 0x02) !== 0,
    payload: tcp.subarray(((tcp[12] ?? 0) >> 4) * 4),
  };
}

/** What was sent, in order; repeated and overlapping segments count once. */
function join(all: Segment[]): Buffer {
  const first = all.find((segment) => segment.starts);
  // What is left of a connection that began before the capture is nobody's question here.
  if (first === undefined) return Buffer.alloc(0);
  const start = first.sequence + 1;
  const placed = all
    .map((segment) => ({ at: (segment.sequence - start) | 0, payload: segment.payload }))
    .filter(({ at, payload }) => at >= 0 && payload.length > 0)
    .sort((one, other) => one.at - other.at);
  const parts: Buffer[] = [];
  let next = 0;
  for (const { at, payload } of placed) {
    if (at > next) throw new Error(`the capture lacks ${at - next} bytes of a connection`);
    if (at + payload.length <= next) continue;
    parts.push(payload.subarray(next - at));
    next = at + payload.length;
  }
  return Buffer.concat(parts);
}

function cut(stream: string, data: Buffer): CapturedMessage[] {
  const messages: CapturedMessage[] = [];
  for (let at = 0; at + 8 <= data.length; ) {
    const length = data.readUInt16BE(at + 2);
    if (length < 8) throw new Error(`${stream}: not OpenFlow at byte ${at}`);
    const bytes = data.subarray(at, at + length);
    if (bytes.length === length) messages.push({ stream, version: bytes[0] ?? 0, type: bytes[1] ?? 0, bytes });
    at += length;
  }
  return messages;
}

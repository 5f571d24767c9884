/** Flow-mods and packet-outs read in place (OpenFlow 1.4, 7.3.4.1 and 7.3.7): the fields by which an answer is right. */

/** What was read last: one object for all, since there are millions. */
export interface FlowModAnswer {
  tableId: number;
  /** 0: add. */
  command: number;
  timed: boolean;
  bufferId: number;
  /** -1: the match has none. */
  inPort: number;
  etherType: number;
  /** Where the addresses lie in the message's bytes; -1: the match has none, or a masked one. */
  sourceAt: number;
  destinationAt: number;
  /** Of the only output action; -1: there is none, or more. */
  outPort: number;
}

export interface PacketOutAnswer {
  bufferId: number;
  inPort: number;
  outPort: number;
  dataAt: number;
  dataLength: number;
}

export const NO_BUFFER = 0xffffffff;
const OXM_IN_PORT = 0x80000004;
const OXM_ETH_DST = 0x80000606;
const OXM_ETH_SRC = 0x80000806;
const OXM_ETH_TYPE = 0x80000a02;
const WRITE_ACTIONS = 3;
const APPLY_ACTIONS = 4;

function u16(bytes: Buffer, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Buffer, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Adds the output actions between to what was found so far. */
function outputAmong(bytes: Buffer, start: number, end: number, found: number): number {
  let port = found;
  for (let at = start; at + 8 <= end; ) {
    const length = u16(bytes, at + 2);
    if (length < 8) return -2;
    if (u16(bytes, at) === 0) port = port === -1 ? u32(bytes, at + 4) : -2;
    at += length;
  }
  return port;
}

export function readFlowMod(into: FlowModAnswer, bytes: Buffer, at: number, length: number): void {
  into.tableId = bytes[at + 24]!;
  into.command = bytes[at + 25]!;
  into.timed = u32(bytes, at + 26) !== 0;
  into.bufferId = u32(bytes, at + 32);
  into.inPort = -1;
  into.etherType = -1;
  into.sourceAt = -1;
  into.destinationAt = -1;
  const matchLength = u16(bytes, at + 50);
  const matchEnd = at + 48 + matchLength;
  for (let field = at + 52; field + 4 <= matchEnd; ) {
    switch (u32(bytes, field)) {
      case OXM_IN_PORT:
        into.inPort = u32(bytes, field + 4);
        break;
      case OXM_ETH_DST:
        into.destinationAt = field + 4;
        break;
      case OXM_ETH_SRC:
        into.sourceAt = field + 4;
        break;
      case OXM_ETH_TYPE:
        into.etherType = u16(bytes, field + 4);
        break;
    }
    field += 4 + bytes[field + 3]!;
  }
  let port = -1;
  const end = at + length;
  for (let instruction = at + 48 + ((matchLength + 7) & ~7); instruction + 8 <= end; ) {
    const type = u16(bytes, instruction);
    const next = instruction + u16(bytes, instruction + 2);
    if (next <= instruction) break;
    if (type === APPLY_ACTIONS || type === WRITE_ACTIONS) port = outputAmong(bytes, instruction + 8, next, port);
    instruction = next;
  }
  into.outPort = port < 0 ? -1 : port;
}

export function readPacketOut(into: PacketOutAnswer, bytes: Buffer, at: number, length: number): void {
  into.bufferId = u32(bytes, at + 8);
  into.inPort = u32(bytes, at + 12);
  const dataAt = at + 24 + u16(bytes, at + 16);
  const port = outputAmong(bytes, at + 24, dataAt, -1);
  into.outPort = port < 0 ? -1 : port;
  into.dataAt = dataAt;
  into.dataLength = at + length - dataAt;
}

export const newFlowModAnswer = (): FlowModAnswer => ({
  ...{ tableId: 0, command: 0, timed: false, bufferId: 0, inPort: -1, etherType: -1 },
  ...{ sourceAt: -1, destinationAt: -1, outPort: -1 },
});

export const newPacketOutAnswer = (): PacketOutAnswer => ({
  ...{ bufferId: 0, inPort: 0, outPort: -1, dataAt: 0, dataLength: 0 },
});

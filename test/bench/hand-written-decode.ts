// Packet-in and flow statistics as one would decode them by hand, to the same values that the codec gives.
import { hexAt } from '../../proto/openflow/oxm-hex.ts';
import { ipv4Text } from '../../proto/wire/address.ts';
import { readMatch, u16, u32, u64 } from './hand-written-match.ts';

const REASONS = ['tableMiss', 'applyAction', 'invalidTtl', 'actionSet', 'group', 'packetOut'];

export function readPacketIn(b: Uint8Array): unknown {
  const length = u16(b, 2);
  if (b.length < 34 || length !== b.length || b[0] !== 5 || b[1] !== 10) throw new Error('no packet-in');
  const match = readMatch(b, 24);
  const data = 24 + ((u16(b, 26) + 7) & -8) + 2;
  if (data > length) throw new Error('short');
  return {
    type: 'packetIn',
    bufferId: u32(b, 8),
    totalLen: u16(b, 12),
    reason: REASONS[b[14]!] ?? b[14],
    tableId: b[15],
    cookie: u64(b, 16),
    match,
    data: b.subarray(data, length),
    xid: u32(b, 4),
  };
}

const FLOW_FLAGS = ['sendFlowRem', 'checkOverlap', 'resetCounts', 'noPktCounts', 'noBytCounts'];

function names(bits: number, of: readonly string[]): (string | number)[] {
  const found: (string | number)[] = [];
  for (let i = 0; i < of.length; i++) if ((bits & (1 << i)) !== 0) found.push(of[i]!);
  const rest = bits >> of.length;
  if (rest !== 0) found.push(rest << of.length);
  return found;
}

export function readFlowStats(b: Uint8Array): unknown {
  if (b.length < 16 || u16(b, 2) !== b.length || b[1] !== 19 || u16(b, 8) !== 1) throw new Error('no flow statistics');
  const reply: unknown[] = [];
  for (let p = 16; p < b.length; ) {
    const end = p + u16(b, p);
    if (end > b.length || end < p + 56) throw new Error('bad length');
    const match = readMatch(b, p + 48);
    reply.push({
      tableId: b[p + 2],
      durationSec: u32(b, p + 4),
      durationNsec: u32(b, p + 8),
      priority: u16(b, p + 12),
      idleTimeout: u16(b, p + 14),
      hardTimeout: u16(b, p + 16),
      flags: names(u16(b, p + 18), FLOW_FLAGS),
      importance: u16(b, p + 20),
      cookie: u64(b, p + 24),
      packetCount: u64(b, p + 32),
      byteCount: u64(b, p + 40),
      match,
      instructions: readInstructions(b, p + 48 + ((u16(b, p + 50) + 7) & -8), end),
    });
    p = end;
  }
  return { type: 'multipartReply', flags: names(u16(b, 10), ['more']), kind: 'flow', reply, xid: u32(b, 4) };
}

function readInstructions(b: Uint8Array, start: number, end: number): unknown[] {
  const found: unknown[] = [];
  for (let p = start; p < end; ) {
    const next = p + u16(b, p + 2);
    if (next > end || next < p + 8) throw new Error('bad length');
    switch (u16(b, p)) {
      case 1:
        found.push({ type: 'gotoTable', tableId: b[p + 4] });
        break;
      case 4:
        found.push({ type: 'applyActions', actions: readActions(b, p + 8, next) });
        break;
      default:
        throw new Error('no such instruction');
    }
    p = next;
  }
  return found;
}

function readActions(b: Uint8Array, start: number, end: number): unknown[] {
  const found: unknown[] = [];
  for (let p = start; p < end; ) {
    const next = p + u16(b, p + 2);
    if (next > end || next < p + 8) throw new Error('bad length');
    found.push(readAction(b, p, next));
    p = next;
  }
  return found;
}

function readAction(b: Uint8Array, p: number, end: number): unknown {
  switch (u16(b, p)) {
    case 25:
      if (u32(b, p + 4) === 0x0001d604) return { type: 'setField', field: 'ctMark', value: u32(b, p + 8) };
      if (u32(b, p + 4) === 0x0001d810) return { type: 'setField', field: 'ctLabel', value: hexAt(b, p + 8, 16) };
      break;
    case 0xffff:
      if (u32(b, p + 4) !== 0x2320) break;
      if (u16(b, p + 8) === 35) return readCt(b, p, end);
      if (u16(b, p + 8) === 36) return readNat(b, p);
  }
  throw new Error('no such action');
}

function readCt(b: Uint8Array, p: number, end: number): unknown {
  if (end < p + 24 || u32(b, p + 12) !== 0) throw new Error('no zone of its own');
  const flags = names(u16(b, p + 10), ['commit', 'force']);
  const zone = u16(b, p + 16);
  const alg = u16(b, p + 22);
  const actions = readActions(b, p + 24, end);
  const table = b[p + 18]!;
  return table === 0xff ? { type: 'ct', flags, zone, alg, actions } : { type: 'ct', flags, zone, alg, actions, table };
}

function readNat(b: Uint8Array, start: number): unknown {
  const present = u16(b, start + 14);
  const nat: Record<string, unknown> = {
    type: 'nat',
    flags: names(u16(b, start + 12), ['src', 'dst', 'persistent', 'protoHash', 'protoRandom']),
  };
  let p = start + 16;
  if ((present & 1) !== 0) {
    nat.ipv4Min = ipv4Text(u32(b, p));
    p += 4;
  }
  if ((present & 2) !== 0) {
    nat.ipv4Max = ipv4Text(u32(b, p));
    p += 4;
  }
  if ((present & 12) !== 0) throw new Error('no IPv6 here');
  if ((present & 16) !== 0) {
    nat.protoMin = u16(b, p);
    p += 2;
  }
  if ((present & 32) !== 0) nat.protoMax = u16(b, p);
  return nat;
}

// Flow-mods of the NAT and firewall apps as one would encode them by hand, into a buffer that is there already.
import type { Action } from '../../proto/openflow/action.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { MessageOf } from '../../proto/openflow/message.ts';
import { putHex } from '../../proto/openflow/oxm-hex.ts';
import { ipv4Number } from '../../proto/wire/address.ts';

const buffer = new Uint8Array(65536);
const view = new DataView(buffer.buffer);

const COMMANDS: Record<string, number> = { add: 0, modify: 1, modifyStrict: 2, delete: 3, deleteStrict: 4 };
const PORTS: Record<string, number> = { any: 0xffffffff, controller: 0xfffffffd };
const FLAGS: Record<string, number> = {
  sendFlowRem: 1,
  checkOverlap: 2,
  resetCounts: 4,
  noPktCounts: 8,
  noBytCounts: 16,
};
const CT_FLAGS: Record<string, number> = { commit: 1, force: 2 };
const NAT_FLAGS: Record<string, number> = { src: 1, dst: 2, persistent: 4, protoHash: 8, protoRandom: 16 };

function bits(list: readonly (string | number)[], of: Record<string, number>): number {
  let sum = 0;
  for (const flag of list) sum |= typeof flag === 'number' ? flag : of[flag]!;
  return sum;
}

function number(value: string | number, of: Record<string, number>): number {
  return typeof value === 'number' ? value : of[value]!;
}

/** A view of the message, good until the next one. */
export function writeFlowMod(flow: MessageOf<'flowMod'>): Uint8Array {
  view.setUint16(0, 0x050e);
  view.setUint32(4, flow.xid);
  view.setBigUint64(8, flow.cookie);
  view.setBigUint64(16, flow.cookieMask);
  buffer[24] = flow.tableId === 'all' ? 0xff : flow.tableId;
  buffer[25] = number(flow.command, COMMANDS);
  view.setUint16(26, flow.idleTimeout);
  view.setUint16(28, flow.hardTimeout);
  view.setUint16(30, flow.priority);
  view.setUint32(32, flow.bufferId);
  view.setUint32(36, number(flow.outPort, PORTS));
  view.setUint32(40, number(flow.outGroup, PORTS));
  view.setUint16(44, bits(flow.flags, FLAGS));
  view.setUint16(46, flow.importance);
  let p = writeMatch(flow.match, 48);
  for (const instruction of flow.instructions) p = writeInstruction(instruction, p);
  view.setUint16(2, p);
  return buffer.subarray(0, p);
}

type Field = number | bigint | string | { value: number | bigint | string; mask: number | bigint | string };

function writeMatch(match: object, start: number): number {
  view.setUint16(start, 1);
  let p = start + 4;
  for (const [name, value] of Object.entries(match) as [string, Field][]) p = writeField(name, value, p);
  view.setUint16(start + 2, p - start);
  return padded(start, p);
}

function padded(start: number, at: number): number {
  let p = at;
  while (((p - start) & 7) !== 0) buffer[p++] = 0;
  return p;
}

function writeField(name: string, value: Field, p: number): number {
  switch (name) {
    case 'metadata':
      if (typeof value === 'object') {
        view.setUint32(p, 0x80000510);
        view.setBigUint64(p + 4, value.value as bigint);
        view.setBigUint64(p + 12, value.mask as bigint);
        return p + 20;
      }
      view.setUint32(p, 0x80000408);
      view.setBigUint64(p + 4, value as bigint);
      return p + 12;
    case 'ethType':
      view.setUint32(p, 0x80000a02);
      view.setUint16(p + 4, value as number);
      return p + 6;
    case 'ipProto':
      view.setUint32(p, 0x80001401);
      buffer[p + 4] = value as number;
      return p + 5;
    case 'ipv4Src':
      return writeAddress(0x80001604, value, p);
    case 'ipv4Dst':
      return writeAddress(0x80001804, value, p);
    case 'tcpDst':
      view.setUint32(p, 0x80001c02);
      view.setUint16(p + 4, value as number);
      return p + 6;
    case 'reg1':
      return writeWord(0x00010204, value, p);
    case 'reg4':
      return writeWord(0x00010804, value, p);
    case 'reg6':
      return writeWord(0x00010c04, value, p);
    case 'reg8':
      return writeWord(0x00011004, value, p);
    case 'reg10':
      return writeWord(0x00011404, value, p);
    case 'ctState':
      return writeWord(0x0001d204, value, p);
    case 'ctMark':
      return writeWord(0x0001d604, value, p);
    case 'ctLabel':
      return writeLabel(value as string, p);
    default:
      throw new Error('no such field');
  }
}

/** With a mask the header has its bit, and twice the length. */
const MASKED = 0x104;

function writeWord(header: number, value: Field, p: number): number {
  if (typeof value !== 'object') {
    view.setUint32(p, header);
    view.setUint32(p + 4, value as number);
    return p + 8;
  }
  view.setUint32(p, header + MASKED);
  view.setUint32(p + 4, value.value as number);
  view.setUint32(p + 8, value.mask as number);
  return p + 12;
}

function writeAddress(header: number, value: Field, p: number): number {
  if (typeof value !== 'object') return writeWord(header, address(value), p);
  return writeWord(header, { value: address(value.value), mask: address(value.mask) }, p);
}

function address(text: unknown): number {
  const value = ipv4Number(text as string);
  if (value === undefined) throw new Error('no address');
  return value;
}

function writeLabel(text: string, p: number): number {
  view.setUint32(p, 0x0001d810);
  if (!putHex(buffer, p + 4, 16, text)) throw new Error('no label');
  return p + 20;
}

function writeInstruction(instruction: Instruction, start: number): number {
  switch (instruction.type) {
    case 'gotoTable':
      view.setUint32(start, 0x00010008);
      view.setUint32(start + 4, instruction.tableId << 24);
      return start + 8;
    case 'applyActions': {
      view.setUint16(start, 4);
      view.setUint32(start + 4, 0);
      let p = start + 8;
      for (const action of instruction.actions) p = writeAction(action, p);
      view.setUint16(start + 2, p - start);
      return p;
    }
    default:
      throw new Error('no such instruction');
  }
}

function writeAction(action: Action, start: number): number {
  let p = start;
  switch (action.type) {
    case 'setField':
      view.setUint16(p, 25);
      p = writeField(action.field, action.value, p + 4);
      break;
    case 'ct':
      nicira(35, p);
      view.setUint16(p + 10, bits(action.flags, CT_FLAGS));
      view.setUint32(p + 12, 0);
      view.setUint16(p + 16, action.zone as number);
      buffer[p + 18] = action.table ?? 0xff;
      buffer[p + 19] = 0;
      view.setUint16(p + 20, 0);
      view.setUint16(p + 22, action.alg);
      p += 24;
      for (const inner of action.actions) p = writeAction(inner, p);
      break;
    case 'nat': {
      nicira(36, p);
      view.setUint16(p + 10, 0);
      view.setUint16(p + 12, bits(action.flags, NAT_FLAGS));
      let present = 0;
      let at = p + 16;
      if (action.ipv4Min !== undefined) {
        present |= 1;
        view.setUint32(at, address(action.ipv4Min));
        at += 4;
      }
      if (action.ipv4Max !== undefined) {
        present |= 2;
        view.setUint32(at, address(action.ipv4Max));
        at += 4;
      }
      if (action.protoMin !== undefined) {
        present |= 16;
        view.setUint16(at, action.protoMin);
        at += 2;
      }
      if (action.protoMax !== undefined) {
        present |= 32;
        view.setUint16(at, action.protoMax);
        at += 2;
      }
      view.setUint16(p + 14, present);
      p = at;
      break;
    }
    default:
      throw new Error('no such action');
  }
  p = padded(start, p);
  view.setUint16(start + 2, p - start);
  return p;
}

function nicira(subtype: number, p: number): void {
  view.setUint16(p, 0xffff);
  view.setUint32(p + 4, 0x2320);
  view.setUint16(p + 8, subtype);
}

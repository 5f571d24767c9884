/**
 * Messages for switches that are compared: whole ones with little said, and raw ones that no encoder of ours would
 * make.
 */

import type { Action } from '../../../proto/openflow/action.ts';
import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { Bucket, GroupMod } from '../../../proto/openflow/group-mod.ts';
import { encodeMessage, type Message, type MessageBody } from '../../../proto/openflow/message.ts';
import type { MeterMod } from '../../../proto/openflow/meter-mod.ts';
import type { MultipartKind, MultipartRequestBody } from '../../../proto/openflow/multipart.ts';

export const NO_BUFFER = 0xffff_ffff;

export function flowMod(more: Partial<FlowMod> = {}): FlowMod {
  return {
    ...{ type: 'flowMod', command: 'add', cookie: 0n, cookieMask: 0n, tableId: 0, priority: 100, match: {} },
    ...{ idleTimeout: 0, hardTimeout: 0, bufferId: NO_BUFFER, outPort: 'any', outGroup: 'any', flags: [] },
    importance: 0,
    instructions: [],
    ...more,
  } as FlowMod;
}

export const output = (port: number | string, maxLen = 0) => ({ type: 'output', port, maxLen }) as Action;
export const applied = (...actions: Action[]) => [{ type: 'applyActions', actions }] as FlowMod['instructions'];
export const written = (...actions: Action[]) => [{ type: 'writeActions', actions }] as FlowMod['instructions'];
export const action = (said: Record<string, unknown>) => said as unknown as Action;

export function bucket(more: Partial<Bucket> = {}): Bucket {
  return { weight: 0, watchPort: 'any', watchGroup: 'any', actions: [output(1)] as Bucket['actions'], ...more };
}

export function groupMod(more: Partial<GroupMod> = {}): GroupMod {
  return { type: 'groupMod', command: 'add', groupType: 'all', groupId: 1, buckets: [bucket()], ...more } as GroupMod;
}

export function meterMod(more: Partial<MeterMod> = {}): MeterMod {
  const bands = [{ type: 'drop', rate: 100, burstSize: 0 }];
  return { type: 'meterMod', command: 'add', flags: ['kbps'], meterId: 1, bands, ...more } as MeterMod;
}

export function ask<K extends MultipartKind>(kind: K, request: MultipartRequestBody<K>): MessageBody {
  return { type: 'multipartRequest', flags: [], kind, request } as unknown as MessageBody;
}

export function askFlows(more: Record<string, unknown> = {}, kind: 'flow' | 'aggregate' = 'flow'): MessageBody {
  const any = { tableId: 'all', outPort: 'any', outGroup: 'any', cookie: 0n, cookieMask: 0n, match: {} };
  return ask(kind, { ...any, ...more } as unknown as MultipartRequestBody<'flow'>);
}

/** All that a controller can make is gone after these. */
export const CLEARING: readonly MessageBody[] = [
  flowMod({ command: 'delete', tableId: 'all' }),
  groupMod({ command: 'delete', groupId: 'all', buckets: [] }),
  meterMod({ command: 'delete', meterId: 'all', bands: [] }),
];

const hexOf = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** A message of a type with a body in hexadecimal digits. */
export function raw(type: number, body = '', version = 5): Buffer {
  return sized(Buffer.concat([Buffer.from([version, type, 0, 0, 0, 0, 0, 1]), hexOf(body)]));
}

/** With the length that it has. */
export function sized(bytes: Buffer): Buffer {
  bytes.writeUInt16BE(bytes.length, 2);
  return bytes;
}

/** The encoded message, changed at some bytes. */
export function changed(message: MessageBody, change: (bytes: Buffer) => void, xid = 1): Buffer {
  const bytes = Buffer.from(encodeMessage({ ...message, xid } as Message));
  change(bytes);
  return bytes;
}

/** A flow-mod with a match of these TLVs and these instructions, both in hexadecimal digits. */
export function rawFlowMod(match: string, instructions = ''): Buffer {
  const fields = hexOf(match);
  const length = 4 + fields.length;
  const head = Buffer.from(encodeMessage({ ...flowMod(), xid: 1 })).subarray(0, 48);
  const opening = Buffer.from([0, 1, length >> 8, length & 0xff]);
  return sized(Buffer.concat([head, opening, fields, Buffer.alloc((8 - (length % 8)) % 8), hexOf(instructions)]));
}

/** One that applies (or writes) the actions in hexadecimal digits. */
export function rawActions(actions: string, match = '', type = 4): Buffer {
  const list = hexOf(actions);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(8 + list.length, 2);
  return rawFlowMod(match, Buffer.concat([head, list]).toString('hex'));
}

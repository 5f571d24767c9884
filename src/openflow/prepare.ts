/**
 * Has the codecs compiled before the first switch comes: each is when it is used first, and those of a handshake and of a
 * first reading take some tens of milliseconds together.
 */

import { decodeInstructions, encodeInstructions, encodeMatch } from '../../proto/openflow/compiled-parts.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import { decodeMessage, encodeMessage, type MessageBody } from '../../proto/openflow/message.ts';
import { Writer } from '../../proto/wire/writer.ts';

export function prepareCodecs(): void {
  for (const message of SAMPLES) decodeMessage(encodeMessage({ ...message, xid: 0 }));
  encodeMatch(new Writer(), MATCH);
  const writer = new Writer();
  encodeInstructions(writer, INSTRUCTIONS);
  decodeInstructions(writer.finish());
}

const MATCH = { inPort: 1, ethType: 0x0800, ipv4Dst: '192.0.2.1' };
const INSTRUCTIONS: Instruction[] = [
  { type: 'applyActions', actions: [{ type: 'output', port: 1, maxLen: 0 }] },
  { type: 'gotoTable', tableId: 1 },
];

const STATISTICS = { tableId: 'all', outPort: 'any', outGroup: 'any', cookie: 0n, cookieMask: 0n, match: {} } as const;
const EVERY_CHANGE = {
  ...({ monitorId: 1, tableId: 'all', outPort: 'any', outGroup: 'any', command: 'add', match: {} } as const),
  flags: ['add'] as const,
};
const REQUEST = { type: 'multipartRequest', flags: [] } as const;
const REPLY = { type: 'multipartReply', flags: [] } as const;
const TEXTS = { mfrDesc: '', hwDesc: '', swDesc: '', serialNum: '', dpDesc: '' };

const SAMPLES: MessageBody[] = [
  { type: 'hello', elements: [{ type: 'versionBitmap', versions: [5] }] },
  { type: 'featuresRequest' },
  { type: 'featuresReply', datapathId: 1n, nBuffers: 0, nTables: 254, auxiliaryId: 0, capabilities: [], reserved: 0 },
  {
    ...{ type: 'flowMod', command: 'add', tableId: 0, priority: 0, idleTimeout: 0, hardTimeout: 0, bufferId: 0 },
    ...{ outPort: 'any', outGroup: 'any', importance: 0, cookie: 0n, cookieMask: 0n, flags: [], match: MATCH },
    instructions: INSTRUCTIONS,
  } as MessageBody,
  { type: 'setConfig', flags: 'normal', missSendLen: 0 },
  { ...REQUEST, kind: 'desc', request: {} },
  { ...REPLY, kind: 'desc', reply: TEXTS },
  { ...REQUEST, kind: 'portDesc', request: {} },
  { ...REPLY, kind: 'portDesc', reply: [] },
  { ...REQUEST, kind: 'flow', request: STATISTICS },
  { ...REQUEST, kind: 'flowMonitor', request: [EVERY_CHANGE] },
  { ...REQUEST, kind: 'groupDesc', request: {} },
  { ...REPLY, kind: 'groupDesc', reply: [] },
  { ...REQUEST, kind: 'meterConfig', request: { meterId: 'all' } },
  { ...REPLY, kind: 'meterConfig', reply: [] },
  { type: 'setAsync', properties: [{ type: 'requestForwardMaster', mask: ['groupMod'] }] },
  { type: 'bundleControl', bundleId: 1, control: 'openRequest', flags: ['atomic'], properties: [] },
  { type: 'barrierRequest' },
  { type: 'barrierReply' },
];

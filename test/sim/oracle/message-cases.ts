/** Messages that are wrong as messages: types, lengths, versions; and questions. */

import type { MessageBody } from '../../../proto/openflow/message.ts';
import type { Case } from './cases.ts';
import { ask, askFlows, changed, flowMod, NO_BUFFER, output, raw } from './messages.ts';

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
const packetOut = (more: Record<string, unknown>) =>
  ({
    ...{ type: 'packetOut', bufferId: NO_BUFFER, inPort: 'controller', actions: [output(1)], data: new Uint8Array(60) },
    ...more,
  }) as unknown as MessageBody;

export const MESSAGE_CASES: readonly Case[] = [
  ...[6, 8, 10, 11, 12, 19, 21, 22, 23, 25, 27, 30, 31, 32, 35, 99].map(
    (type): Case => [`a message of type ${type} without a body`, [raw(type)]],
  ),
  ...[5, 7, 20, 26].map((type): Case => [`a message of type ${type} with a body`, [raw(type, '00000000')]]),
  ...[9, 13, 14, 15, 16, 17, 18, 24, 28, 29, 33, 34, 1, 4].map(
    (type): Case => [`a message of type ${type} that is too short`, [raw(type)]],
  ),
  ['a message of version 4', [raw(5, '', 4)]],
  ['a message of version 6', [raw(5, '', 6)]],
  ['a hello again', [raw(0)]],
  ['a length below 8', [changed({ type: 'featuresRequest' }, (bytes) => void bytes.writeUInt16BE(4, 2))]],
  ...[17, 18, 19, 99].map((kind): Case => [`a multipart of kind ${kind}`, [raw(18, `${hex(kind, 4)}0000 00000000`)]]),
  ['a multipart of an experimenter without a number', [raw(18, 'ffff0000 00000000')]],
  ['a multipart of an experimenter nobody knows', [raw(18, 'ffff0000 00000000 12345678 00000001')]],
  ['a multipart of Nicira that there is not', [raw(18, 'ffff0000 00000000 00002320 00000063')]],
  ['statistics of IPFIX', [ask('ipfixBridge', {}), ask('ipfixFlow', {})]],
  ['a multipart with flags', [raw(18, '00000004 00000000')]],
  ['ports: one that there is not', [raw(18, '00040000 00000000 00000063 00000000')]],
  ['ports: one that can be none', [raw(18, '00040000 00000000 0001ffff 00000000')]],
  [
    'queues: a port and a queue that there are not',
    [
      raw(18, '00050000 00000000 00000063 ffffffff'),
      raw(18, '00050000 00000000 00000001 00000063'),
      raw(18, '000f0000 00000000 00000063 ffffffff'),
      raw(18, '000f0000 00000000 00000001 00000063'),
      raw(18, '00050000 00000000 00000001 ffffffff'),
      raw(18, '000f0000 00000000 00000001 ffffffff'),
    ],
  ],
  [
    'meters that there are not',
    [
      raw(18, '00090000 00000000 00000063 00000000'),
      raw(18, '000a0000 00000000 00000063 00000000'),
      raw(18, '000a0000 00000000 fffffffe 00000000'),
      raw(18, '000a0000 00000000 00000000 00000000'),
      raw(18, '000a0000 00000000 ffffffff 00000000'),
    ],
  ],
  ['groups that there are not', [ask('group', { groupId: 99 }), ask('group', { groupId: 'any' })]],
  ['flows of a table without some', [askFlows({ tableId: 200 }), askFlows({ tableId: 200 }, 'aggregate')]],
  ['flows to a port that can be none', [askFlows({ outPort: 0x10000 })]],
  ['an experimenter nobody knows', [raw(4, '12345678 00000001')]],
  ['a message of Nicira that there is not', [raw(4, '00002320 00000063')]],
  ['a message of the ONF', [raw(4, '4f4e4600 000008fc')]],
  ['a message of Nicira without a type', [raw(4, '00002320')]],
  ['messages of Nicira for other versions', [raw(4, '00002320 0000000c 00000000'), raw(4, '00002320 0000001b')]],
  ['a flow-mod with a command that there is not', [changed(flowMod(), (bytes) => void bytes.writeUInt8(9, 25))]],
  ['flow-mods for all tables', [flowMod({ tableId: 'all' }), flowMod({ tableId: 'all', command: 'modify' })]],
  [
    'flow-mods for the hidden table',
    [
      flowMod({ tableId: 254 }),
      flowMod({ tableId: 254, command: 'modify' }),
      flowMod({ tableId: 254, command: 'delete' }),
    ],
  ],
  [
    'flow-mods with flags that there are not',
    [flowMod({ flags: [32] }), flowMod({ flags: [0x8000], command: 'delete' })],
  ],
  [
    'flow-mods with a buffer',
    [
      flowMod({ bufferId: 5 }),
      flowMod({ bufferId: 5, command: 'delete' }),
      flowMod({ bufferId: 5, command: 'modify' }),
    ],
  ],
  [
    'flow-mods with output ports',
    [flowMod({ outPort: 0x12345 }), flowMod({ outPort: 'controller' }), flowMod({ outPort: 99, command: 'delete' })],
  ],
  [
    'flows that overlap',
    [
      flowMod({ priority: 5, match: { ethType: 0x800 } }),
      flowMod({ priority: 5, match: { inPort: 1 }, flags: ['checkOverlap'] }),
      flowMod({ priority: 6, match: { inPort: 1 }, flags: ['checkOverlap'] }),
      flowMod({ priority: 5, match: { ethType: 0x806 }, flags: ['checkOverlap'] }),
      flowMod({ priority: 5, match: { ethType: 0x800 }, flags: ['checkOverlap'] }),
    ],
  ],
  [
    'packet-outs',
    [
      packetOut({ bufferId: 5, data: new Uint8Array(0) }),
      packetOut({ inPort: 'any' }),
      packetOut({ inPort: 'local', actions: [output('any')] }),
      packetOut({ data: new Uint8Array(0) }),
      packetOut({ inPort: 99 }),
      packetOut({ inPort: 0xff10 }),
      packetOut({ inPort: 1, actions: [{ type: 'group', groupId: 77 }] }),
      packetOut({ inPort: 'normal', actions: [] }),
      packetOut({ actions: [{ type: 'decNwTtl' }] }),
      packetOut({ data: new Uint8Array(10) }),
      packetOut({ bufferId: 5, inPort: 'any', actions: [output('any')], data: new Uint8Array(0) }),
      changed(packetOut({}), (bytes) => void bytes.writeUInt16BE(240, 16)),
      changed(packetOut({}), (bytes) => void bytes.writeUInt16BE(20, 16)),
    ],
  ],
  [
    'questions of a switch without flows',
    [
      ask('desc', {}),
      ask('groupFeatures', {}),
      ask('meterFeatures', {}),
      ask('groupDesc', {}),
      ask('meterConfig', { meterId: 'all' }),
      ask('meter', { meterId: 'all' }),
      ask('group', { groupId: 'all' }),
      askFlows(),
      askFlows({}, 'aggregate'),
      { type: 'featuresRequest' },
      { type: 'getConfigRequest' },
      { type: 'getAsyncRequest' },
    ],
  ],
  [
    'configurations',
    [
      { type: 'setConfig', flags: 'drop', missSendLen: 77 },
      { type: 'getConfigRequest' },
      { type: 'setConfig', flags: 'reassemble', missSendLen: 78 },
      { type: 'getConfigRequest' },
      raw(9, '0003 0080'),
      raw(9, '0008 0080'),
      { type: 'getConfigRequest' },
      { type: 'setConfig', flags: 'normal', missSendLen: 128 },
    ],
  ],
  ['what tables are', [ask('tableFeatures', [])]],
  ['what tables have', [ask('tableDesc', {})]],
  [
    'tables that are to be otherwise',
    [
      ask('tableFeatures', [
        {
          tableId: 0,
          name: 'x',
          metadataMatch: 1n,
          metadataWrite: 1n,
          capabilities: [],
          maxEntries: 5,
          properties: [],
        },
      ]),
    ],
  ],
];

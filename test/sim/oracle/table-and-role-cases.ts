/** Tables, ports, roles, asynchronous configuration and the messages of Nicira, right and wrong. */

import { asyncMask, body, control, portMod, role, setAsync, tableMod, tlv } from './bodies.ts';
import type { Case } from './cases.ts';
import { applied, ask, flowMod, groupMod, meterMod, output, raw } from './messages.ts';

const TABLES_AND_PORTS: readonly Case[] = [
  [
    'table-mods',
    [
      tableMod({ config: ['eviction'] }),
      tableMod({
        config: ['vacancyEvents'],
        properties: [{ type: 'vacancy', vacancyDown: 80, vacancyUp: 60, vacancy: 0 }],
      }),
      tableMod({ tableId: 254 }),
      tableMod({ tableId: 253 }),
      tableMod({ config: [1, 'eviction'] }),
      tableMod({ config: ['eviction'], properties: [{ type: 'eviction', flags: ['importance'] }] }),
      tableMod({
        config: ['vacancyEvents'],
        properties: [{ type: 'vacancy', vacancyDown: 20, vacancyUp: 101, vacancy: 0 }],
      }),
      tableMod({
        config: ['vacancyEvents'],
        properties: [{ type: 'vacancy', vacancyDown: 20, vacancyUp: 60, vacancy: 0 }],
      }),
      ask('tableDesc', {}),
      tableMod({ tableId: 'all' }),
    ],
  ],
  [
    'port-mods that are refused',
    [
      portMod({ hwAddr: '02:00:00:00:00:01' }),
      portMod({ portNo: 99 }),
      portMod({ portNo: 'any' }),
      portMod({ portNo: 0xff33 }),
      portMod({ properties: [{ type: 'optical', configure: [], freqLmda: 0, flOffset: 0, gridSpan: 0, txPwr: 0 }] }),
      portMod({ properties: [{ type: 'unknown', code: 77, body: new Uint8Array(4) }] }),
      portMod({ config: ['noRecv', 'noPacketIn'] }),
    ],
  ],
  [
    'a port that forwards nothing, and again',
    [
      [0, portMod({ config: ['noFwd'], mask: ['noFwd'] })],
      [1, portMod({ mask: ['noFwd'] })],
    ],
  ],
];

const ROLES: readonly Case[] = [
  [
    'roles',
    [
      [0, role('noChange', 0n), role('master', 5n)],
      [1, role('master', 4n), role('master', 6n)],
      [
        0,
        role('noChange', 0n),
        flowMod(),
        groupMod(),
        meterMod(),
        portMod(),
        tableMod(),
        control('openRequest'),
        tlv('clear'),
        body({ type: 'tlvTableRequest' }),
        body({ type: 'niciraRoleRequest', role: 'other' }),
        raw(18, '00000000 00000000'),
      ],
      [1, role('slave', 5n), role(7, 9n), role('equal', 0n)],
      [0, role('equal', 0n)],
    ],
  ],
  [
    'asynchronous configurations',
    [
      ...['000c0008 00000001', 'ffff000c 00000001 00000000 00000000', '00000008 ffffffff', '00000004 00000000'].map(
        (text) => raw(28, text),
      ),
      ...['00010010 00000000 00000001 00000000', '00000006 00000000', '000a0008 00000007', '00080008 00000001'].map(
        (text) => raw(28, text),
      ),
      setAsync(asyncMask('packetInMaster', 'tableMiss'), asyncMask('tableStatusMaster', 'vacancyDown')),
      body({ type: 'getAsyncRequest' }),
      setAsync(
        asyncMask('packetInMaster', 'tableMiss', 'applyAction', 'actionSet', 'group', 'packetOut'),
        asyncMask('tableStatusMaster'),
      ),
    ],
  ],
  [
    'requests that are forwarded',
    [
      [0, setAsync(asyncMask('requestForwardMaster', 'groupMod', 'meterMod'))],
      [1, groupMod({ buckets: [] }), groupMod({ buckets: [] }), groupMod({ command: 'delete', buckets: [] })],
      [0, setAsync(asyncMask('requestForwardMaster'))],
    ],
  ],
];

const NICIRA: readonly Case[] = [
  [
    'messages of Nicira',
    [
      body({ type: 'flowMonitorCancel', id: 3 }),
      body({ type: 'flowAge' }),
      body({ type: 'setPacketInFormat', format: 7 }),
      body({ type: 'flowModTableId', set: 0 }),
      body({
        ...{ type: 'niciraFlowMod', cookie: 3n, command: 'add', idleTimeout: 5, hardTimeout: 6, priority: 4 },
        ...{
          bufferId: 0xffff_ffff,
          outPort: 'none',
          flags: [],
          match: { nxmInPort: 2 },
          instructions: applied(output(1)),
        },
      }),
      body({ type: 'resume', properties: [] }),
      body({ type: 'flowMonitorPaused' }),
      body({ type: 'ctFlushZone', zoneId: 1 }),
      body({ type: 'ctFlush', ipProto: 0, properties: [] }),
    ],
  ],
  [
    'the TLV table',
    [
      tlv('add', [1, 2, 4, 0]),
      body({ type: 'tlvTableRequest' }),
      tlv('add', [1, 3, 4, 0]),
      tlv('add', [1, 2, 4, 1]),
      tlv('add', [1, 5, 3, 5]),
      tlv('add', [1, 5, 4, 64]),
      flowMod({ match: { tunMetadata0: '0x00000001' } }),
      flowMod({ match: { tunMetadata1: '0x00000001' } }),
      tlv('delete', [1, 2, 4, 0]),
      tlv('clear'),
      tlv('delete', [9, 2, 4, 7]),
      tlv(7),
    ],
  ],
];

export const TABLE_AND_ROLE_CASES: readonly Case[] = [...TABLES_AND_PORTS, ...ROLES, ...NICIRA];

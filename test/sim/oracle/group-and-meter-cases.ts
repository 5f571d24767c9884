/** Groups and meters, right and wrong. */

import { toGroup } from './bodies.ts';
import type { Case } from './cases.ts';
import { action, ask, askFlows, bucket, changed, flowMod, groupMod, meterMod, output } from './messages.ts';

const GROUPS: readonly Case[] = [
  ['a group twice', [groupMod(), groupMod(), ask('groupDesc', {}), ask('group', { groupId: 1 })]],
  ...(['all', 'any', 0xffffff01, 0xffffff00, 0] as const).map(
    (groupId): Case => [`a group with the number ${groupId}`, [groupMod({ groupId }), ask('groupDesc', {})]],
  ),
  [
    'a group that there is not is changed and deleted',
    [
      groupMod({ command: 'modify', groupId: 50 }),
      groupMod({ command: 'delete', groupId: 50, buckets: [] }),
      groupMod({ command: 'delete' }),
      groupMod({ command: 'delete', groupId: 'any', buckets: [] }),
    ],
  ],
  ['a group of a type that there is not', [changed(groupMod(), (bytes) => void bytes.writeUInt8(7, 10))]],
  ...[3, 5, 7].map(
    (code): Case => [
      `a group-mod with the command ${code}`,
      [changed(groupMod(), (bytes) => void bytes.writeUInt8(code, 9))],
    ],
  ),
  [
    'a group that is added or changed',
    [
      changed(groupMod(), (bytes) => void bytes.writeUInt16BE(0x8000, 8)),
      changed(groupMod({ buckets: [] }), (bytes) => void bytes.writeUInt16BE(0x8000, 8)),
      ask('groupDesc', {}),
    ],
  ],
  [
    'indirect groups',
    [
      groupMod({ groupId: 10, groupType: 'indirect', buckets: [] }),
      groupMod({ groupId: 10, groupType: 'indirect', buckets: [bucket(), bucket()] }),
      groupMod({ groupId: 10, groupType: 'indirect' }),
      groupMod({ groupId: 10, groupType: 'indirect', command: 'delete', buckets: [] }),
    ],
  ],
  [
    'weights and watches',
    [
      groupMod({ groupId: 11, buckets: [bucket({ weight: 1 })] }),
      groupMod({ groupId: 12, groupType: 'select', buckets: [bucket()] }),
      groupMod({ groupId: 13, groupType: 'select', buckets: [bucket({ weight: 2, watchPort: 1 })] }),
      groupMod({ groupId: 14, groupType: 'fastFailover' }),
      groupMod({ groupId: 15, groupType: 'fastFailover', buckets: [bucket({ watchPort: 1 })] }),
      groupMod({ groupId: 16, groupType: 'fastFailover', buckets: [bucket({ watchGroup: 1 })] }),
      groupMod({ groupId: 17, buckets: [bucket({ watchPort: 1 })] }),
      groupMod({ groupId: 18, groupType: 'fastFailover', buckets: [bucket({ watchPort: 99 })] }),
      groupMod({ groupId: 19, groupType: 'fastFailover', buckets: [bucket({ watchGroup: 999 })] }),
      groupMod({ groupId: 20, groupType: 'fastFailover', buckets: [bucket({ watchPort: 0xff12 })] }),
      groupMod({ groupId: 21, groupType: 'fastFailover', buckets: [bucket({ watchPort: 'local' })] }),
      groupMod({ groupId: 22, groupType: 'fastFailover', buckets: [] }),
      groupMod({ groupId: 23, groupType: 'fastFailover', buckets: [bucket({ weight: 3, watchPort: 1 })] }),
      ask('groupDesc', {}),
    ],
  ],
  [
    'actions in buckets',
    [
      groupMod({ groupId: 30, buckets: [bucket({ actions: [output('any')] as never })] }),
      groupMod({ groupId: 31, buckets: [bucket({ actions: [action({ type: 'group', groupId: 999 })] as never })] }),
      groupMod({ groupId: 32, buckets: [bucket({ actions: [action({ type: 'decNwTtl' })] as never })] }),
      groupMod({ groupId: 35, buckets: [bucket({ actions: [] })] }),
      groupMod({ groupId: 36, buckets: [bucket({ actions: [output(1), output(2)] as never })] }),
      groupMod({
        groupId: 37,
        buckets: [bucket({ actions: [action({ type: 'setDlSrc', dlAddr: '02:00:00:00:00:01' })] as never })],
      }),
      ask('groupDesc', {}),
      ask('group', { groupId: 'all' }),
    ],
  ],
  [
    'buckets with other lengths',
    [
      changed(groupMod(), (bytes) => void bytes.writeUInt16BE(8, 16)),
      changed(groupMod(), (bytes) => void bytes.writeUInt16BE(40, 16)),
      changed(groupMod(), (bytes) => void bytes.writeUInt16BE(20, 16)),
    ],
  ],
  [
    'groups in a circle',
    [
      groupMod({ groupId: 3, buckets: [] }),
      groupMod({ groupId: 4, buckets: [bucket({ actions: [action({ type: 'group', groupId: 3 })] as never })] }),
      groupMod({
        groupId: 3,
        command: 'modify',
        buckets: [bucket({ actions: [action({ type: 'group', groupId: 4 })] as never })],
      }),
      ask('groupDesc', {}),
    ],
  ],
  [
    'flows go with their group',
    [
      groupMod(),
      flowMod({ priority: 77, instructions: toGroup(1) }),
      flowMod({ priority: 78 }),
      ask('group', { groupId: 1 }),
      groupMod({ command: 'delete', buckets: [] }),
    ],
  ],
  [
    'flows by group',
    [
      groupMod(),
      groupMod({ groupId: 2 }),
      flowMod({ priority: 77, instructions: toGroup(1) }),
      flowMod({ priority: 78, instructions: toGroup(2) }),
      askFlows({ outGroup: 2 }),
      flowMod({ command: 'delete', tableId: 'all', outGroup: 1 }),
    ],
  ],
];

const METERS: readonly Case[] = [
  [
    'meters by number',
    [
      meterMod(),
      meterMod(),
      meterMod({ command: 'modify', meterId: 9 }),
      meterMod({ command: 'delete', meterId: 9, bands: [] }),
      meterMod({ meterId: 0 }),
      meterMod({ meterId: 'all' }),
      meterMod({ meterId: 'controller' }),
      meterMod({ meterId: 'slowpath' }),
      meterMod({ meterId: 0xffff0001 }),
      meterMod({ meterId: 0xffff0000 }),
      ask('meterConfig', { meterId: 'all' }),
    ],
  ],
  [
    'meters by flags',
    [
      meterMod({ meterId: 2, flags: [] }),
      meterMod({ meterId: 3, flags: ['kbps', 'pktps'] }),
      meterMod({ meterId: 4, flags: ['pktps'] }),
      meterMod({ meterId: 5, flags: ['kbps', 'burst'] }),
      meterMod({ meterId: 6, flags: [32, 'kbps'] }),
      meterMod({ meterId: 7, flags: ['kbps', 'stats'] }),
      meterMod({ meterId: 8, flags: ['burst'] }),
      ask('meterConfig', { meterId: 'all' }),
      ask('meter', { meterId: 'all' }),
    ],
  ],
  [
    'meters by bands',
    [
      meterMod({ meterId: 20, bands: [] }),
      meterMod({ meterId: 21, bands: Array(9).fill({ type: 'drop', rate: 1, burstSize: 0 }) }),
      meterMod({ meterId: 22, bands: [{ type: 'dscpRemark', rate: 1, burstSize: 0, precLevel: 1 }] }),
      meterMod({ meterId: 24, bands: [{ type: 'drop', rate: 0, burstSize: 0 }] }),
      meterMod({ meterId: 25, bands: [{ type: 'drop', rate: 0xffff_ffff, burstSize: 7 }] }),
      changed(meterMod({ meterId: 40 }), (bytes) => void bytes.writeUInt8(7, 9)),
      changed(meterMod({ meterId: 40 }), (bytes) => void bytes.writeUInt16BE(8, 18)),
      changed(meterMod({ meterId: 40 }), (bytes) => void bytes.writeUInt16BE(24, 18)),
      changed(meterMod({ meterId: 40 }), (bytes) => void bytes.writeUInt16BE(5, 16)),
      ask('meterConfig', { meterId: 'all' }),
    ],
  ],
  [
    'flows go with their meter',
    [
      meterMod(),
      flowMod({ instructions: [{ type: 'meter', meterId: 1 }] }),
      ask('meter', { meterId: 1 }),
      meterMod({ command: 'delete', bands: [] }),
    ],
  ],
];

export const GROUP_AND_METER_CASES: readonly Case[] = [...GROUPS, ...METERS];

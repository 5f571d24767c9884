// Groups and meters (OpenFlow 1.4, 7.3.4.2 and 7.3.4.4).
import type { MessageBody } from '../../../proto/openflow/message.ts';
import { bytes, type Cases, ken } from './case.ts';

export const groups: Cases = {};

export const groupMod: MessageBody = {
  type: 'groupMod',
  command: 'modify',
  groupType: 'select',
  groupId: 25,
  buckets: [
    { weight: 26, watchPort: 'any', watchGroup: 'any', actions: [{ type: 'output', port: 27, maxLen: 0 }] },
    { weight: 28, watchPort: 29, watchGroup: 30, actions: [{ type: 'group', groupId: 31 }] },
  ],
};
export const kenGroupMod = ken('GroupMod', {
  command: 1,
  type_: 1,
  group_id: 25,
  buckets: [
    ken('Bucket', { weight: 26, actions: [ken('ActionOutput', { port: 27, max_len: 0 })] }),
    ken('Bucket', { weight: 28, watch_port: 29, watch_group: 30, actions: [ken('ActionGroup', { group_id: 31 })] }),
  ],
});
groups.groupMod = [groupMod, kenGroupMod];

export const meterMod: MessageBody = {
  type: 'meterMod',
  command: 'modify',
  flags: ['kbps', 'burst', 'stats'],
  meterId: 38,
  bands: [
    { type: 'drop', rate: 39, burstSize: 40 },
    { type: 'dscpRemark', rate: 41, burstSize: 42, precLevel: 43 },
  ],
};
export const kenMeterMod = ken('MeterMod', {
  command: 1,
  flags: 13,
  meter_id: 38,
  bands: [
    ken('MeterBandDrop', { rate: 39, burst_size: 40 }),
    ken('MeterBandDscpRemark', { rate: 41, burst_size: 42, prec_level: 43 }),
  ],
});
groups.meterMod = [meterMod, kenMeterMod];
groups.meterModOfAnExperimenter = [
  {
    type: 'meterMod',
    command: 'delete',
    flags: ['pktps'],
    meterId: 'controller',
    bands: [{ type: 'experimenter', rate: 44, burstSize: 45, experimenter: 0x00abcdef, body: bytes('') }],
  },
  ken('MeterMod', {
    command: 2,
    flags: 2,
    meter_id: 0xfffffffe,
    bands: [ken('MeterBandExperimenter', { rate: 44, burst_size: 45, experimenter: 0xabcdef })],
  }),
];

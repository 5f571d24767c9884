// Ports, tables, roles and the choice of events (OpenFlow 1.4, 7.3.3, 7.3.4.3, 7.3.8, 7.3.10).
import type { SetAsync } from '../../../proto/openflow/async-config.ts';
import { type Cases, experimenter, ken, kenExperimenter } from './case.ts';

export const settings: Cases = {};

settings.portMod = [
  {
    type: 'portMod',
    portNo: 'local',
    hwAddr: '0a:00:00:00:00:20',
    config: ['portDown', 'noFwd'],
    mask: ['portDown', 'noRecv', 'noFwd', 'noPacketIn'],
    properties: [{ type: 'ethernet', advertise: ['1gbFd', '10gbFd', 'copper'] }],
  },
  ken('PortMod', {
    port_no: 0xfffffffe,
    hw_addr: '0a:00:00:00:00:20',
    config: 0x21,
    mask: 0x65,
    properties: [ken('PortModPropEthernet', { type_: 0, advertise: 0x860 })],
  }),
];
settings.portModOfAnOpticalPort = [
  {
    type: 'portMod',
    portNo: 33,
    hwAddr: '0a:00:00:00:00:21',
    config: ['noPacketIn'],
    mask: ['noPacketIn'],
    properties: [
      {
        type: 'optical',
        configure: ['rxTune', 'txTune', 'txPwr', 'useFreq'],
        freqLmda: 193_100_000,
        flOffset: -5,
        gridSpan: 50_000,
        txPwr: 31,
      },
      experimenter,
    ],
  },
  ken('PortMod', {
    port_no: 33,
    hw_addr: '0a:00:00:00:00:21',
    config: 0x40,
    mask: 0x40,
    properties: [
      // os-ken takes the offset as if it had no sign.
      ken('PortModPropOptical', {
        type_: 1,
        configure: 15,
        freq_lmda: 193_100_000,
        fl_offset: 2 ** 32 - 5,
        grid_span: 50_000,
        tx_pwr: 31,
      }),
      kenExperimenter('PortModProp'),
    ],
  }),
];

settings.tableMod = [
  {
    type: 'tableMod',
    tableId: 34,
    config: ['eviction', 'vacancyEvents'],
    properties: [{ type: 'vacancy', vacancyDown: 35, vacancyUp: 66, vacancy: 0 }],
  },
  ken('TableMod', {
    table_id: 34,
    config: 12,
    properties: [ken('TableModPropVacancy', { type_: 3, vacancy_down: 35, vacancy_up: 66, vacancy: 0 })],
  }),
];
settings.tableModOfEviction = [
  // Open vSwitch takes these flags for its own word of whether eviction is on: what it prints is its mistake.
  { type: 'tableMod', tableId: 67, config: [], properties: [{ type: 'eviction', flags: ['other', 'lifetime'] }] },
  ken('TableMod', {
    table_id: 67,
    config: 0,
    properties: [ken('TableModPropEviction', { type_: 2, flags: 5 })],
  }),
];
settings.tableModOfAnExperimenter = [
  { type: 'tableMod', tableId: 'all', config: [3], properties: [experimenter] },
  ken('TableMod', { table_id: 255, config: 3, properties: [kenExperimenter('TableModProp')] }),
];

settings.roleRequest = [
  { type: 'roleRequest', role: 'slave', generationId: 36n },
  ken('RoleRequest', { role: 3, generation_id: 36 }),
];
settings.roleReply = [
  { type: 'roleReply', role: 'master', generationId: 37n },
  ken('RoleReply', { role: 2, generation_id: 37 }),
];

const asyncProperties: SetAsync['properties'] = [
  { type: 'packetInSlave', mask: ['tableMiss', 'invalidTtl'] },
  { type: 'packetInMaster', mask: ['applyAction', 'actionSet', 'group', 'packetOut'] },
  { type: 'portStatusSlave', mask: ['add', 'delete'] },
  { type: 'portStatusMaster', mask: ['modify'] },
  { type: 'flowRemovedSlave', mask: ['idleTimeout', 'delete', 'meterDelete'] },
  { type: 'flowRemovedMaster', mask: ['hardTimeout', 'groupDelete', 'eviction'] },
  { type: 'roleStatusSlave', mask: ['masterRequest'] },
  { type: 'roleStatusMaster', mask: ['config', 'experimenter'] },
  { type: 'tableStatusSlave', mask: ['vacancyDown'] },
  { type: 'tableStatusMaster', mask: ['vacancyUp'] },
  { type: 'requestForwardSlave', mask: ['groupMod'] },
  { type: 'requestForwardMaster', mask: ['meterMod'] },
];
const kenAsyncMasks = [0b101, 0b111010, 0b11, 0b100, 0b10101, 0b101010, 0b1, 0b110, 0b1000, 0b10000, 0b1, 0b10];
const kenAsyncConfig = {
  properties: kenAsyncMasks.map((mask, type) => ken('AsyncConfigPropReasons', { type_: type, mask })),
};
settings.getAsyncRequest = [{ type: 'getAsyncRequest' }, ken('GetAsyncRequest')];
settings.getAsyncReply = [{ type: 'getAsyncReply', properties: asyncProperties }, ken('GetAsyncReply', kenAsyncConfig)];
settings.setAsync = [{ type: 'setAsync', properties: asyncProperties }, ken('SetAsync', kenAsyncConfig)];
settings.setAsyncOfAnExperimenter = [
  {
    type: 'setAsync',
    properties: [
      { ...experimenter, type: 'experimenterSlave' },
      { ...experimenter, type: 'experimenterMaster' },
    ],
  },
  ken('SetAsync', {
    properties: [kenExperimenter('AsyncConfigProp', 0xfffe), kenExperimenter('AsyncConfigProp', 0xffff)],
  }),
];

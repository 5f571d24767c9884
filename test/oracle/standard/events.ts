// What a switch tells by itself (OpenFlow 1.4, 7.4).
import { bytes, type Cases, experimenter, FRAME, ken, kenExperimenter } from './case.ts';
import { kenMeterMod, meterMod } from './groups.ts';

export const events: Cases = {};

events.packetIn = [
  {
    type: 'packetIn',
    bufferId: 0x11121314,
    totalLen: 60,
    reason: 'invalidTtl',
    tableId: 7,
    cookie: 0x0123_4567_89ab_cdefn,
    match: { inPort: 9, metadata: { value: 0x55n, mask: 0xffn }, tunnelId: 77n },
    data: bytes(FRAME),
  },
  ken('PacketIn', {
    buffer_id: 0x11121314,
    total_len: 60,
    reason: 2,
    table_id: 7,
    cookie: { int: '0x0123456789abcdef' },
    match: ken('Match', { in_port: 9, metadata: { tuple: [0x55, 0xff] }, tunnel_id: 77 }),
    data: { hex: FRAME },
  }),
];
events.flowRemoved = [
  {
    type: 'flowRemoved',
    cookie: 0x1122_3344n,
    priority: 4097,
    reason: 'eviction',
    tableId: 11,
    durationSec: 1234,
    durationNsec: 567_000_000,
    idleTimeout: 30,
    hardTimeout: 60,
    packetCount: 700n,
    byteCount: 80_000n,
    match: { ethDst: '0a:00:00:00:00:05' },
  },
  ken('FlowRemoved', {
    cookie: 0x11223344,
    priority: 4097,
    reason: 5,
    table_id: 11,
    duration_sec: 1234,
    duration_nsec: 567_000_000,
    idle_timeout: 30,
    hard_timeout: 60,
    packet_count: 700,
    byte_count: 80_000,
    match: ken('Match', { eth_dst: '0a:00:00:00:00:05' }),
  }),
];
events.portStatus = [
  {
    type: 'portStatus',
    reason: 'modify',
    desc: {
      portNo: 12,
      hwAddr: '0a:00:00:00:00:0c',
      name: 'eth12',
      config: ['noRecv', 'noPacketIn'],
      state: ['linkDown', 'live'],
      properties: [
        {
          type: 'ethernet',
          current: ['100mbFd', 'copper', 'autoneg'],
          advertised: ['10mbHd', '10mbFd', 'fiber'],
          supported: ['1gbHd', '1gbFd', '10gbFd', 'pause'],
          peer: ['40gbFd', '100gbFd', '1tbFd', 'other', 'pauseAsym'],
          currentSpeed: 100_000,
          maxSpeed: 10_000_000,
        },
        experimenter,
      ],
    },
  },
  ken('PortStatus', {
    reason: 2,
    desc: ken('Port', {
      port_no: 12,
      hw_addr: '0a:00:00:00:00:0c',
      name: { hex: Buffer.from('eth12').toString('hex') },
      config: 0x44,
      state: 5,
      properties: [
        ken('PortDescPropEthernet', {
          type_: 0,
          curr: 0x2808,
          advertised: 0x1003,
          supported: 0x4070,
          peer: 0x8780,
          curr_speed: 100_000,
          max_speed: 10_000_000,
        }),
        kenExperimenter('PortDescProp'),
      ],
    }),
  }),
];

events.roleStatus = [
  { type: 'roleStatus', role: 'equal', reason: 'config', generationId: 46n, properties: [] },
  ken('RoleStatus', { role: 1, reason: 1, generation_id: 46, properties: [] }),
];
events.roleStatusOfAnExperimenter = [
  { type: 'roleStatus', role: 'slave', reason: 'experimenter', generationId: 47n, properties: [experimenter] },
  ken('RoleStatus', { role: 3, reason: 2, generation_id: 47, properties: [kenExperimenter('RoleProp')] }),
];
events.tableStatus = [
  {
    type: 'tableStatus',
    reason: 'vacancyUp',
    table: {
      tableId: 48,
      config: ['vacancyEvents'],
      properties: [{ type: 'vacancy', vacancyDown: 10, vacancyUp: 80, vacancy: 81 }],
    },
  },
  ken('TableStatus', {
    reason: 4,
    table: ken('TableDesc', {
      table_id: 48,
      config: 8,
      properties: [ken('TableModPropVacancy', { type_: 3, vacancy_down: 10, vacancy_up: 80, vacancy: 81 })],
    }),
  }),
];
events.requestForward = [
  { type: 'requestForward', request: { ...meterMod, xid: 49 } },
  ken('RequestForward', { request: { ...kenMeterMod, xid: 49 } }),
];

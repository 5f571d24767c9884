// Nicira's messages against Open vSwitch: what it prints of ours, value by value, and its own bytes through our codec.
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type Message, type MessageBody } from '../../proto/openflow/message.ts';
import { NICIRA_MESSAGES } from '../../proto/openflow/nicira/message.ts';
import { resumeOf } from '../../proto/openflow/nicira/packet-in.ts';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import { captureMessages } from './capture-flow-mods.ts';
import { inParallel, ofpPrint } from './ofctl.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

/** ARP: who has 192.0.2.2? tell 192.0.2.1. */
const ARP = bytes(
  'ffffffffffff0200000000010806000108000604000102000000000100000000000000000000c0000202'.padEnd(84, '0'),
);
const ARP_TEXT =
  'arp,vlan_tci=0x0000,dl_src=02:00:00:00:00:01,dl_dst=ff:ff:ff:ff:ff:ff,arp_spa=0.0.0.0,arp_tpa=192.0.2.2,arp_op=1,' +
  'arp_sha=02:00:00:00:00:01,arp_tha=00:00:00:00:00:00';

/** A bridge's number, as Open vSwitch has it in front of what it lets a paused packet remember. */
const CONTINUATION = bytes('8000001400112233445566778899aabbccddeeff00000000');

const packetIn2 = {
  type: 'packetIn2',
  properties: [
    { type: 'packet', data: ARP },
    { type: 'fullLen', fullLen: 99 },
    { type: 'bufferId', bufferId: 0x501 },
    { type: 'tableId', tableId: 7 },
    { type: 'cookie', cookie: 0x1234_5678_9abcn },
    { type: 'reason', reason: 'actionSet' },
    { type: 'metadata', match: { inPort: 3, metadata: 0x21n, reg0: 0x11, tunnelId: 5n, tunMetadata1: '0x00000001' } },
    { type: 'userdata', data: bytes('0102030405') },
    { type: 'continuation', data: CONTINUATION },
  ],
} satisfies MessageBody;

interface Printed {
  message: MessageBody & { version?: number };
  /** All that Open vSwitch prints behind the message's name and xid. */
  text: string;
}

/** Open vSwitch 3.1 knows the flow monitor's of OpenFlow 1.0 alone; earlier ones of every version. */
const OPENFLOW_1_0 = { version: 1 };

const PRINTED: readonly Printed[] = [
  { message: { type: 'setPacketInFormat', format: 'packetIn2' }, text: 'format=nxt_packet_in2' },
  { message: { type: 'setPacketInFormat', format: 'packetIn' }, text: 'format=nxt_packet_in' },
  {
    message: {
      type: 'niciraPacketIn',
      bufferId: NO_BUFFER,
      totalLen: 42,
      reason: 'applyAction',
      tableId: 7,
      cookie: 0x1234n,
      match: { nxmInPort: 3, tunnelId: 5n, reg0: 7, metadata: 9n, tunIpv4Src: '192.0.2.9' },
      data: ARP,
    },
    text:
      'table_id=7 cookie=0x1234 total_len=42 reg0=0x7,tun_id=0x5,tun_src=192.0.2.9,metadata=0x9,in_port=3 ' +
      `(via action) data_len=42 (unbuffered)\n${ARP_TEXT}`,
  },
  {
    message: packetIn2,
    text:
      'table_id=7 cookie=0x123456789abc total_len=99 reg0=0x11,tun_id=0x5,tun_metadata1=0x1,metadata=0x21,in_port=3 ' +
      '(via action_set) data_len=42 buffer=0x00000501\n userdata=01.02.03.04.05\n' +
      ` continuation.bridge=33221100-7766-5544-bbaa-9988ffeeddcc\n${ARP_TEXT}`,
  },
  {
    message: resumeOf(packetIn2),
    text:
      'table_id=7 cookie=0x123456789abc total_len=99 reg0=0x11,tun_id=0x5,tun_metadata1=0x1,metadata=0x21,in_port=3 ' +
      `(via action_set) data_len=42 buffer=0x00000501\n continuation.bridge=33221100-7766-5544-bbaa-9988ffeeddcc\n${ARP_TEXT}`,
  },
  { message: { type: 'niciraRoleRequest', role: 'slave' }, text: 'role=secondary' },
  { message: { type: 'niciraRoleReply', role: 'master' }, text: 'role=primary' },
  {
    message: {
      type: 'niciraFlowMod',
      cookie: 5n,
      command: 'modifyStrict',
      idleTimeout: 1,
      hardTimeout: 2,
      priority: 3,
      bufferId: 0x77,
      outPort: 4,
      flags: ['sendFlowRem', 'checkOverlap'],
      match: { nxmInPort: 3, ethType: 0x0800, ipv4Src: { value: '10.0.0.0', mask: '255.0.0.0' } },
      instructions: [{ type: 'applyActions', actions: [{ type: 'output', port: 6, maxLen: 0 }] }],
    },
    text:
      'MOD_STRICT priority=3,ip,in_port=3,nw_src=10.0.0.0/8 cookie:0x5 idle:1 hard:2 buf:0x77 out_port:4 ' +
      'send_flow_rem check_overlap actions=output:6',
  },
  {
    message: {
      type: 'niciraFlowRemoved',
      cookie: 5n,
      priority: 3,
      reason: 'hardTimeout',
      tableId: 5,
      durationSec: 6,
      durationNsec: 7_000_000,
      idleTimeout: 8,
      packetCount: 9n,
      byteCount: 10n,
      match: { nxmInPort: 3, tunnelId: 0x11n },
    },
    text: 'priority=3,tun_id=0x11,in_port=3 reason=hard table_id=4 cookie:0x5 duration6.007s idle8 pkts9 bytes10',
  },
  { message: { type: 'flowModTableId', set: 1 }, text: 'enable' },
  { message: { type: 'flowModTableId', set: 0 }, text: 'disable' },
  { message: { type: 'flowAge' }, text: '' },
  {
    message: {
      type: 'niciraSetAsyncConfig',
      packetInMaster: ['tableMiss', 'applyAction'],
      packetInSlave: ['invalidTtl'],
      portStatusMaster: ['add', 'modify'],
      portStatusSlave: ['delete'],
      flowRemovedMaster: ['idleTimeout', 'delete'],
      flowRemovedSlave: ['hardTimeout'],
    },
    text: [
      '',
      ' primary:',
      '       PACKET_IN: no_match action',
      '     PORT_STATUS: add modify',
      '    FLOW_REMOVED: idle delete',
      '     ROLE_STATUS: (off)',
      '    TABLE_STATUS: (off)',
      '  REQUESTFORWARD: (off)',
      '',
      ' secondary:',
      '       PACKET_IN: invalid_ttl',
      '     PORT_STATUS: delete',
      '    FLOW_REMOVED: hard',
      '     ROLE_STATUS: (off)',
      '    TABLE_STATUS: (off)',
      '  REQUESTFORWARD: (off)',
    ].join('\n'),
  },
  { message: { type: 'setControllerId', controllerId: 0x1234 }, text: 'id=4660' },
  { message: { type: 'flowMonitorCancel', id: 0x12345678, ...OPENFLOW_1_0 }, text: 'id=305419896' },
  { message: { type: 'flowMonitorPaused', ...OPENFLOW_1_0 }, text: '' },
  { message: { type: 'flowMonitorResumed', ...OPENFLOW_1_0 }, text: '' },
  {
    message: {
      type: 'tlvTableMod',
      command: 'delete',
      maps: [
        { optionClass: 0xffff, optionType: 1, optionLen: 4, index: 2 },
        { optionClass: 0x102, optionType: 3, optionLen: 124, index: 63 },
      ],
    },
    text: [
      '',
      ' DEL mapping table:',
      '  class  type  length  match field',
      ' ------  ----  ------  --------------',
      ' 0xffff   0x1       4  tun_metadata2',
      '  0x102   0x3     124  tun_metadata63',
    ].join('\n'),
  },
  { message: { type: 'tlvTableMod', command: 'clear', maps: [] }, text: '\n CLEAR' },
  { message: { type: 'tlvTableRequest' }, text: '' },
  {
    message: {
      type: 'tlvTableReply',
      maxOptionSpace: 256,
      maxFields: 63,
      maps: [{ optionClass: 0x102, optionType: 7, optionLen: 8, index: 5 }],
    },
    text: [
      '',
      ' max option space=256 max fields=63',
      ' allocated option space=8',
      '',
      ' mapping table:',
      '  class  type  length  match field',
      ' ------  ----  ------  --------------',
      '  0x102   0x7       8  tun_metadata5',
    ].join('\n'),
  },
  { message: { type: 'ctFlushZone', zoneId: 0x1234 }, text: 'zone_id=4660' },
  {
    message: {
      type: 'ctFlush',
      ipProto: 6,
      properties: [
        {
          type: 'origTuple',
          tuple: [
            { type: 'src', address: '::ffff:c000:201' },
            { type: 'dst', address: '::ffff:c000:202' },
            { type: 'srcPort', port: 7 },
            { type: 'dstPort', port: 8 },
          ],
        },
        { type: 'replyTuple', tuple: [{ type: 'src', address: '::ffff:c000:203' }] },
        { type: 'zoneId', zoneId: 5 },
      ],
    },
    text:
      "zone=5 'ct_nw_src=192.0.2.1,ct_nw_dst=192.0.2.2,ct_tp_src=7,ct_tp_dst=8,ct_nw_proto=6' " +
      "'ct_nw_src=192.0.2.3,ct_nw_dst=::,ct_tp_src=0,ct_tp_dst=0'",
  },
  {
    message: {
      type: 'ctFlush',
      ipProto: 58,
      properties: [
        {
          type: 'origTuple',
          tuple: [
            { type: 'src', address: '2001:db8::1' },
            { type: 'dst', address: '2001:db8::2' },
            { type: 'icmpId', id: 7 },
            { type: 'icmpType', icmpType: 128 },
            { type: 'icmpCode', code: 3 },
          ],
        },
      ],
    },
    text:
      "zone=0 'ct_ipv6_src=2001:db8::1,ct_ipv6_dst=2001:db8::2,icmp_id=7,icmp_type=128,icmp_code=3,ct_nw_proto=58' " +
      "'ct_ipv6_src=::,ct_ipv6_dst=::,icmp_id=0,icmp_type=0,icmp_code=0'",
  },
];

const encoded = (body: MessageBody): Uint8Array => encodeMessage({ ...body, xid: 0x11 } as Message).slice();

describe("Nicira's messages", () => {
  test('are all printed here', () => {
    const covered = new Set(PRINTED.map(({ message }) => message.type));
    expect(Object.keys(NICIRA_MESSAGES).filter((name) => !covered.has(name as MessageBody['type']))).toEqual([]);
  });

  test('mean to Open vSwitch what they mean to us', async () => {
    const found = await inParallel(PRINTED, async ({ message }) => {
      const printed = await ofpPrint(encoded(message));
      // The packet's bytes follow its text; they stand in the message as they are.
      return printed
        .replace(/^.*?\(xid=0x11\):/, '')
        .replace(/\n\n?$/, '')
        .trimEnd();
    });
    const wanted = PRINTED.map(({ text }) => (text === '' || text.startsWith('\n') ? text : ` ${text}`));
    expect(found).toEqual(wanted);
  });

  test('are read again as they were written', () => {
    for (const { message } of PRINTED) {
      const bytesOf = encoded(message);
      const decoded = decodeMessage(bytesOf);
      expect(decoded).toEqual({ ...message, xid: 0x11 });
      expect(encodeMessage(decoded)).toEqual(bytesOf);
    }
  });
});

const COMMANDS: readonly (readonly [command: string, words: string[], wanted: MessageBody])[] = [
  [
    'add-tlv-map',
    ['{class=0xffff,type=1,len=4}->tun_metadata0,{class=0x102,type=2,len=124}->tun_metadata63'],
    {
      type: 'tlvTableMod',
      command: 'add',
      maps: [
        { optionClass: 0xffff, optionType: 1, optionLen: 4, index: 0 },
        { optionClass: 0x102, optionType: 2, optionLen: 124, index: 63 },
      ],
    },
  ],
  ['del-tlv-map', [], { type: 'tlvTableMod', command: 'clear', maps: [] }],
  ['ct-flush-zone', ['77'], { type: 'ctFlushZone', zoneId: 77 }],
  [
    'ct-flush',
    [
      'zone=9',
      'ct_nw_src=192.0.2.1,ct_nw_dst=192.0.2.2,ct_nw_proto=17,ct_tp_src=53,ct_tp_dst=54',
      'ct_nw_src=192.0.2.3',
    ],
    {
      type: 'ctFlush',
      ipProto: 17,
      properties: [
        {
          type: 'origTuple',
          tuple: [
            { type: 'src', address: '::ffff:c000:201' },
            { type: 'dst', address: '::ffff:c000:202' },
            { type: 'srcPort', port: 53 },
            { type: 'dstPort', port: 54 },
          ],
        },
        { type: 'replyTuple', tuple: [{ type: 'src', address: '::ffff:c000:203' }] },
        { type: 'zoneId', zoneId: 9 },
      ],
    },
  ],
  [
    'ct-flush',
    ['ct_ipv6_src=2001:db8::1,ct_nw_proto=58,icmp_type=128,icmp_code=3,icmp_id=10'],
    {
      type: 'ctFlush',
      ipProto: 58,
      properties: [
        {
          type: 'origTuple',
          tuple: [
            { type: 'src', address: '2001:db8::1' },
            { type: 'icmpId', id: 10 },
            { type: 'icmpType', icmpType: 128 },
            { type: 'icmpCode', code: 3 },
          ],
        },
        // Not asked for: of ICMP ovs-ofctl names the reply always.
        {
          type: 'replyTuple',
          tuple: [
            { type: 'icmpId', id: 0 },
            { type: 'icmpType', icmpType: 0 },
            { type: 'icmpCode', code: 0 },
          ],
        },
      ],
    },
  ],
];

test.each(
  COMMANDS,
)("what ovs-ofctl's %s sends is decoded, and encoded again as it was", async (name, words, wanted) => {
  const captured = (await captureMessages(name, words)).filter((message) => message[1] === 4);
  expect(captured).toHaveLength(1);
  const { xid, ...decoded } = decodeMessage(captured[0]!);
  expect(decoded).toEqual(wanted);
  expect(encodeMessage({ ...decoded, xid } as Message)).toEqual(captured[0]);
});

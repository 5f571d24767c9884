// Arbitrary OpenFlow messages of every kind that the codec has a schema for, and of kinds that it has none for.
import fc from 'fast-check';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { Message, MessageBody } from '../../proto/openflow/message.ts';
import { actions, bytes, flags, group, mac, match, named, port, u8, u16, u32, u64 } from './openflow-fields.ts';

const record = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(shape, { noNullPrototype: true });
const is = <const T extends string>(type: T) => fc.constant(type);
const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });
const text = (size: number) =>
  fc.string({ unit: 'binary-ascii', maxLength: size - 1 }).map((value) => value.replaceAll('\0', ''));

const experimenter = record({ type: is('experimenter'), experimenter: u32, experimenterType: u32, data: bytes(20) });
const unknownProperty = record({ type: is('unknown'), code: fc.integer({ min: 100, max: 200 }), body: bytes(20) });

const instruction = fc.oneof(
  record({ type: is('gotoTable'), tableId: u8 }),
  record({ type: is('writeMetadata'), metadata: u64, mask: u64 }),
  record({ type: fc.constantFrom('writeActions', 'applyActions'), actions }),
  record({ type: is('clearActions') }),
  record({ type: is('meter'), meterId: u32 }),
  record({ type: is('experimenter'), experimenter: u32, body: fc.uint8Array({ minLength: 8, maxLength: 8 }) }),
  record({
    type: is('unknown'),
    code: fc.integer({ min: 100, max: 200 }),
    body: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  }),
) as fc.Arbitrary<Instruction>;
const instructions = few(instruction);

const tableNumber = named({ all: 0xff }, u8);
const flowFlags = flags(['sendFlowRem', 'checkOverlap', 'resetCounts', 'noPktCounts', 'noBytCounts'], 0x8000);

const flowMod = record({
  type: is('flowMod'),
  cookie: u64,
  cookieMask: u64,
  tableId: tableNumber,
  command: named({ add: 0, modify: 1, modifyStrict: 2, delete: 3, deleteStrict: 4 }, u8),
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  bufferId: u32,
  outPort: port,
  outGroup: group,
  flags: flowFlags,
  importance: u16,
  match,
  instructions,
});

const bucket = record({ weight: u16, watchPort: port, watchGroup: group, actions });
const groupType = named({ all: 0, select: 1, indirect: 2, fastFailover: 3 }, u8);

const groupMod = record({
  type: is('groupMod'),
  command: named({ add: 0, modify: 1, delete: 2 }, u16),
  groupType,
  groupId: group,
  buckets: few(bucket),
});

const portDescription = record({
  portNo: port,
  hwAddr: mac,
  name: text(16),
  config: flags(['portDown', 'noRecv', 'noFwd', 'noPacketIn'], 0x8000_0000),
  state: flags(['linkDown', 'blocked', 'live'], 0x8000_0000),
  properties: few(
    fc.oneof(
      record({
        type: is('ethernet'),
        current: u32,
        advertised: u32,
        supported: u32,
        peer: u32,
        currentSpeed: u32,
        maxSpeed: u32,
      }),
      experimenter,
      unknownProperty,
    ),
  ),
});

const durations = { durationSec: u32, durationNsec: u32 };

const flowStats = record({
  tableId: u8,
  ...durations,
  priority: u16,
  idleTimeout: u16,
  hardTimeout: u16,
  flags: flowFlags,
  importance: u16,
  cookie: u64,
  packetCount: u64,
  byteCount: u64,
  match,
  instructions,
});

const portStats = record({
  portNo: port,
  ...durations,
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxDropped: u64,
  txDropped: u64,
  rxErrors: u64,
  txErrors: u64,
  properties: few(
    fc.oneof(
      record({ type: is('ethernet'), rxFrameErr: u64, rxOverErr: u64, rxCrcErr: u64, collisions: u64 }),
      experimenter,
      unknownProperty,
    ),
  ),
});

const empty = record({});

const parts: [kind: string, request: fc.Arbitrary<unknown>, reply: fc.Arbitrary<unknown>][] = [
  [
    'desc',
    empty,
    record({ mfrDesc: text(256), hwDesc: text(256), swDesc: text(256), serialNum: text(32), dpDesc: text(256) }),
  ],
  [
    'flow',
    record({ tableId: tableNumber, outPort: port, outGroup: group, cookie: u64, cookieMask: u64, match }),
    few(flowStats),
  ],
  ['table', empty, few(record({ tableId: u8, activeCount: u32, lookupCount: u64, matchedCount: u64 }))],
  ['portStats', record({ portNo: port }), few(portStats)],
  ['groupDesc', empty, few(record({ groupType, groupId: u32, buckets: few(bucket) }))],
  ['portDesc', empty, few(portDescription)],
];

const partFlags = flags(['more'], 2);
const multipart = fc.oneof(
  ...parts.map(([kind, request]) =>
    record({ type: is('multipartRequest'), flags: partFlags, kind: fc.constant(kind), request }),
  ),
  ...parts.map(([kind, , reply]) =>
    record({ type: is('multipartReply'), flags: partFlags, kind: fc.constant(kind), reply }),
  ),
  record({
    type: fc.constantFrom('multipartRequest', 'multipartReply'),
    flags: partFlags,
    kind: is('unknown'),
    code: fc.integer({ min: 100, max: 200 }),
    body: bytes(20),
  }),
);

const config = { flags: named({ normal: 0, drop: 1, reassemble: 2 }, u16), missSendLen: u16 };
const bundle = {
  bundleId: u32,
  flags: flags(['atomic', 'ordered'], 4),
  properties: few(fc.oneof(experimenter, unknownProperty)),
};

const body = fc.oneof(
  record({
    type: is('hello'),
    elements: few(
      fc.oneof(
        record({
          type: is('versionBitmap'),
          versions: fc.uniqueArray(fc.integer({ min: 0, max: 70 })).map((some) => some.sort((a, b) => a - b)),
        }),
        unknownProperty,
      ),
    ),
  }),
  record({ type: is('error'), errorType: u16, code: u16, data: bytes(80) }),
  record({ type: fc.constantFrom('echoRequest', 'echoReply'), data: bytes(40) }),
  record({ type: is('experimenter'), experimenter: u32, experimenterType: u32, body: bytes(40) }),
  record({ type: fc.constantFrom('featuresRequest', 'getConfigRequest', 'barrierRequest', 'barrierReply') }),
  record({
    type: is('featuresReply'),
    datapathId: u64,
    nBuffers: u32,
    nTables: u8,
    auxiliaryId: u8,
    capabilities: flags(
      ['flowStats', 'tableStats', 'portStats', 'groupStats', 'ipReasm', 'queueStats', 'portBlocked'],
      0x8000_0000,
    ),
    reserved: u32,
  }),
  record({ type: fc.constantFrom('getConfigReply', 'setConfig'), ...config }),
  record({
    type: is('packetIn'),
    bufferId: u32,
    totalLen: u16,
    reason: named({ tableMiss: 0, applyAction: 1, invalidTtl: 2, actionSet: 3, group: 4, packetOut: 5 }, u8),
    tableId: u8,
    cookie: u64,
    match,
    data: bytes(100),
  }),
  record({
    type: is('flowRemoved'),
    cookie: u64,
    priority: u16,
    reason: named({ idleTimeout: 0, hardTimeout: 1, delete: 2, groupDelete: 3, meterDelete: 4, eviction: 5 }, u8),
    tableId: u8,
    ...durations,
    idleTimeout: u16,
    hardTimeout: u16,
    packetCount: u64,
    byteCount: u64,
    match,
  }),
  record({ type: is('portStatus'), reason: named({ add: 0, delete: 1, modify: 2 }, u8), desc: portDescription }),
  record({ type: is('packetOut'), bufferId: u32, inPort: port, actions, data: bytes(100) }),
  { arbitrary: flowMod, weight: 6 },
  { arbitrary: groupMod, weight: 3 },
  { arbitrary: multipart, weight: 8 },
  record({
    type: is('bundleControl'),
    ...bundle,
    control: named(
      {
        openRequest: 0,
        openReply: 1,
        closeRequest: 2,
        closeReply: 3,
        commitRequest: 4,
        commitReply: 5,
        discardRequest: 6,
        discardReply: 7,
      },
      u16,
    ),
  }),
  record({ type: is('unknown'), code: fc.integer({ min: 100, max: 200 }), body: bytes(40) }),
) as fc.Arbitrary<MessageBody>;

function withHeader(inner: fc.Arbitrary<MessageBody>): fc.Arbitrary<Message> {
  return fc
    .tuple(inner, u32, fc.option(fc.constantFrom(1, 4, 6), { nil: undefined, freq: 8 }))
    .map(([value, xid, version]) => ({ ...value, xid, ...(version === undefined ? {} : { version }) }));
}

const bundleAdd = record({ type: is('bundleAdd'), ...bundle, message: withHeader(body) }) as fc.Arbitrary<MessageBody>;

export const message: fc.Arbitrary<Message> = withHeader(
  fc.oneof({ arbitrary: body, weight: 6 }, { arbitrary: bundleAdd, weight: 1 }),
);

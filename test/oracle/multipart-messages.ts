// Every multipart of OpenFlow 1.4, and Nicira's, with a value of its own in every field.
import type { MessageBody } from '../../proto/openflow/message.ts';
import type { MultipartKind, MultipartReplyBody, MultipartRequestBody } from '../../proto/openflow/multipart.ts';
import type { FieldName } from '../../proto/openflow/oxm-fields.ts';
import type { TableFeatures } from '../../proto/openflow/table-features.ts';

/** By name: `request` or `reply`, the kind, and what sets it apart where there are several. */
export const MULTIPARTS: Record<string, MessageBody> = {};

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

function request<K extends MultipartKind>(kind: K, value: MultipartRequestBody<K>, which = ''): void {
  const body = { type: 'multipartRequest', flags: [], kind, request: value };
  MULTIPARTS[`request ${kind}${which}`] = body as unknown as MessageBody;
}

function reply<K extends MultipartKind>(kind: K, value: MultipartReplyBody<K>, which = ''): void {
  const body = { type: 'multipartReply', flags: [], kind, reply: value };
  MULTIPARTS[`reply ${kind}${which}`] = body as unknown as MessageBody;
}

const experimenter = {
  type: 'experimenter',
  experimenter: 0x00abcdef,
  experimenterType: 0x01020304,
  data: bytes('a1a2a3a4a5a6a7a8'),
} as const;

request('desc', {});
reply('desc', {
  mfrDesc: 'Makers',
  hwDesc: 'Hardware 1',
  swDesc: 'Software 2',
  serialNum: 'Serial 3',
  dpDesc: 'Datapath 4',
});

const selection = {
  tableId: 11,
  outPort: 12,
  outGroup: 13,
  cookie: 0x1415n,
  cookieMask: 0xff17n,
  match: { inPort: 18, ethType: 0x0800, ipProto: 6, tcpDst: 19 },
} as const;
request('flow', selection);
reply('flow', [
  {
    tableId: 21,
    durationSec: 22,
    durationNsec: 23_000_000,
    priority: 24,
    idleTimeout: 25,
    hardTimeout: 26,
    flags: ['sendFlowRem', 'checkOverlap', 'resetCounts', 'noPktCounts', 'noBytCounts'],
    importance: 27,
    cookie: 0x28n,
    packetCount: 29n,
    byteCount: 30n,
    match: { ethType: 0x0806, arpOp: 2 },
    instructions: [
      { type: 'meter', meterId: 31 },
      { type: 'applyActions', actions: [{ type: 'output', port: 32, maxLen: 33 }] },
      { type: 'clearActions' },
      { type: 'writeActions', actions: [{ type: 'group', groupId: 34 }] },
      { type: 'writeMetadata', metadata: 0x35n, mask: 0xffn },
      { type: 'gotoTable', tableId: 36 },
    ],
  },
]);
request('aggregate', { ...selection, tableId: 41, outPort: 42, outGroup: 43 });
reply('aggregate', { packetCount: 44n, byteCount: 45n, flowCount: 46 });

request('table', {});
reply('table', [
  { tableId: 51, activeCount: 52, lookupCount: 53n, matchedCount: 54n },
  { tableId: 55, activeCount: 56, lookupCount: 57n, matchedCount: 58n },
]);

request('portStats', { portNo: 61 });
reply('portStats', [
  {
    portNo: 62,
    durationSec: 63,
    durationNsec: 64_000_000,
    rxPackets: 65n,
    txPackets: 66n,
    rxBytes: 67n,
    txBytes: 68n,
    rxDropped: 69n,
    txDropped: 70n,
    rxErrors: 71n,
    txErrors: 72n,
    properties: [{ type: 'ethernet', rxFrameErr: 73n, rxOverErr: 74n, rxCrcErr: 75n, collisions: 76n }],
  },
]);
// Open vSwitch leaves out these properties.
reply(
  'portStats',
  [
    {
      portNo: 'local',
      durationSec: 163,
      durationNsec: 164_000_000,
      rxPackets: 165n,
      txPackets: 166n,
      rxBytes: 167n,
      txBytes: 168n,
      rxDropped: 169n,
      txDropped: 170n,
      rxErrors: 171n,
      txErrors: 172n,
      properties: [
        {
          type: 'optical',
          flags: ['rxTune', 'txTune', 'txPwr', 'rxPwr', 'txBias', 'txTemp'],
          txFreqLmda: 173,
          txOffset: 174,
          txGridSpan: 175,
          rxFreqLmda: 176,
          rxOffset: 177,
          rxGridSpan: 178,
          txPwr: 179,
          rxPwr: 180,
          biasCurrent: 181,
          temperature: 182,
        },
        experimenter,
      ],
    },
  ],
  ' optical',
);

request('queueStats', { portNo: 81, queueId: 82 });
request('queueStats', { portNo: 'any', queueId: 'all' }, ' all');
reply('queueStats', [
  {
    portNo: 83,
    queueId: 84,
    txBytes: 85n,
    txPackets: 86n,
    txErrors: 87n,
    durationSec: 88,
    durationNsec: 89_000_000,
    properties: [],
  },
  {
    portNo: 183,
    queueId: 184,
    txBytes: 185n,
    txPackets: 186n,
    txErrors: 187n,
    durationSec: 188,
    durationNsec: 189_000_000,
    properties: [experimenter],
  },
]);

request('group', { groupId: 91 });
request('group', { groupId: 'all' }, ' all');
reply('group', [
  {
    groupId: 92,
    refCount: 93,
    packetCount: 94n,
    byteCount: 95n,
    durationSec: 96,
    durationNsec: 97_000_000,
    bucketStats: [
      { packetCount: 98n, byteCount: 99n },
      { packetCount: 100n, byteCount: 101n },
    ],
  },
]);

request('groupDesc', {});
reply('groupDesc', [
  {
    groupType: 'select',
    groupId: 111,
    buckets: [
      { weight: 112, watchPort: 'any', watchGroup: 'any', actions: [{ type: 'output', port: 113, maxLen: 0 }] },
      { weight: 114, watchPort: 'any', watchGroup: 'any', actions: [{ type: 'output', port: 115, maxLen: 0 }] },
    ],
  },
  {
    groupType: 'fastFailover',
    groupId: 116,
    buckets: [{ weight: 0, watchPort: 117, watchGroup: 118, actions: [{ type: 'setQueue', queueId: 119 }] }],
  },
  { groupType: 'all', groupId: 120, buckets: [] },
  {
    groupType: 'indirect',
    groupId: 121,
    buckets: [{ weight: 0, watchPort: 'any', watchGroup: 'any', actions: [{ type: 'popVlan' }] }],
  },
]);

request('groupFeatures', {});
reply('groupFeatures', {
  types: ['all', 'indirect'],
  capabilities: ['selectWeight', 'chaining', 'chainingChecks'],
  maxGroups: { all: 131, select: 132, indirect: 133, fastFailover: 134 },
  actions: {
    all: ['output', 'setMplsTtl', 'decMplsTtl', 'pushVlan', 'popVlan'],
    select: ['pushMpls', 'popMpls'],
    indirect: ['setQueue', 'group', 'setNwTtl'],
    fastFailover: ['decNwTtl', 'setField'],
  },
});
reply(
  'groupFeatures',
  {
    types: ['select', 'fastFailover'],
    capabilities: ['selectLiveness'],
    maxGroups: { all: 135, select: 136, indirect: 137, fastFailover: 138 },
    actions: {
      all: ['output'],
      select: ['output', 'group'],
      indirect: ['setQueue'],
      fastFailover: ['setField'],
    },
  },
  ' other',
);

request('meter', { meterId: 141 });
request('meter', { meterId: 'slowpath' }, ' reserved');
reply('meter', [
  {
    meterId: 142,
    flowCount: 143,
    packetInCount: 144n,
    byteInCount: 145n,
    durationSec: 146,
    durationNsec: 147_000_000,
    bandStats: [
      { packetBandCount: 148n, byteBandCount: 149n },
      { packetBandCount: 150n, byteBandCount: 151n },
    ],
  },
]);
request('meterConfig', { meterId: 152 });
request('meterConfig', { meterId: 'controller' }, ' reserved');
reply('meterConfig', [
  {
    flags: ['kbps', 'burst', 'stats'],
    meterId: 153,
    bands: [
      { type: 'drop', rate: 154, burstSize: 155 },
      { type: 'dscpRemark', rate: 156, burstSize: 157, precLevel: 158 },
    ],
  },
  { flags: ['pktps'], meterId: 159, bands: [{ type: 'drop', rate: 160, burstSize: 0 }] },
]);
request('meterFeatures', {});
reply('meterFeatures', {
  maxMeter: 161,
  bandTypes: ['drop', 'dscpRemark'],
  capabilities: ['kbps', 'pktps', 'burst', 'stats'],
  maxBands: 162,
  maxColor: 163,
});
reply(
  'meterFeatures',
  {
    maxMeter: 164,
    bandTypes: ['dscpRemark'],
    capabilities: ['pktps', 'stats'],
    maxBands: 165,
    maxColor: 166,
  },
  ' other',
);

request('tableFeatures', []);
const field = (name: FieldName, hasMask = false) => ({ field: name, hasMask });
/** Of every list a part of its own, told apart by its length and its members. */
const features: TableFeatures = {
  tableId: 3,
  name: 'classify',
  metadataMatch: 0xfe01n,
  metadataWrite: 0xfe02n,
  capabilities: ['eviction', 'vacancyEvents'],
  maxEntries: 304,
  properties: [
    { type: 'instructions', instructionIds: [{ type: 'gotoTable' }, { type: 'writeActions' }] },
    {
      type: 'instructionsMiss',
      instructionIds: [{ type: 'applyActions' }, { type: 'clearActions' }, { type: 'meter' }],
    },
    { type: 'nextTables', tableIds: [5, 6, 7] },
    { type: 'nextTablesMiss', tableIds: [200, 253] },
    { type: 'writeActions', actionIds: [{ type: 'output' }, { type: 'group' }] },
    { type: 'writeActionsMiss', actionIds: [{ type: 'setQueue' }] },
    { type: 'applyActions', actionIds: [{ type: 'pushVlan' }, { type: 'popVlan' }, { type: 'setField' }] },
    { type: 'applyActionsMiss', actionIds: [{ type: 'pushMpls' }, { type: 'popMpls' }, { type: 'setMplsTtl' }] },
    { type: 'match', oxmIds: [field('inPort'), field('ethType'), field('ipv4Src', true), field('tcpFlags', true)] },
    { type: 'wildcards', oxmIds: [field('inPort'), field('ipv4Src'), field('tcpFlags')] },
    { type: 'writeSetfield', oxmIds: [field('ethSrc'), field('ctMark')] },
    { type: 'writeSetfieldMiss', oxmIds: [field('ethDst')] },
    { type: 'applySetfield', oxmIds: [field('vlanVid'), field('reg3')] },
    { type: 'applySetfieldMiss', oxmIds: [field('ipEcn')] },
    { type: 'tableSyncFrom', tableIds: [8, 9] },
    { ...experimenter, type: 'experimenter' },
    { ...experimenter, type: 'experimenterMiss' },
  ],
};
request('tableFeatures', [features], ' to set');
// Lengths of 0, as some switches and controllers have them: the specification does not say what they are.
const bare = (name: FieldName, hasMask = false) => ({ ...field(name, hasMask), length: 0 });
request(
  'tableFeatures',
  [
    {
      ...features,
      properties: features.properties.map((property) =>
        'oxmIds' in property ? { ...property, oxmIds: [bare('ethDst'), bare('ipv4Src', true)] } : property,
      ),
    },
  ],
  ' of no lengths',
);
reply('tableFeatures', [features]);

request('portDesc', {});
reply('portDesc', [
  {
    portNo: 171,
    hwAddr: '0a:17:20:17:30:17',
    name: 'port174',
    config: ['portDown', 'noRecv', 'noFwd', 'noPacketIn'],
    state: ['linkDown', 'blocked', 'live'],
    properties: [
      {
        type: 'ethernet',
        current: ['10mbHd', '100mbFd', 'copper'],
        advertised: ['1gbFd', 'fiber', 'autoneg'],
        supported: ['10gbFd', 'pause'],
        peer: ['40gbFd', 'pauseAsym'],
        currentSpeed: 175_000,
        maxSpeed: 176_000,
      },
    ],
  },
]);
// Open vSwitch leaves out these properties.
reply(
  'portDesc',
  [
    {
      portNo: 181,
      hwAddr: '0a:18:20:18:30:18',
      name: 'port184',
      config: [],
      state: [],
      properties: [
        {
          type: 'optical',
          supported: ['rxTune', 'txTune', 'txPwr', 'useFreq'],
          txMinFreqLmda: 185,
          txMaxFreqLmda: 186,
          txGridFreqLmda: 187,
          rxMinFreqLmda: 188,
          rxMaxFreqLmda: 189,
          rxGridFreqLmda: 190,
          txPwrMin: 191,
          txPwrMax: 192,
        },
        experimenter,
      ],
    },
  ],
  ' optical',
);

request('tableDesc', {});
reply('tableDesc', [
  {
    tableId: 201,
    config: ['eviction', 'vacancyEvents'],
    properties: [
      { type: 'eviction', flags: ['other', 'importance', 'lifetime'] },
      { type: 'vacancy', vacancyDown: 22, vacancyUp: 33, vacancy: 44 },
    ],
  },
  { tableId: 202, config: [], properties: [{ type: 'eviction', flags: ['importance'] }] },
]);

request('queueDesc', { portNo: 211, queueId: 212 });
request('queueDesc', { portNo: 'any', queueId: 'all' }, ' all');
reply('queueDesc', [
  {
    portNo: 213,
    queueId: 214,
    properties: [{ type: 'minRate', rate: 215 }, { type: 'maxRate', rate: 216 }, experimenter],
  },
  { portNo: 217, queueId: 218, properties: [{ type: 'maxRate', rate: 1001 }] },
]);

const watch = {
  monitorId: 221,
  outPort: 222,
  outGroup: 223,
  flags: ['initial', 'add', 'removed', 'modify', 'instructions', 'onlyOwn'],
  tableId: 224,
  command: 'add',
  match: { ethType: 0x86dd, ipProto: 17, udpSrc: 225 },
} as const;
request('flowMonitor', [
  { ...watch, flags: [...watch.flags], match: { ...watch.match } },
  {
    monitorId: 226,
    outPort: 'any',
    outGroup: 'any',
    flags: ['removed'],
    tableId: 'all',
    command: 'modify',
    match: {},
  },
  { monitorId: 227, outPort: 228, outGroup: 229, flags: [], tableId: 230, command: 'delete', match: {} },
]);
request(
  'flowMonitor',
  [{ ...watch, flags: ['initial', 'noAbbrev'], match: { ...watch.match }, monitorId: 261, command: 'modify' }],
  ' one',
);
const update = {
  tableId: 231,
  reason: 0,
  idleTimeout: 232,
  hardTimeout: 233,
  priority: 234,
  cookie: 0x235n,
  match: { ethType: 0x0800, ipv4Src: { value: '10.0.0.0', mask: '255.0.0.0' } },
  instructions: [{ type: 'gotoTable', tableId: 236 }],
} as const;
const copied = { match: { ...update.match }, instructions: [...update.instructions] };
reply('flowMonitor', [
  { type: 'initial', ...update, ...copied },
  { type: 'added', ...update, ...copied, tableId: 237, cookie: 0x238n },
  { type: 'modified', ...update, ...copied, tableId: 239, idleTimeout: 0, hardTimeout: 0 },
  { type: 'removed', ...update, ...copied, tableId: 240, reason: 'hardTimeout', instructions: [] },
  { type: 'removed', ...update, ...copied, tableId: 241, reason: 'eviction', instructions: [] },
  { type: 'abbrev', xid: 0x242 },
  { type: 'paused' },
  { type: 'resumed' },
]);

reply(
  'flowMonitor',
  [{ type: 'initial', ...update, ...copied, reason: 243 }, { type: 'abbrev', xid: 0x244 }, { type: 'paused' }],
  ' in part',
);

request('experimenter', { experimenter: 0x00abcdef, experimenterType: 251, body: bytes('fdfe') });
reply('experimenter', { experimenter: 0x00abcdef, experimenterType: 252, body: bytes('fbfcff') });

request('ipfixBridge', {});
reply('ipfixBridge', {
  totalFlows: 301n,
  currentFlows: 302n,
  pkts: 303n,
  ipv4Pkts: 304n,
  ipv6Pkts: 305n,
  errorPkts: 306n,
  ipv4ErrorPkts: 307n,
  ipv6ErrorPkts: 308n,
  txPkts: 309n,
  txErrors: 310n,
  collectorSetId: 0,
});
request('ipfixFlow', {});
reply('ipfixFlow', [
  {
    totalFlows: 311n,
    currentFlows: 312n,
    pkts: 313n,
    ipv4Pkts: 314n,
    ipv6Pkts: 315n,
    errorPkts: 316n,
    ipv4ErrorPkts: 317n,
    ipv6ErrorPkts: 318n,
    txPkts: 319n,
    txErrors: 320n,
    collectorSetId: 321,
  },
]);

// Ports and queues as Open vSwitch prints them: messages, descriptions and statistics.
import fc from 'fast-check';
import { mac, u16, u32, u64 } from '../property/arbitrary.ts';
import { count, type MessageKind, messageKind, named, partKind, port, seconds, words } from './expected.ts';

const FEATURES = {
  '10mbHd': '10MB-HD',
  '10mbFd': '10MB-FD',
  '100mbHd': '100MB-HD',
  '100mbFd': '100MB-FD',
  '1gbHd': '1GB-HD',
  '1gbFd': '1GB-FD',
  '10gbFd': '10GB-FD',
  '40gbFd': '40GB-FD',
  '100gbFd': '100GB-FD',
  '1tbFd': '1TB-FD',
  other: 'OTHER',
  copper: 'COPPER',
  fiber: 'FIBER',
  autoneg: 'AUTO_NEG',
  pause: 'AUTO_PAUSE',
  pauseAsym: 'AUTO_PAUSE_ASYM',
} as const;
const CONFIG = { portDown: 'PORT_DOWN', noRecv: 'NO_RECV', noFwd: 'NO_FWD', noPacketIn: 'NO_PACKET_IN' } as const;
const STATE = { linkDown: 'LINK_DOWN', blocked: 'BLOCKED', live: 'LIVE' } as const;

const some = (names: Readonly<Record<string, string>>) => fc.subarray(Object.keys(names));
const ethernet = fc.record({
  type: fc.constant('ethernet' as const),
  current: some(FEATURES),
  advertised: some(FEATURES),
  supported: some(FEATURES),
  peer: some(FEATURES),
  currentSpeed: u32,
  maxSpeed: u32,
});

/** Open vSwitch reads what an optical port says, and prints none of it. */
const optical = fc.record({
  type: fc.constant('optical' as const),
  supported: fc.subarray(['rxTune', 'txTune', 'txPwr', 'useFreq']),
  txMinFreqLmda: u32,
  txMaxFreqLmda: u32,
  txGridFreqLmda: u32,
  rxMinFreqLmda: u32,
  rxMaxFreqLmda: u32,
  rxGridFreqLmda: u32,
  txPwrMin: u16,
  txPwrMax: u16,
});

const description = fc.record({
  portNo: port,
  hwAddr: mac,
  name: fc.stringMatching(/^[a-z0-9_.-]{0,15}$/),
  config: some(CONFIG),
  state: some(STATE),
  properties: fc.oneof(fc.tuple(ethernet), fc.tuple(optical), fc.tuple()),
});
type Description = typeof description extends fc.Arbitrary<infer T> ? T : never;

const LINES = ['current', 'advertised', 'supported', 'peer'] as const;

function portText({ portNo, hwAddr, name, config, state, properties }: Description): string {
  const [property] = properties;
  const about = property?.type === 'ethernet' ? property : undefined;
  const features = LINES.flatMap((line) => {
    const list = about?.[line] ?? [];
    return list.length === 0 ? [] : [`${line}: ${words(list, FEATURES)}`];
  });
  return [
    `${named(portNo)}(${name}): addr:${hwAddr}`,
    `config: ${words(config, CONFIG)}`,
    `state: ${words(state, STATE)}`,
    ...features,
    `speed: ${Math.floor((about?.currentSpeed ?? 0) / 1000)} Mbps now, ${Math.floor((about?.maxSpeed ?? 0) / 1000)} Mbps max`,
  ].join(' ');
}

const REASONS = { add: 'ADD', delete: 'DEL', modify: 'MOD' } as const;

const portStatus = messageKind(
  fc.tuple(fc.constantFrom(...(Object.keys(REASONS) as (keyof typeof REASONS)[])), description),
  ([reason, desc]) => ({ type: 'portStatus', reason, desc }),
  ([reason, desc]) => `${REASONS[reason]}: ${portText(desc)}`,
);

const portMod = messageKind(
  fc.record({ portNo: port, hwAddr: mac, config: some(CONFIG), mask: some(CONFIG), advertise: some(FEATURES) }),
  ({ advertise, ...rest }) => ({ type: 'portMod', ...rest, properties: [{ type: 'ethernet', advertise }] }),
  ({ portNo, hwAddr, config, mask, advertise }) =>
    // What is to change and not in the mask does not change.
    [
      `port: ${named(portNo)}: addr:${hwAddr}`,
      `config: ${words(
        config.filter((each) => mask.includes(each)),
        CONFIG,
      )}`,
      `mask: ${words(mask, CONFIG)}`,
      `advertise: ${words(advertise, FEATURES, 'UNCHANGED')}`,
    ].join(' '),
);

/** Open vSwitch sorts a port's numbers as 16 bits: one at a time. */
const portDesc = partKind('reply', 'portDesc', fc.tuple(description), ([each]) => portText(each));

const PORT_COUNTERS = {
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxDropped: u64,
  txDropped: u64,
  rxErrors: u64,
  txErrors: u64,
};

const portStats = partKind(
  'reply',
  'portStats',
  fc.array(
    fc.record({
      portNo: port,
      // All ones: not known.
      durationSec: fc.integer({ min: 0, max: 0xffff_fffe }),
      durationNsec: u32,
      ...PORT_COUNTERS,
      properties: fc.oneof(
        fc.tuple(
          fc.record({
            type: fc.constant('ethernet'),
            rxFrameErr: u64,
            rxOverErr: u64,
            rxCrcErr: u64,
            collisions: u64,
          }),
        ),
        fc.tuple(),
      ),
    }),
    { maxLength: 3 },
  ),
  (ports) =>
    [
      `${ports.length} ports`,
      ...ports.map((each) => {
        const [more] = each.properties;
        return [
          `port ${named(each.portNo)}: rx pkts=${count(each.rxPackets)}, bytes=${count(each.rxBytes)},`,
          `drop=${count(each.rxDropped)}, errs=${count(each.rxErrors)}, frame=${count(more?.rxFrameErr)},`,
          `over=${count(more?.rxOverErr)}, crc=${count(more?.rxCrcErr)}`,
          `tx pkts=${count(each.txPackets)}, bytes=${count(each.txBytes)},`,
          `drop=${count(each.txDropped)}, errs=${count(each.txErrors)}, coll=${count(more?.collisions)}`,
          `duration=${seconds(each)}`,
        ].join(' ');
      }),
    ].join(' '),
);

const queueId = fc.integer({ min: 0, max: 0xffff_fffe });

const queueStats = partKind(
  'reply',
  'queueStats',
  fc.array(
    fc.record({
      portNo: port,
      queueId,
      txBytes: u64,
      txPackets: u64,
      txErrors: u64,
      durationSec: u32,
      durationNsec: u32,
      properties: fc.constant([]),
    }),
    { maxLength: 3 },
  ),
  (queues) =>
    [
      `${queues.length} queues`,
      ...queues.map((each) =>
        [
          `port ${named(each.portNo)} queue ${each.queueId}: bytes=${count(each.txBytes)},`,
          `pkts=${count(each.txPackets)}, errors=${count(each.txErrors)}, duration=${seconds(each)}`,
        ].join(' '),
      ),
    ].join(' '),
);

const RATES = { minRate: 'min_rate', maxRate: 'max_rate' } as const;

/** Above 1000 tenths of a per cent: not in force. */
const rateText = (rate: number) => (rate > 1000 ? '(disabled)' : `${Math.floor(rate / 10)}.${rate % 10}%`);
const rate = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 0xfffe }));

/** Open vSwitch sorts them: one at a time. */
const queueDesc = partKind(
  'reply',
  'queueDesc',
  // A port 0 is not printed.
  fc.tuple(fc.record({ portNo: port.filter((each) => each !== 0), queueId, minRate: rate, maxRate: rate })),
  (queues) =>
    queues
      .map((each) =>
        [
          `port=${named(each.portNo)}`,
          `queue ${each.queueId}:`,
          `${RATES.minRate}:${rateText(each.minRate)}`,
          `${RATES.maxRate}:${rateText(each.maxRate)}`,
        ].join(' '),
      )
      .join(' '),
  undefined,
  (queues) =>
    queues.map(({ minRate, maxRate, ...rest }) => ({
      ...rest,
      properties: [
        { type: 'minRate', rate: minRate },
        { type: 'maxRate', rate: maxRate },
      ],
    })),
);

const queueRequest = (kind: string) =>
  partKind(
    'request',
    kind,
    fc.record({ portNo: port, queueId }),
    (request) => `port=${named(request.portNo)} queue=${request.queueId}`,
  );

export const PORT_KINDS: Readonly<Record<string, MessageKind>> = {
  portStatus,
  portMod,
  'multipartRequest portStats': partKind(
    'request',
    'portStats',
    fc.record({ portNo: port }),
    ({ portNo }) => `port_no=${named(portNo)}`,
  ),
  'multipartReply portStats': portStats,
  'multipartReply portDesc': portDesc,
  'multipartRequest queueStats': queueRequest('queueStats'),
  'multipartReply queueStats': queueStats,
  'multipartRequest queueDesc': queueRequest('queueDesc'),
  'multipartReply queueDesc': queueDesc,
};

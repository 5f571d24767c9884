// Meters as Open vSwitch prints them: messages, configuration, statistics and features.
import fc from 'fast-check';
import { u8, u32, u64 } from '../property/arbitrary.ts';
import { type MessageKind, messageKind, named, partKind, seconds, words } from './expected.ts';

const meterNumber = fc.oneof(
  fc.integer({ min: 1, max: 0xffff_0000 }),
  fc.constantFrom('slowpath', 'controller', 'all'),
);
const METER_FLAGS = { kbps: 'kbps', pktps: 'pktps', burst: 'burst', stats: 'stats' };

const limits = { rate: u32, burstSize: u32 };
const bands = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('drop' as const), ...limits }),
    fc.record({ type: fc.constant('dscpRemark' as const), ...limits, precLevel: u8 }),
  ),
  { minLength: 1, maxLength: 3 },
);
type Bands = typeof bands extends fc.Arbitrary<infer T> ? T : never;

const meter = fc.record({
  flags: fc
    .tuple(fc.constantFrom('kbps', 'pktps'), fc.subarray(['burst', 'stats']))
    .map(([unit, rest]) => [unit, ...rest]),
  meterId: meterNumber,
  bands,
});
type Meter = typeof meter extends fc.Arbitrary<infer T> ? T : never;

function bandText(band: Bands[number], burst: boolean): string {
  const size = burst ? ` burst_size=${band.burstSize}` : '';
  const level = band.type === 'dscpRemark' ? ` prec_level=${band.precLevel}` : '';
  return `type=${band.type === 'drop' ? 'drop' : 'dscp_remark'} rate=${band.rate}${size}${level}`;
}

function meterText({ flags, meterId, bands: all }: Meter): string {
  const burst = flags.includes('burst');
  return [`meter=${meterId}`, words(flags, METER_FLAGS), 'bands=', ...all.map((each) => bandText(each, burst))].join(
    ' ',
  );
}

const METER_COMMANDS = { add: 'ADD', modify: 'MOD' } as const;

const meterMod = messageKind(
  fc.tuple(fc.constantFrom('add' as const, 'modify' as const), meter),
  ([command, each]) => ({ type: 'meterMod', command, ...each }),
  ([command, each]) => `${METER_COMMANDS[command]} ${meterText(each)}`,
);

const meterConfig = partKind('reply', 'meterConfig', fc.array(meter, { maxLength: 2 }), (all) =>
  all.map(meterText).join(' '),
);

const meterStats = partKind(
  'reply',
  'meter',
  fc.array(
    fc.record({
      meterId: meterNumber,
      flowCount: u32,
      packetInCount: u64,
      byteInCount: u64,
      durationSec: u32,
      durationNsec: u32,
      bandStats: fc.array(fc.record({ packetBandCount: u64, byteBandCount: u64 }), { maxLength: 3 }),
    }),
    { maxLength: 2 },
  ),
  (all) =>
    all
      .map((each) =>
        [
          `meter:${each.meterId} flow_count:${each.flowCount} packet_in_count:${each.packetInCount}`,
          `byte_in_count:${each.byteInCount} duration:${seconds(each)} bands:`,
          ...each.bandStats.map(
            (one, i) => `${i}: packet_count:${one.packetBandCount} byte_count:${one.byteBandCount}`,
          ),
        ].join(' '),
      )
      .join(' '),
);

const meterFeatures = partKind(
  'reply',
  'meterFeatures',
  fc.record({
    maxMeter: u32,
    bandTypes: fc.subarray(['drop', 'dscpRemark']),
    capabilities: fc.subarray(Object.keys(METER_FLAGS)),
    maxBands: u8,
    maxColor: u8,
  }),
  (each) =>
    [
      `max_meter:${each.maxMeter} max_bands:${each.maxBands} max_color:${each.maxColor}`,
      `band_types: ${words(each.bandTypes, { drop: 'drop', dscpRemark: 'dscp_remark' })}`,
      `capabilities: ${words(each.capabilities, METER_FLAGS)}`,
    ].join(' '),
);

const meterRequest = (kind: string) =>
  partKind(
    'request',
    kind,
    fc.record({ meterId: meterNumber }),
    ({ meterId }) => `meter=${named(meterId).toLowerCase()}`,
  );

export const METER_KINDS: Readonly<Record<string, MessageKind>> = {
  meterMod,
  'multipartRequest meter': meterRequest('meter'),
  'multipartReply meter': meterStats,
  'multipartRequest meterConfig': meterRequest('meterConfig'),
  'multipartReply meterConfig': meterConfig,
  'multipartReply meterFeatures': meterFeatures,
};

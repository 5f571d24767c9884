// Arbitrary `learn` that Open vSwitch accepts, with and without limit and result, and its text.
import fc from 'fast-check';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import { u16, u32, u64 } from '../property/arbitrary.ts';
import { type ActionKind, kind, option } from './action-kind.ts';
import { load, RUNS, runOf, runText } from './sound-run.ts';

const learnFields = ['NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]', 'OXM_OF_METADATA[0..15]', 'output:NXM_OF_IN_PORT[]'] as const;
const learnSpecs = [
  { type: 'match', bits: 48, source: { field: 'ethSrc', offset: 0 }, field: 'ethDst', offset: 0 },
  { type: 'match', bits: 16, source: { field: 'metadata', offset: 0 }, field: 'metadata', offset: 0 },
  { type: 'output', bits: 16, source: { field: 'nxmInPort', offset: 0 } },
] as const;
const learnHead = fc.tuple(u16, u16, u16, u64, fc.integer({ min: 1, max: 254 }), u16, u16);
const learnFlags = fc.subarray(['sendFlowRem', 'deleteLearned']);
type LearnHead = [number, number, number, bigint, number, number, number];

const learnOf = (
  [idleTimeout, hardTimeout, priority, cookie, table, finIdleTimeout, finHardTimeout]: LearnHead,
  flags: string[],
  specs: readonly object[],
  loads: readonly (readonly [Subfield, bigint])[],
) => ({
  idleTimeout,
  hardTimeout,
  priority,
  cookie,
  flags,
  table,
  finIdleTimeout,
  finHardTimeout,
  specs: [
    ...specs,
    ...loads.map(([to, immediate]) => ({
      type: 'load',
      bits: to.bits,
      source: { immediate },
      field: to.field,
      offset: to.offset,
    })),
  ],
});

function learnText(
  [idle, hard, priority, cookie, table, finIdle, finHard]: LearnHead,
  flags: readonly string[],
  between: readonly string[],
  specs: readonly string[],
  loads: readonly (readonly [Subfield, bigint])[],
): string {
  const words = [
    `table=${table}`,
    ...option('idle_timeout', idle, 0),
    ...option('hard_timeout', hard, 0),
    ...option('fin_idle_timeout', finIdle, 0),
    ...option('fin_hard_timeout', finHard, 0),
    ...option('priority', priority, 0x8000),
    ...(flags.includes('sendFlowRem') ? ['send_flow_rem'] : []),
    ...(flags.includes('deleteLearned') ? ['delete_learned'] : []),
    ...(cookie === 0n ? [] : [`cookie=${cookie}`]),
    ...between,
    ...specs,
    ...loads.map(([to, value]) => `load:${value}->${runText(to)}`),
  ];
  return `learn(${words.join(',')})`;
}

const chosen = fc.subarray([0, 1, 2]);
const loads = fc.array(load, { maxLength: 2 });

export const LEARN_KINDS: Readonly<Record<string, readonly ActionKind[]>> = {
  learn: [
    kind(
      ['vlan'],
      fc.tuple(learnHead, learnFlags, chosen, loads),
      ([head, flags, specs, more]) => ({
        type: 'learn',
        ...learnOf(
          head as LearnHead,
          flags,
          specs.map((i) => learnSpecs[i]!),
          more,
        ),
      }),
      ([head, flags, specs, more]) =>
        learnText(
          head as LearnHead,
          flags,
          [],
          specs.map((i) => learnFields[i]!),
          more,
        ),
    ),
  ],
  learn2: [
    kind(
      ['vlan'],
      fc.tuple(learnHead, learnFlags, chosen, loads, u32, fc.option(runOf(RUNS, fc.constant(1)), { nil: undefined })),
      ([head, flags, specs, more, limit, resultDst]) => ({
        type: 'learn2',
        ...learnOf(
          head as LearnHead,
          resultDst === undefined ? flags : [...flags, 'writeResult'],
          specs.map((i) => learnSpecs[i]!),
          more,
        ),
        limit,
        ...(resultDst === undefined ? {} : { resultDst }),
      }),
      ([head, flags, specs, more, limit, result]) =>
        learnText(
          head as LearnHead,
          flags,
          [...option('limit', limit, 0), ...(result === undefined ? [] : [`result_dst=${runText(result)}`])],
          specs.map((i) => learnFields[i]!),
          more,
        ),
    ),
  ],
};

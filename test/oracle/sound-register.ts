// Arbitrary actions on runs of bits that Open vSwitch accepts: loads, moves, the stack, outputs to what a field holds.
import fc from 'fast-check';
import { u16, u32 } from '../property/arbitrary.ts';
import { type ActionKind, ANY, kind } from './action-kind.ts';
import { load, READABLE, RUNS, runOf, runText, upTo128 } from './sound-run.ts';

export const REGISTER_KINDS: Readonly<Record<string, readonly ActionKind[]>> = {
  regMove: [
    kind(
      ['vlan'],
      upTo128.chain((bits) => fc.tuple(runOf(READABLE, fc.constant(bits)), runOf(RUNS, fc.constant(bits)))),
      ([from, to]) => ({ type: 'regMove', from, to }),
      ([from, to]) => `move:${runText(from)}->${runText(to)}`,
    ),
  ],
  regLoad: [
    kind(
      ['vlan'],
      load,
      ([to, value]) => ({ type: 'regLoad', to, value }),
      ([to, value]) => `load:${value}->${runText(to)}`,
    ),
  ],
  regLoad2: [
    kind(
      ANY,
      fc.tuple(u32, fc.integer({ min: 1, max: 0xfffffffe })),
      ([value, mask]) => ({ type: 'regLoad2', field: 'reg3', value: { value: (value & mask) >>> 0, mask } }),
      ([value, mask]) => `set_field:${(value & mask) >>> 0}/${mask}->reg3`,
    ),
  ],
  outputReg: [
    kind(
      ['vlan'],
      fc.tuple(runOf(READABLE, fc.integer({ min: 1, max: 32 })), u16),
      ([from, maxLen]) => ({ type: 'outputReg', from, maxLen }),
      ([from]) => `output:${runText(from)}`,
    ),
  ],
  outputReg2: [
    kind(
      ANY,
      u16,
      (maxLen) => ({ type: 'outputReg2', from: { field: 'actsetOutput', offset: 0, bits: 32 }, maxLen }),
      () => 'output:ONFOXM_ET_ACTSET_OUTPUT[]',
    ),
  ],
  stackPush: [
    kind(
      ['vlan'],
      runOf(READABLE, upTo128),
      (from) => ({ type: 'stackPush', from }),
      (from) => `push:${runText(from)}`,
    ),
  ],
  stackPop: [
    kind(
      ['vlan'],
      runOf(RUNS, upTo128),
      (to) => ({ type: 'stackPop', to }),
      (to) => `pop:${runText(to)}`,
    ),
  ],
  checkPktLarger: [
    kind(
      ['vlan'],
      fc.tuple(u16, runOf(RUNS, fc.constant(1))),
      ([pktLen, to]) => ({ type: 'checkPktLarger', pktLen, to }),
      ([length, to]) => `check_pkt_larger(${length})->${runText(to)}`,
    ),
  ],
  copyField: [
    kind(
      ['vlan'],
      upTo128.chain((bits) => fc.tuple(runOf(RUNS, fc.constant(bits)), runOf(RUNS, fc.constant(bits)))),
      ([from, to]) => ({ type: 'copyField', from, to }),
      ([from, to]) => `move:${runText(from)}->${runText(to)}`,
    ),
  ],
};

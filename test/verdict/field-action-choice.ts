/** Random actions that read and write fields: set-field, loads, moves, the stack, and those that choose by a hash. */

import type { Action } from '../../proto/openflow/action.ts';
import { type FieldName, type FieldValue, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { toBits } from '../../src/flow/text/field-bits.ts';
import type { Random } from '../fuzz/random.ts';
import { chooseMask, chooseValue, masked } from './field-choice.ts';
import { chooseRun, type Known, run, target } from './known-packet.ts';
import { likely } from './likely.ts';

/** Set-field on them is refused. */
const NO_SET_FIELD: ReadonlySet<string> = new Set(['inPort']);

export function chooseSetField(random: Random, known: Known): Action[] {
  const field = target(random, known);
  const value = chooseValue(random, field);
  if (NO_SET_FIELD.has(field) && likely(random, 95)) return [];
  return [{ type: 'setField', field, value }];
}

export function chooseLoad(random: Random, known: Known): Action[] {
  const field = target(random, known);
  const { bits: width, header } = fieldRow(field);
  if (header.experimenter !== undefined) return [];
  const offset = likely(random, 50) ? 0 : random.below(width);
  const bits = Math.min(64, likely(random, 40) ? width - offset : 1 + random.below(width - offset));
  if (field === 'vlanVid') return [{ type: 'regLoad', to: run(field, 0, 12), value: BigInt(random.below(0x1000)) }];
  if (likely(random, 25) && field !== 'nxmInPort') {
    const set = masked(field, chooseValue(random, field), chooseMask(random, field));
    return [{ type: 'regLoad2', field, value: set as FieldValue }];
  }
  const value = (toBits(field, chooseValue(random, field)) ?? 0n) & ((1n << BigInt(bits)) - 1n);
  return [{ type: 'regLoad', to: run(field, offset, bits), value }];
}

export function chooseMove(random: Random, known: Known): Action[] {
  const from = chooseRun(random, known, 'read');
  if (from === undefined) return [];
  const to = chooseRun(random, known, 'write', from.bits);
  if (to === undefined) return [];
  const overlap = from.field === to.field && from.offset < to.offset + to.bits && to.offset < from.offset + from.bits;
  if (overlap) return [];
  const plain = fieldRow(from.field).header.oxmClass >= 0x8000 && fieldRow(to.field).header.oxmClass >= 0x8000;
  return [{ type: plain && likely(random, 15) ? 'copyField' : 'regMove', from, to }];
}

export function chooseStack(random: Random, known: Known): Action[] {
  const from = chooseRun(random, known, 'read');
  const to = chooseRun(random, known, 'write', likely(random, 80) ? from?.bits : undefined);
  if (from === undefined || to === undefined) return [];
  const push: Action = { type: 'stackPush', from };
  const pop: Action = { type: 'stackPop', to };
  const choice = random.below(10);
  return choice < 6 ? [push, pop] : choice < 8 ? [push] : [pop];
}

export function chooseLarger(random: Random, _: Known, { about, pops }: { about: string; pops: boolean }): Action[] {
  if (pops || about === 'select') return [];
  const pktLen = random.pick([14, 40, 60, 64, 100, 1500]);
  return [{ type: 'checkPktLarger', pktLen, to: run(random.pick(['reg0', 'reg1', 'xxreg0']), random.below(8), 1) }];
}

const HASH_FIELDS = [
  ...(['ethSrc', 'symmetricL4', 'symmetricL3l4', 'symmetricL3l4Udp', 'nwSrc', 'nwDst', 'symmetricL3'] as const),
] as const;

/** Open vSwitch's own hash chooses, the same on every machine; port 77 is not there, and never chosen. */
export function chooseHashed(random: Random): Action[] {
  const fields = random.pick(HASH_FIELDS);
  const basis = random.below(3);
  const to = run(random.pick(['reg0', 'reg1']), 0, 16);
  const members = random.pick([[1], [3], [77, 2], [77], [77, 78, 4], [], [1, 2, 3], [4, 77, 2, 1]]);
  const links = {
    type: 'multipath',
    fields,
    basis,
    maxLink: random.below(4),
    arg: random.pick([4, 8, 0]),
    to,
  } as const;
  const algorithm = random.pick(['activeBackup', 'hrw'] as const);
  return [
    random.pick<Action>([
      { ...links, algorithm: random.pick(['moduloN', 'hashThreshold', 'hrw', 'iterHash']) },
      { type: 'bundle', algorithm, fields, basis, members },
      { type: 'bundleLoad', algorithm, fields, basis, members, to },
    ]),
  ];
}

export function chooseOlder(random: Random, known: Known): Action[] {
  const field = target(random, known);
  const value = chooseValue(random, field);
  const older: Partial<Record<FieldName, (value: never) => Action>> = {
    ethSrc: (dlAddr: string) => ({ type: 'setDlSrc', dlAddr }),
    ethDst: (dlAddr: string) => ({ type: 'setDlDst', dlAddr }),
    ipv4Src: (nwAddr: string) => ({ type: 'setNwSrc', nwAddr }),
    ipv4Dst: (nwAddr: string) => ({ type: 'setNwDst', nwAddr }),
    ipEcn: (nwEcn: number) => ({ type: 'setNwEcn', nwEcn }),
    nxmIpTos: (nwTos: number) => ({ type: 'setNwTos', nwTos }),
    tcpSrc: (tpPort: number) => ({ type: 'setTpSrc', tpPort }),
    udpDst: (tpPort: number) => ({ type: 'setTpDst', tpPort }),
    mplsLabel: (mplsLabel: number) => ({ type: 'setMplsLabel', mplsLabel }),
    mplsTc: (mplsTc: number) => ({ type: 'setMplsTc', mplsTc }),
    vlanVid: (vid: number) => ({ type: 'setVlanVid', vlanVid: vid & 0xfff }),
    vlanPcp: (vlanPcp: number) => ({ type: 'setVlanPcp', vlanPcp }),
  };
  const make = older[field];
  return make === undefined ? [] : [make(value as never)];
}

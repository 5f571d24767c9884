/** Random `ct` actions: zones, commits, translations to one address, marks and labels. */

import type { Action } from '../../proto/openflow/action.ts';
import type { Random } from '../fuzz/random.ts';
import { likely } from './likely.ts';

/** Addresses that no host has: what a translation chooses can be told from what was there. */
export const TRANSLATED = { four: ['10.9.0.1', '10.9.0.2'], six: ['2001:db8:9::1', '2001:db8:9::2'] } as const;

export function chooseConntrack(
  random: Random,
  ethType: unknown,
  { table, forces }: { table?: number | undefined; forces: boolean },
): Action {
  const commit = likely(random, 55);
  const nested: Action[] = [];
  if (!forces && likely(random, commit ? 45 : 40))
    nested.push(commit ? chooseNat(random, ethType === 0x86dd) : { type: 'nat', flags: [] });
  if (commit && likely(random, 40)) nested.push(...chooseMarks(random));
  return {
    type: 'ct',
    flags: commit ? (forces && likely(random, 50) ? ['commit', 'force'] : ['commit']) : [],
    zone: likely(random, 80) ? random.pick([0, 0, 1, 2]) : { field: 'reg0', offset: 0, bits: 16 },
    ...(table === undefined ? {} : { table }),
    alg: 0,
    actions: nested,
  };
}

/** One address, and at most one port: of several Open vSwitch takes one by a hash of its own. */
function chooseNat(random: Random, six: boolean): Action {
  const side = random.pick(['src', 'src', 'dst'] as const);
  if (likely(random, 12)) return { type: 'nat', flags: [] };
  const address = random.pick(six ? TRANSLATED.six : TRANSLATED.four);
  const range = six ? { ipv6Min: address } : { ipv4Min: address };
  return {
    type: 'nat',
    flags: [side],
    ...range,
    ...(likely(random, 30) ? { protoMin: random.pick([2000, 3000]) } : {}),
  };
}

function chooseMarks(random: Random): Action[] {
  const marks: Action[] = [
    { type: 'setField', field: 'ctMark', value: random.pick([1, 2, 3]) },
    { type: 'setField', field: 'ctLabel', value: random.pick(['0x1', '0x2', '0x10000000000000003']) },
    { type: 'regMove', from: { field: 'reg0', offset: 0, bits: 32 }, to: { field: 'ctMark', offset: 0, bits: 32 } },
    { type: 'regLoad', to: { field: 'ctMark', offset: random.below(31), bits: 1 }, value: 1n },
  ];
  return likely(random, 70) ? [random.pick(marks)] : [random.pick(marks), random.pick(marks)];
}

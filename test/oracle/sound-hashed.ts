// Arbitrary `multipath` and `bundle` that Open vSwitch accepts, and their text.
import fc from 'fast-check';
import { u16, u32 } from '../property/arbitrary.ts';
import { type ActionKind, ANY, kind, ovsPort } from './action-kind.ts';
import { RUNS, runOf, runText } from './sound-run.ts';

const HASHES = {
  ethSrc: 'eth_src',
  symmetricL4: 'symmetric_l4',
  symmetricL3l4: 'symmetric_l3l4',
  symmetricL3l4Udp: 'symmetric_l3l4+udp',
  nwSrc: 'nw_src',
  nwDst: 'nw_dst',
  symmetricL3: 'symmetric_l3',
} as const;
const ALGORITHMS = { moduloN: 'modulo_n', hashThreshold: 'hash_threshold', hrw: 'hrw', iterHash: 'iter_hash' } as const;
const BUNDLES = { activeBackup: 'active_backup', hrw: 'hrw' } as const;
const oneOf = <T extends object>(names: T) => fc.constantFrom(...(Object.keys(names) as (keyof T)[]));

const members = fc.array(ovsPort, { maxLength: 5 });
const bundle = fc.tuple(oneOf(HASHES), u16, oneOf(BUNDLES), members);
type Bundle = [keyof typeof HASHES, number, keyof typeof BUNDLES, number[]];
const bundleOf = ([fields, basis, algorithm, ports]: Bundle) => ({ algorithm, fields, basis, members: ports });
const bundleText = ([fields, basis, algorithm]: Bundle) => `${HASHES[fields]},${basis},${BUNDLES[algorithm]},ofport`;

export const HASHED_KINDS: Readonly<Record<string, readonly ActionKind[]>> = {
  multipath: [
    kind(
      ANY,
      fc.tuple(
        oneOf(HASHES),
        u16,
        oneOf(ALGORITHMS),
        fc.integer({ min: 0, max: 0xffff }),
        u32,
        runOf(RUNS, fc.constant(16)),
      ),
      ([fields, basis, algorithm, maxLink, arg, to]) => ({
        type: 'multipath',
        fields,
        basis,
        algorithm,
        maxLink,
        arg,
        to,
      }),
      ([fields, basis, algorithm, maxLink, arg, to]) =>
        `multipath(${HASHES[fields]},${basis},${ALGORITHMS[algorithm]},${maxLink + 1},${arg},${runText(to)})`,
    ),
  ],
  bundle: [
    kind(
      ANY,
      bundle,
      (each) => ({ type: 'bundle', ...bundleOf(each) }),
      (each) => `bundle(${bundleText(each)},members:${each[3].join(',')})`,
    ),
  ],
  bundleLoad: [
    kind(
      ANY,
      fc.tuple(bundle, runOf(RUNS, fc.constant(16))),
      ([each, to]) => ({ type: 'bundleLoad', ...bundleOf(each), to }),
      ([each, to]) => `bundle_load(${bundleText(each)},${runText(to)},members:${each[3].join(',')})`,
    ),
  ],
};

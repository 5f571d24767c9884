// Arbitrary actions that Open vSwitch accepts, every kind of them, and what it must print of them.
import fc from 'fast-check';
import { u16, u32, u64 } from '../property/arbitrary.ts';
import {
  type ActionKind,
  ANY,
  bare,
  dotted,
  IP,
  kind,
  option,
  ovsPort,
  type Setting,
  type SoundAction,
} from './action-kind.ts';
import { ctKind } from './sound-conntrack.ts';
import { CONTROLLER_KINDS } from './sound-controller.ts';
import { HASHED_KINDS } from './sound-hashed.ts';
import { LEARN_KINDS } from './sound-learn.ts';
import { OLDER_KINDS } from './sound-older.ts';
import { REGISTER_KINDS } from './sound-register.ts';
import { SAMPLE_KINDS } from './sound-sample.ts';
import { STANDARD_KINDS } from './sound-standard.ts';

const noteLength = fc
  .constantFrom(6, 14, 22)
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));

/** Every action of ours that Open vSwitch has. */
export const ACTION_KINDS: Readonly<Record<string, readonly ActionKind[]>> = {
  ...STANDARD_KINDS,
  ...OLDER_KINDS,
  resubmit: [
    kind(
      ANY,
      ovsPort,
      (inPort) => ({ type: 'resubmit', inPort }),
      (inPort) => `resubmit:${inPort}`,
    ),
  ],
  resubmitTable: [
    kind(
      ANY,
      fc.tuple(fc.option(ovsPort, { nil: undefined }), fc.integer({ min: 0, max: 254 })),
      ([port, table]) => ({ type: 'resubmitTable', inPort: port ?? 'inPort', table }),
      ([port, table]) => `resubmit(${port ?? ''},${table})`,
    ),
  ],
  resubmitTableCt: [
    kind(
      ['tracked'],
      fc.tuple(fc.option(ovsPort, { nil: undefined }), fc.integer({ min: 0, max: 254 })),
      ([port, table]) => ({ type: 'resubmitTableCt', inPort: port ?? 'inPort', table }),
      ([port, table]) => `resubmit(${port ?? ''},${table},ct)`,
    ),
  ],
  setTunnel: [
    kind(
      ANY,
      u32,
      (tunId) => ({ type: 'setTunnel', tunId }),
      (tunId) => `set_tunnel:${tunId}`,
    ),
  ],
  setTunnel64: [
    kind(
      ANY,
      u64,
      (tunId) => ({ type: 'setTunnel64', tunId }),
      (tunId) => `set_tunnel64:${tunId}`,
    ),
  ],
  popQueue: [bare(ANY, 'popQueue', 'pop_queue')],
  note: [
    kind(
      ANY,
      noteLength,
      (note) => ({ type: 'note', note }),
      (note) => `note:${dotted(note)}`,
    ),
  ],
  ...HASHED_KINDS,
  ...REGISTER_KINDS,
  ...LEARN_KINDS,
  decNshTtl: [bare(['nsh'], 'decNshTtl', 'dec_nsh_ttl')],
  deleteField: [
    kind(
      ANY,
      fc.integer({ min: 0, max: 63 }),
      (index) => ({ type: 'deleteField', field: `tunMetadata${index}` }),
      (index) => `delete_field:tun_metadata${index}`,
    ),
  ],
  writeMetadata: [
    kind(
      ANY,
      fc.tuple(u64, fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_fffen })),
      ([metadata, mask]) => ({ type: 'writeMetadata', metadata, mask }),
      ([metadata, mask]) => `write_metadata:${metadata}/${mask}`,
      true,
    ),
  ],
  exit: [bare(ANY, 'exit', 'exit')],
  finTimeout: [
    kind(
      ['tcp', 'tcp6'],
      fc.tuple(u16, u16),
      ([finIdleTimeout, finHardTimeout]) => ({ type: 'finTimeout', finIdleTimeout, finHardTimeout }),
      ([idle, hard]) =>
        `fin_timeout(${[...option('idle_timeout', idle, 0), ...option('hard_timeout', hard, 0)].join(',')})`,
    ),
  ],
  ...CONTROLLER_KINDS,
  decTtlCntIds: [
    kind(
      IP,
      fc.array(u16, { minLength: 2, maxLength: 5 }),
      (ids) => ({ type: 'decTtlCntIds', ids }),
      (ids) => `dec_ttl(${ids.join(',')})`,
    ),
  ],
  ...SAMPLE_KINDS,
  conjunction: [
    kind(
      ANY,
      fc
        .integer({ min: 2, max: 64 })
        .chain((nClauses) => fc.tuple(fc.integer({ min: 0, max: nClauses - 1 }), fc.constant(nClauses), u32)),
      ([clause, nClauses, id]) => ({ type: 'conjunction', clause, nClauses, id }),
      ([clause, count, id]) => `conjunction(${id},${clause + 1}/${count})`,
      true,
    ),
  ],
  outputTrunc: [
    kind(
      ANY,
      fc.tuple(ovsPort, fc.integer({ min: 14, max: 0xffff_ffff })),
      ([port, maxLen]) => ({ type: 'outputTrunc', port, maxLen }),
      ([port, maxLen]) => `output(port=${port},max_len=${maxLen})`,
    ),
  ],
  ct: [
    ctKind(['icmp', 'tracked'], false),
    ctKind(['tcp'], false, 21),
    ctKind(['udp'], false, 69),
    ctKind(['tcp6'], true, 21),
  ],
  ctClear: [bare(ANY, 'ctClear', 'ct_clear')],
  encap: [
    kind(
      ['any'],
      fc.constant(0),
      (newPktType) => ({ type: 'encap', hdrSize: 0, newPktType, properties: [] }),
      () => 'encap(ethernet)',
      true,
    ),
    kind(
      ['any'],
      fc.constantFrom(1, 2),
      (mdType) => ({
        type: 'encap',
        hdrSize: 0,
        newPktType: 0x1894f,
        properties: [{ propClass: 4, propType: 1, data: Uint8Array.of(mdType) }],
      }),
      (mdType) => `encap(nsh(md_type=${mdType}))`,
      true,
    ),
  ],
  decap: [
    kind(
      ['any'],
      fc.constant(0xfffe),
      (newPktType) => ({ type: 'decap', newPktType }),
      () => 'decap()',
      true,
    ),
  ],
};

/** Actions of ours that Open vSwitch 3.1 does not have, or has nowhere alone. */
export const NOT_IN_OVS: Readonly<Record<string, string>> = {
  copyTtlOut: 'refused: BAD_TYPE',
  copyTtlIn: 'refused: BAD_TYPE',
  pushPbb: 'refused: BAD_TYPE',
  popPbb: 'refused: BAD_TYPE',
  experimenter: 'refused: BAD_VENDOR',
  debugSlow: 'refused where Open vSwitch is not under test',
  debugRecirc: 'refused where Open vSwitch is not under test',
  nat: 'stands inside ct, and is tried there',
  clone: 'holds actions: see soundActions',
};

const fittingIn = (kinds: Readonly<Record<string, readonly ActionKind[]>>, setting: Setting) =>
  Object.values(kinds).flatMap((some) => some.filter(({ settings }) => settings.includes(setting)));

const anyOf = (kinds: readonly ActionKind[]) => fc.oneof(...kinds.map(({ arbitrary }) => arbitrary));

/** The actions of a flow of that setting; `tame`: none that changes what the packet is. */
export function soundActions(setting: Setting, tame = false): fc.Arbitrary<SoundAction[]> {
  const fitting = fittingIn(ACTION_KINDS, setting);
  const beside = fitting.filter(({ alone }) => !alone);
  const several = fc.array(anyOf(beside), { maxLength: 4 });
  const cloned = fc.array(anyOf(beside), { minLength: 1, maxLength: 3 }).map(
    (inner): SoundAction => ({
      action: { type: 'clone', actions: inner.map(({ action }) => action) },
      text: `clone(${inner.map(({ text }) => text).join(',')})`,
    }),
  );
  const withClone = fc.tuple(cloned, several).map(([first, rest]) => [first, ...rest]);
  const single = anyOf(fitting).map((each) => [each]);
  return tame ? fc.oneof(several, withClone) : fc.oneof(several, withClone, single);
}

/** What may be written to the action set: the standard's actions alone. */
export function actionSet(setting: Setting): fc.Arbitrary<SoundAction[]> {
  const fitting = fittingIn(STANDARD_KINDS, setting).filter(({ alone }) => !alone);
  return fc.array(anyOf(fitting), { minLength: 1, maxLength: 3 });
}

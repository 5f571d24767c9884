// Arbitrary `ct` that Open vSwitch accepts, with translations, marks and labels inside, and its text.
import fc from 'fast-check';
import type { Action } from '../../proto/openflow/action.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import { ipv4, ipv6, record, u16, u32 } from '../property/arbitrary.ts';
import { type ActionKind, kind, type Setting, type SoundAction } from './action-kind.ts';
import { RUNS, runOf, runText } from './sound-run.ts';
import { hex } from './sound-set-field.ts';

const natRange = fc.oneof(
  fc.constant({}),
  record({ ipv4Min: ipv4.filter((address) => address !== '0.0.0.0') }),
  record({ ipv4Min: fc.constant('10.0.0.1'), ipv4Max: fc.constantFrom('10.0.0.9', '10.255.0.1') }),
  record({ ipv6Min: ipv6.filter((address) => address !== '::') }),
  record({ ipv6Min: fc.constant('2001:db8::1'), ipv6Max: fc.constant('2001:db8::ff') }),
);
interface NatRange {
  ipv4Min?: string;
  ipv4Max?: string;
  ipv6Min?: string;
  ipv6Max?: string;
}
const natPorts = fc.oneof(
  fc.constant({}),
  record({ protoMin: fc.integer({ min: 1, max: 0xffff }) }),
  record({ protoMin: fc.integer({ min: 1, max: 1000 }), protoMax: fc.integer({ min: 1001, max: 0xffff }) }),
) as fc.Arbitrary<{ protoMin?: number; protoMax?: number }>;
const natWays = fc.subarray(['persistent', 'protoHash', 'protoRandom']).filter((some) => {
  return !(some.includes('protoHash') && some.includes('protoRandom'));
});
const NAT_WORDS: Readonly<Record<string, string>> = {
  persistent: 'persistent',
  protoHash: 'hash',
  protoRandom: 'random',
};

/** The addresses of a translation are of the connection's own family: six for tcp6. */
const nat: fc.Arbitrary<SoundAction & { six: boolean | undefined }> = fc
  .tuple(fc.constantFrom('src', 'dst', undefined), natRange as fc.Arbitrary<NatRange>, natPorts, natWays)
  .map(([side, range, ports, ways]) => {
    if (side === undefined) return { action: { type: 'nat', flags: [] }, text: 'nat', six: undefined };
    const first = range.ipv4Min ?? range.ipv6Min;
    const last = range.ipv4Max ?? range.ipv6Max;
    const six = range.ipv6Min !== undefined;
    if (first === undefined) return { action: { type: 'nat', flags: [side] }, text: `nat(${side})`, six: undefined };
    const port = [ports.protoMin, ports.protoMax].filter((each) => each !== undefined).join('-');
    const addresses = [first, last].filter((each) => each !== undefined);
    const shown = addresses.map((each) => (six && port !== '' ? `[${each}]` : each)).join('-');
    const words = [`${side}=${shown}${port === '' ? '' : `:${port}`}`, ...ways.map((way) => NAT_WORDS[way]!)];
    const action = { type: 'nat', flags: [side, ...ways], ...range, ...ports } as Action;
    return { action, text: `nat(${words.join(',')})`, six };
  });

const marks: fc.Arbitrary<SoundAction> = fc.oneof(
  u32.map((value) => ({
    action: { type: 'setField', field: 'ctMark', value } as Action,
    text: `set_field:${value}->ct_mark`,
  })),
  hex(128).map((value) => ({
    action: { type: 'setField', field: 'ctLabel', value } as Action,
    text: `set_field:${value}->ct_label`,
  })),
  fc.integer({ min: 0, max: 31 }).map((offset) => ({
    action: { type: 'regLoad', to: { field: 'ctMark', offset, bits: 1 }, value: 1n } as Action,
    text: `load:1->NXM_NX_CT_MARK[${offset}]`,
  })),
);

const ctZone = fc.oneof(u16, runOf(RUNS, fc.constant(16)));
const zoneText = (zone: number | Subfield) =>
  typeof zone === 'number' ? (zone === 0 ? [] : [`zone=${zone}`]) : [`zone=${runText(zone)}`];
const ALGS: Readonly<Record<number, readonly string[]>> = { 0: [], 21: ['alg=ftp'], 69: ['alg=tftp'] };

/** Each helper is of a protocol of its own. */
export function ctKind(settings: readonly Setting[], six: boolean, helper = 0): ActionKind {
  const nested = fc.tuple(
    fc.option(
      nat.filter((each) => each.six === undefined || each.six === six),
      { nil: undefined },
    ),
    fc.array(marks, { maxLength: 2 }),
  );
  return kind(
    settings,
    fc.tuple(
      fc.boolean(),
      fc.boolean(),
      ctZone,
      fc.option(fc.integer({ min: 0, max: 254 }), { nil: undefined }),
      fc.constantFrom(0, helper),
      nested,
    ),
    ([commit, force, zone, table, alg, [translation, exec]]) => ({
      type: 'ct',
      flags: commit ? (force ? ['commit', 'force'] : ['commit']) : [],
      zone,
      ...(table === undefined ? {} : { table }),
      // Helpers, marks and a chosen side need a connection that is kept.
      alg: commit ? alg : 0,
      actions: commit
        ? [...(translation === undefined ? [] : [translation.action]), ...exec.map(({ action }) => action)]
        : [],
    }),
    ([commit, force, zone, table, alg, [translation, exec]]) => {
      const words = commit ? ['commit', ...(force ? ['force'] : [])] : [];
      if (table !== undefined) words.push(`table=${table}`);
      words.push(...zoneText(zone));
      if (commit && translation !== undefined) words.push(translation.text);
      if (commit && exec.length > 0) words.push(`exec(${exec.map(({ text }) => text).join(',')})`);
      if (commit) words.push(...ALGS[alg]!);
      return words.length === 0 ? 'ct' : `ct(${words.join(',')})`;
    },
  );
}

// Every row of OXM_FIELDS against Open vSwitch: what we encode under our name is what it encodes under its own.
import { describe, expect, test } from 'vitest';
import type { Match } from '../../proto/openflow/match.ts';
import { encodeMessage } from '../../proto/openflow/message.ts';
import { FIELD_NAMES, type FieldName, fieldRow, type Prerequisite } from '../../proto/openflow/oxm-fields.ts';
import { PREREQUISITES } from '../../proto/openflow/prerequisites.ts';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import { inParallel, ofpPrint, parseFlow } from './ofctl.ts';

/** A condition as our match and as Open vSwitch's text. */
type Condition = readonly [match: Readonly<Record<string, unknown>>, text: string];

type Wanted = number | { set: number; clear?: number };

function fieldsOf(prerequisite: Prerequisite): Readonly<Record<string, readonly Wanted[]>> {
  return PREREQUISITES[prerequisite].fields;
}

/** What the table of prerequisites wants, in the order of the fields on the wire; of several values the `nth`. */
function conditionOf(prerequisite: Prerequisite | undefined, nth = 0): Condition {
  if (prerequisite === undefined) return [{}, ''];
  const match: Record<string, unknown> = {};
  const words: string[] = [];
  const fields = fieldsOf(prerequisite);
  for (const name of FIELD_NAMES) {
    const alternatives = fields[name];
    if (alternatives === undefined) continue;
    const wanted = alternatives[Math.min(nth, alternatives.length - 1)]!;
    const { ovs } = fieldRow(name);
    if (typeof wanted === 'number' || !fieldRow(name).maskable) {
      const value = typeof wanted === 'number' ? wanted : wanted.set;
      match[name] = value;
      words.push(`${ovs}=${value}`);
    } else {
      const mask = wanted.set | (wanted.clear ?? 0);
      match[name] = { value: wanted.set, mask };
      words.push(`${ovs}=0x${wanted.set.toString(16)}/0x${mask.toString(16)}`);
    }
  }
  return [match, words.join(',')];
}

/** Fields of OpenFlow 1.4 that Open vSwitch 3.1 does not have: it refuses them as OFPBMC_BAD_FIELD. */
const NOT_IN_OVS: readonly FieldName[] = ['inPhyPort', 'pbbIsid', 'pbbUca', 'ipv6Exthdr'];

/** Values other than 1 and its like, and their text where it is not the number. */
const SPECIAL: Partial<Record<FieldName, readonly [value: number, text: string]>> = {
  ethType: [0x88cc, '0x88cc'],
  vlanVid: [0x1005, '0x1005'],
  vlanTci: [0x1005, '0x1005'],
  nxmIpTos: [32, '32'],
  ipFrag: [1, 'first'],
  packetType: [1, '(0,1)'],
};

/** What Open vSwitch prints only beside another field. */
const SHOWN_BESIDE: Partial<Record<FieldName, readonly [name: FieldName, value: number]>> = {
  tunErspanIdx: ['tunErspanVer', 1],
  tunErspanDir: ['tunErspanVer', 2],
  tunErspanHwid: ['tunErspanVer', 2],
  nshC1: ['nshMdtype', 1],
  nshC2: ['nshMdtype', 1],
  nshC3: ['nshMdtype', 1],
  nshC4: ['nshMdtype', 1],
};

const VALUES = {
  number: 1,
  bigint: 1n,
  hex: '0x1',
  octets: '0x00000001',
  mac: '02:00:00:00:00:01',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
} as const;

function nxmBytesOf(match: Match): Uint8Array {
  return encodeMessage({
    type: 'niciraFlowMod',
    xid: 1,
    cookie: 0n,
    command: 'add',
    idleTimeout: 0,
    hardTimeout: 0,
    priority: 0x8000,
    bufferId: NO_BUFFER,
    outPort: 'none',
    flags: [],
    match,
    instructions: [],
  });
}

function bytesOf(match: Match): Uint8Array {
  return encodeMessage({
    type: 'flowMod',
    xid: 1,
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command: 'add',
    idleTimeout: 0,
    hardTimeout: 0,
    priority: 0x8000,
    bufferId: NO_BUFFER,
    outPort: 'any',
    outGroup: 'any',
    flags: [],
    importance: 0,
    match,
    instructions: [],
  });
}

interface Case {
  name: FieldName;
  match: Match;
  text: string;
  /** What stands in Open vSwitch's text of it, where it drops it without a word when it lacks what it needs. */
  shown: string | undefined;
}

function caseOf(name: FieldName, masked: boolean, nth = 0): Case {
  const row = fieldRow(name);
  const [around, words] = conditionOf(row.prerequisite, nth);
  const [value, text] = SPECIAL[name] ?? [VALUES[row.kind], String(VALUES[row.kind])];
  // A mask that begins with a digit is a prefix's length to ovs-ofctl where the field is an IPv6 address.
  const mask = row.kind === 'ipv6' ? 'ffff:ffff::ffff' : value;
  const [beside, shown] = SHOWN_BESIDE[name] ?? [];
  const context = beside === undefined ? {} : { [beside]: shown };
  const match = { ...around, ...context, [name]: masked ? { value, mask } : value } as Match;
  const field = masked ? `${row.ovs}=${text}/${mask}` : `${row.ovs}=${text}`;
  return {
    name,
    match,
    shown: row.prerequisite === 'connectionPorts' ? `${row.ovs}=` : undefined,
    text: [words, beside === undefined ? '' : `${fieldRow(beside).ovs}=${shown}`, field]
      .filter((word) => word !== '')
      .join(','),
  };
}

/** What stands after the message's name and xid. */
function flowOf(printed: string): string {
  return (printed.split('\n').find((line) => line.includes('_FLOW_MOD (')) ?? printed).replace(/^.*?\): /, '');
}

/** Returns what Open vSwitch shows of each. */
async function compare(cases: readonly Case[]): Promise<string[]> {
  const found = await inParallel(cases, async ({ name, match, text }) => {
    const [ours, theirs] = await Promise.all([ofpPrint(bytesOf(match)), parseFlow(`${text} actions=drop`)]);
    return { name, text, ours: flowOf(ours), theirs: flowOf(theirs) };
  });
  expect(found.filter(({ ours }) => !ours.startsWith('ADD ') || ours.includes('***'))).toEqual([]);
  expect(found.filter(({ ours, theirs }) => ours !== theirs)).toEqual([]);
  return found.map(({ ours }) => ours);
}

const known = FIELD_NAMES.filter((name) => !NOT_IN_OVS.includes(name));

describe('every field of OXM_FIELDS', () => {
  test('is the one that Open vSwitch has under that name', async () => {
    const shown = await compare(known.map((name) => caseOf(name, false)));
    // No two may be one to Open vSwitch, else a number in the table is another's; in_port alone has two headers.
    expect(new Set(shown).size).toBe(shown.length - 1);
  });

  test('takes a mask where the table says so', async () => {
    // Fragments have names instead of numbers there, and their masks with them.
    const maskable = known.filter((name) => fieldRow(name).maskable && name !== 'ipFrag');
    await compare(maskable.map((name) => caseOf(name, true)));
  });

  test("is the same by Nicira's header", async () => {
    const cases = known.filter((name) => fieldRow(name).nxm !== undefined).map((name) => caseOf(name, false));
    const [byNxm, byOxm] = await Promise.all([
      inParallel(cases, ({ match }) => ofpPrint(nxmBytesOf(match))),
      inParallel(cases, ({ match }) => ofpPrint(bytesOf(match))),
    ]);
    expect(byNxm.map((text) => flowOf(text))).toEqual(byOxm.map((text) => flowOf(text)));
  });

  test('but for those that Open vSwitch 3.1 does not have', async () => {
    const printed = await inParallel(NOT_IN_OVS, (name) => ofpPrint(bytesOf(caseOf(name, false).match)));
    expect(printed.map((text) => /OFPBMC_\w+/.exec(text)?.[0])).toEqual(NOT_IN_OVS.map(() => 'OFPBMC_BAD_FIELD'));
  });
});

const needy = known.filter((name) => fieldRow(name).prerequisite !== undefined);

describe('what a field needs beside it', () => {
  test('is enough for Open vSwitch, each of the values', async () => {
    const cases = needy.flatMap((name) => {
      const most = Math.max(...Object.values(fieldsOf(fieldRow(name).prerequisite!)).map(({ length }) => length));
      // The first of each is among the tests above.
      return Array.from({ length: most - 1 }, (_, nth) => caseOf(name, false, nth + 1));
    });
    await compare(cases);
  });

  test('is what Open vSwitch wants: without a part of it, or with another value, the field is refused', async () => {
    const cases = needy.flatMap((name) => {
      const { match, shown } = caseOf(name, false);
      return Object.keys(fieldsOf(fieldRow(name).prerequisite!)).flatMap((part) => {
        const { [part as keyof Match]: wanted, ...without } = match;
        const other = typeof wanted === 'number' ? 0x63 : { value: 0, mask: (wanted as { mask: number }).mask };
        // In the place of what was wanted, so that the order of the fields stays.
        const instead = Object.fromEntries(
          Object.entries(match).map(([key, value]) => [key, key === part ? other : value]),
        );
        // ct_nw_proto 0 is forgotten by Open vSwitch only when it writes the match again.
        const bads = part === 'ctNwProto' ? [without] : [without, instead];
        return (bads as Match[]).map((bad) => ({ name, bad, shown }));
      });
    });
    const found = await inParallel(cases, async ({ name, bad, shown }) => {
      const printed = flowOf(await ofpPrint(bytesOf(bad)));
      return { name, bad: Object.keys(bad), printed, shown };
    });
    // The ports of a connection are refused in another way: they are not there.
    const taken = found.filter(
      ({ printed, shown }) =>
        !/BAD_PREREQ|MATCH_INCONSISTENT/.test(printed) && (shown === undefined || printed.includes(shown)),
    );
    expect(taken).toEqual([]);
  });
});

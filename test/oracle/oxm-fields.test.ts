// Every row of OXM_FIELDS against Open vSwitch: what we encode under our name is what it encodes under its own.
import { describe, expect, test } from 'vitest';
import type { Match } from '../../proto/openflow/match.ts';
import { encodeMessage } from '../../proto/openflow/message.ts';
import { FIELD_NAMES, type FieldName, fieldRow, type Prerequisite } from '../../proto/openflow/oxm-fields.ts';
import { NO_BUFFER } from '../../proto/openflow/ports.ts';
import { inParallel, ofpPrint, parseFlow } from './ofctl.ts';

/** A condition as our match and as Open vSwitch's text. */
type Condition = readonly [match: Readonly<Record<string, unknown>>, text: string];

const CONDITIONS: Readonly<Record<Prerequisite, Condition>> = {
  vlan: [{ vlanVid: 0x1064 }, 'vlan_vid=0x1064'],
  ip: [{ ethType: 0x0800 }, 'ip'],
  ipv4: [{ ethType: 0x0800 }, 'ip'],
  ipv6: [{ ethType: 0x86dd }, 'ipv6'],
  tcp: [{ ethType: 0x0800, ipProto: 6 }, 'tcp'],
  udp: [{ ethType: 0x0800, ipProto: 17 }, 'udp'],
  sctp: [{ ethType: 0x0800, ipProto: 132 }, 'sctp'],
  icmpv4: [{ ethType: 0x0800, ipProto: 1 }, 'icmp'],
  icmpv6: [{ ethType: 0x86dd, ipProto: 58 }, 'icmp6'],
  arp: [{ ethType: 0x0806 }, 'arp'],
  nd: [{ ethType: 0x86dd, ipProto: 58, icmpv6Type: 135 }, 'icmp6,icmpv6_type=135'],
  ndSolicit: [{ ethType: 0x86dd, ipProto: 58, icmpv6Type: 135 }, 'icmp6,icmpv6_type=135'],
  ndAdvert: [{ ethType: 0x86dd, ipProto: 58, icmpv6Type: 136 }, 'icmp6,icmpv6_type=136'],
  mpls: [{ ethType: 0x8847 }, 'mpls'],
  pbb: [{ ethType: 0x88e7 }, 'dl_type=0x88e7'],
};

/** The original tuple means something only for a connection that conntrack knows (ovs-fields(7)). */
const TRACKED = { ctState: { value: 0x22, mask: 0x22 } };
const trackedIpv4: Condition = [{ ...TRACKED, ethType: 0x0800 }, 'ct_state=+est+trk,ip'];
const trackedIpv6: Condition = [{ ...TRACKED, ethType: 0x86dd }, 'ct_state=+est+trk,ipv6'];
const trackedTcp: Condition = [{ ...TRACKED, ethType: 0x0800, ctNwProto: 6 }, 'ct_state=+est+trk,ip,ct_nw_proto=6'];

const TRACKED_FIELDS: Partial<Record<FieldName, Condition>> = {
  ctNwProto: trackedIpv4,
  ctNwSrc: trackedIpv4,
  ctNwDst: trackedIpv4,
  ctIpv6Src: trackedIpv6,
  ctIpv6Dst: trackedIpv6,
  ctTpSrc: trackedTcp,
  ctTpDst: trackedTcp,
};

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

const VALUES = {
  number: 1,
  bigint: 1n,
  hex: '0x1',
  mac: '02:00:00:00:00:01',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
} as const;

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
}

function caseOf(name: FieldName, masked: boolean): Case {
  const row = fieldRow(name);
  const tracked = TRACKED_FIELDS[name];
  const [around, words] = tracked ?? (row.prerequisite === undefined ? [{}, ''] : CONDITIONS[row.prerequisite]);
  const [value, text] = SPECIAL[name] ?? [VALUES[row.kind], String(VALUES[row.kind])];
  // A mask that begins with a digit is a prefix's length to ovs-ofctl where the field is an IPv6 address.
  const mask = row.kind === 'ipv6' ? 'ffff:ffff::ffff' : value;
  const match = { ...around, [name]: masked ? { value, mask } : value } as Match;
  const field = masked ? `${row.ovs}=${text}/${mask}` : `${row.ovs}=${text}`;
  return { name, match, text: [words, field].filter((word) => word !== '').join(',') };
}

/** What stands after the message's name and xid. */
function flowOf(printed: string): string {
  return (printed.split('\n').find((line) => line.startsWith('OFPT_FLOW_MOD')) ?? printed).replace(/^.*?\): /, '');
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

  test('but for those that Open vSwitch 3.1 does not have', async () => {
    const printed = await inParallel(NOT_IN_OVS, (name) => ofpPrint(bytesOf(caseOf(name, false).match)));
    expect(printed.map((text) => /OFPBMC_\w+/.exec(text)?.[0])).toEqual(NOT_IN_OVS.map(() => 'OFPBMC_BAD_FIELD'));
  });
});

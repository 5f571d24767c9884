/** Random matches that hold of a packet more often than not: what they ask for is mostly what a packet of the case says. */

import type { Match } from '../../proto/openflow/match.ts';
import { type FieldName, type FieldValue, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { fulfils } from '../../proto/openflow/prerequisites.ts';
import { allBits, toBits } from '../../src/flow/text/field-bits.ts';
import type { Random } from '../fuzz/random.ts';
import { chooseMask, chooseValue, masked } from './field-choice.ts';
import { likely } from './likely.ts';
import type { Facts } from './segment-choice.ts';

/** What a packet has from its way through the switch, with what it has at first. */
const PIPELINE_FIELDS: readonly FieldName[] = [
  ...([
    'inPort',
    'nxmInPort',
    'metadata',
    'reg0',
    'reg1',
    'reg2',
    'reg3',
    'reg15',
    'xreg0',
    'xreg1',
    'xxreg0',
  ] as const),
  ...(['tunnelId', 'pktMark', 'vlanTci', 'vlanVid', 'ctState', 'ctZone', 'ctMark', 'ctLabel', 'ctNwProto'] as const),
  ...(['ctNwSrc', 'ctTpDst', 'ctIpv6Src', 'actsetOutput', 'conjId', 'icmpv6NdReserved'] as const),
];

/** Of each list one field at most stands in a match. */
const OVERLAPPING: readonly (readonly FieldName[])[] = [
  ['inPort', 'nxmInPort'],
  ['vlanVid', 'vlanTci'],
  ['vlanPcp', 'vlanTci'],
  ['ipDscp', 'nxmIpTos'],
  ['reg0', 'xreg0', 'xxreg0'],
  ['reg1', 'xreg0', 'xxreg0'],
  ['reg2', 'xreg1', 'xxreg0'],
  ['reg3', 'xreg1', 'xxreg0'],
];
/** They come first: others need them. */
const LEADING: readonly FieldName[] = ['ethType', 'ipProto', 'icmpv6Type', 'icmpv6Code'];
const NEEDED_WHOLE: ReadonlySet<string> = new Set(LEADING);

export interface MatchWishes {
  facts: Facts;
  inPort: number;
  /** Fields of connections are asked for more often. */
  connections: boolean;
}

export function chooseMatch(random: Random, { facts, inPort, connections }: MatchWishes): Match {
  const match: Record<string, unknown> = {};
  const depth = random.pick([0, 0, 1, 2, 2, 3, 4]);
  for (const name of LEADING.slice(0, depth)) {
    if (facts[name] === undefined || !mayStand(match, name)) break;
    match[name] = facts[name];
  }
  const said = Object.keys(facts) as FieldName[];
  const wanted = random.pick([0, 0, 1, 1, 1, 2, 2, 3]);
  for (let i = 0; i < wanted; i++) {
    const name = random.pick(likely(random, 65) ? said : PIPELINE_FIELDS);
    add(random, match, name, facts, inPort);
  }
  if (connections && random.below(2) === 0) add(random, match, random.pick(CONNECTION_FIELDS), facts, inPort);
  return match as Match;
}

const CONNECTION_FIELDS = ['ctState', 'ctState', 'ctState', 'ctZone', 'ctMark', 'ctLabel', 'ctNwSrc'] as const;

function add(random: Random, match: Record<string, unknown>, name: FieldName, facts: Facts, inPort: number): void {
  if (!mayStand(match, name)) return;
  match[name] = chosenValue(random, name, facts, inPort);
}

function mayStand(match: Record<string, unknown>, name: FieldName): boolean {
  if (match[name] !== undefined) return false;
  const { prerequisite } = fieldRow(name);
  if (prerequisite !== undefined && !fulfils(match, prerequisite)) return false;
  return !OVERLAPPING.some((list) => list.includes(name) && list.some((other) => match[other] !== undefined));
}

/** What registers and marks are at first. */
const AT_FIRST = /^(x*reg|metadata|tunnelId|pktMark|ct|conjId|icmpv6NdReserved|vlan)/;

function chosenValue(random: Random, name: FieldName, facts: Facts, inPort: number): unknown {
  const fact = facts[name];
  let value: FieldValue;
  if (fact !== undefined && likely(random, 80)) value = fact;
  else if (name === 'inPort' && likely(random, 70)) value = inPort;
  else if (AT_FIRST.test(name) && name !== 'ctState' && likely(random, 50)) return zeroOf(random, name);
  else value = chooseValue(random, name);
  const { maskable } = fieldRow(name);
  if (name === 'ctState')
    return masked(name, value, BigInt(random.pick([0x20, 0x21, 0x22, 0x2a, 0x3f, 0x24, 0xc0, 0xff])));
  if (name === 'vlanVid' && random.below(3) === 0) return { value: 0x1000, mask: 0x1000 };
  if (!maskable || NEEDED_WHOLE.has(name) || likely(random, 65)) return value;
  if (name === 'vlanVid') return masked(name, value, chooseMask(random, name) | 0x1000n);
  return masked(name, value, chooseMask(random, name));
}

function zeroOf(random: Random, name: FieldName): unknown {
  const mask = fieldRow(name).maskable && random.below(2) === 0 ? chooseMask(random, name) : allBits(name);
  if (name === 'vlanVid' || name === 'vlanTci') return masked(name, 0, allBits(name));
  const zero = fieldRow(name).kind;
  const value =
    zero === 'bigint' ? 0n : zero === 'number' ? 0 : zero === 'ipv4' ? '0.0.0.0' : zero === 'ipv6' ? '::' : '0x0';
  return masked(name, value, mask);
}

/** Whether no packet can fulfil both: a field of both that differs in bits that both ask for. */
export function areDisjoint(one: Match, other: Match): boolean {
  for (const name of Object.keys(one) as FieldName[]) {
    const there = (other as Record<string, unknown>)[name];
    if (there === undefined) continue;
    const [a, b] = [bitsOf(name, (one as Record<string, unknown>)[name]), bitsOf(name, there)];
    if (((a.value ^ b.value) & a.mask & b.mask) !== 0n) return true;
  }
  return false;
}

function bitsOf(name: FieldName, said: unknown): { value: bigint; mask: bigint } {
  if (typeof said === 'object' && said !== null) {
    const { value, mask } = said as { value: FieldValue; mask: FieldValue };
    return { value: toBits(name, value) ?? 0n, mask: toBits(name, mask) ?? 0n };
  }
  return { value: toBits(name, said as FieldValue) ?? 0n, mask: allBits(name) };
}

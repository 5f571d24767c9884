/** A match in ovs-ofctl's text (ovs-fields(7)): words of protocols, fields with values and masks, runs of their bits. */

import type { Match } from '../../../proto/openflow/match.ts';
import { type FieldName, fieldRow, type Prerequisite } from '../../../proto/openflow/oxm-fields.ts';
import { fault, hint, shortened } from './fault.ts';
import { fieldNamed, fieldText, fieldWords } from './field-names.ts';
import { parseBits } from './field-value.ts';
import { bitsSaid, emptySlots, type MatchSlots, matchOf, say } from './match-slots.ts';
import { bigintIn, numberIn } from './numbers.ts';
import type { KnownNames } from './port-words.ts';
import { protocolNamed, protocolWords } from './protocol-words.ts';
import { sliceOf, textOf } from './slice.ts';
import { parseSubfield } from './subfield.ts';
import { type Word, words } from './words.ts';

/** For people: which word fulfils it. */
const NEEDS: Readonly<Record<Prerequisite, string>> = {
  ip: 'ip or ipv6',
  ipv4: 'ip or arp',
  ipv6: 'ipv6',
  tcp: 'a protocol with ports, as tcp or udp6',
  udp: 'a protocol with ports, as udp or udp6',
  sctp: 'sctp or sctp6',
  icmpv4: 'icmp',
  icmpv6: 'icmp6',
  arp: 'arp or rarp',
  nd: 'icmp6,icmp_type=135 or =136',
  ndSolicit: 'icmp6,icmp_type=135',
  ndAdvert: 'icmp6,icmp_type=136',
  mpls: 'mpls',
  vlan: 'a VLAN, as dl_vlan=5',
  pbb: 'dl_type=0x88e7',
  nsh: 'dl_type=0x894f',
  connection: 'ct_state=+trk+est or the like',
  connectionIpv4: 'ip, and ct_state=+trk+est or the like',
  connectionIpv6: 'ipv6, and ct_state=+trk+est or the like',
  connectionPorts: 'ct_nw_proto, and ct_state=+trk+est or the like',
};

/** Fields that are none of the table's: a tag's parts as OpenFlow 1.0 had them. */
const OLD_VLAN = new Set(['dl_vlan', 'dl_vlan_pcp', 'vlan_pcp']);

/** A field's length has 8 bits on the wire. */
const MAX_UNKNOWN = 500;

/** Words that may stand where a field may. */
export function matchWords(): string[] {
  return [...fieldWords(), ...protocolWords(), ...OLD_VLAN, 'eth'];
}

export function parseMatch(text: string, names: KnownNames = {}): Match {
  const state = emptySlots();
  for (const word of words(sliceOf(text))) {
    if (!parseMatchWord(state, word, names)) throw unknownField(word);
  }
  return finishedMatch(state);
}

export function unknownField(word: Word) {
  return fault(word.key, `"${shortened(word.name)}" is no match field${hint(word.name, matchWords())}`);
}

/** Whether the word is one of a match. */
export function parseMatchWord(state: MatchSlots, word: Word, names: KnownNames): boolean {
  const protocol = protocolNamed(word.name);
  if (protocol !== undefined && word.sign === '') {
    say(state, 'ethType', exactly('ethType', BigInt(protocol.ethType)), word.key);
    if (protocol.ipProto !== undefined) say(state, 'ipProto', exactly('ipProto', BigInt(protocol.ipProto)), word.key);
    return true;
  }
  if (word.name === 'eth' && word.sign === '') {
    say(state, 'packetType', { value: 0n, mask: 0xffffffffn }, word.key);
    return true;
  }
  if (word.name === 'oxm' && word.sign === ':') {
    parseUnknown(state, word);
    return true;
  }
  if (word.name.includes('[')) {
    parseRun(state, word);
    return true;
  }
  if (OLD_VLAN.has(word.name)) {
    parseVlan(state, word);
    return true;
  }
  const field = /^[A-Z]/.test(word.name) ? undefined : fieldNamed(word.name);
  if (field === undefined) return false;
  if (fieldRow(field).kind === 'octets' && word.sign === '') {
    say(state, field, { value: 0n, mask: 0n }, word.key);
    return true;
  }
  if (word.sign === '') throw fault(word.key, `${word.name} needs a value: ${word.name}=VALUE`);
  const bits = parseBits(word.value, field, names);
  if (field === 'arpOp' && bits.value > 255n) throw fault(word.value, 'arp_op is matched up to 255');
  say(state, field, bits, word.key);
  return true;
}

function exactly(field: FieldName, value: bigint) {
  return { value, mask: (1n << BigInt(fieldRow(field).bits)) - 1n };
}

/** `reg0[0..15]=5`: those bits alone; what is said of the field's others stays. */
function parseRun(state: MatchSlots, word: Word): void {
  const { field, offset, bits } = parseSubfield(word.key);
  if (word.sign === '') throw fault(word.key, `${word.name} needs a value: ${word.name}=VALUE`);
  if (!fieldRow(field).maskable && bits !== fieldText(field).bits) {
    throw fault(word.key, `${fieldText(field).name} can't be matched in part`);
  }
  const run = bigintIn(word.value, bits, word.name) << BigInt(offset);
  const mask = ((1n << BigInt(bits)) - 1n) << BigInt(offset);
  const said = bitsSaid(state, field);
  say(state, field, { value: (said.value & ~mask) | run, mask: said.mask | mask }, word.key);
}

/** `oxm:CLASS:FIELD=BYTES[/MASK]`, all hex: as fields are printed that have no name of ours. */
function parseUnknown({ unknown }: MatchSlots, { value }: Word): void {
  const text = textOf(value);
  const found = /^([0-9a-f]{1,4}:[0-9a-f]{1,2}(?::[0-9a-f]{1,8})?)=((?:[0-9a-f]{2})*)(?:\/((?:[0-9a-f]{2})*))?$/.exec(
    text,
  );
  const [, header, plain = '', mask] = found ?? [];
  if (header === undefined || (mask !== undefined && mask.length !== plain.length) || text.length > MAX_UNKNOWN) {
    throw fault(value, 'a field without a name is oxm:CLASS:FIELD=BYTES[/MASK] in hex');
  }
  unknown[`oxm:${header}`] = mask === undefined ? plain : { value: plain, mask };
}

/** As OpenFlow 1.0 had it: 0xffff is no tag at all. */
function parseVlan(state: MatchSlots, word: Word): void {
  if (word.sign === '') throw fault(word.key, `${word.name} needs a value: ${word.name}=VALUE`);
  const field = word.name === 'dl_vlan' ? 'vlanVid' : 'vlanPcp';
  if (textOf(word.value) === '*') {
    say(state, field, { value: 0n, mask: 0n }, word.key);
    return;
  }
  const number = numberIn(word.value, 16, word.name);
  if (field === 'vlanPcp') {
    if (number > 7) throw fault(word.value, `${number} is no priority: 0 to 7 are`);
    say(state, 'vlanPcp', { value: BigInt(number), mask: 7n }, word.key);
    return;
  }
  if (number === 0xffff) {
    say(state, 'vlanTci', { value: 0n, mask: 0xffffn }, word.key);
    return;
  }
  if (number > 0xfff) throw fault(word.value, `${number} is no VLAN: 0 to 4095 are, and 0xffff for none`);
  say(state, 'vlanVid', { value: BigInt(number) | 0x1000n, mask: 0x1fffn }, word.key);
}

export function finishedMatch(state: MatchSlots): Match {
  const { match, left } = matchOf(state);
  const lost = left[0];
  if (lost === undefined) return match;
  const { prerequisite } = fieldRow(lost.field);
  const needs = prerequisite === undefined ? 'its protocol' : NEEDS[prerequisite];
  throw fault(lost.at, `${textOf(lost.at)} needs ${needs} in the match`);
}

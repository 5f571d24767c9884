/** What has become of a packet on its way: fields of its key that are others than before, as "was" and "is". */

import { isField } from '../../proto/openflow/oxm.ts';
import { type FieldName, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import type { FieldChange } from '../api/trace.ts';
import { allBits, toBits } from '../flow/text/field-bits.ts';
import { formatBits } from '../flow/text/field-value.ts';
import { extractKey } from '../sim/frame/extract.ts';
import { frameOf } from '../sim/frame/frame.ts';
import { emptyKey, type Key, readRun } from '../sim/key/key.ts';
import { HAS_TAG, type Place, placeOf, WORD } from '../sim/key/layout.ts';
import { fieldValueOf } from '../sim/key/value.ts';

/** Bits that have a name in the pipeline: `segment`, `router.nextHop`. */
export interface NamedBits {
  name: string;
  place: Subfield;
  /** A value as people read it: a segment's name. */
  text(value: number): string;
}

const ARP = 0x0806;
const IPV6 = 0x86dd;
const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
]);
const ICMP = 1;
const ICMPV6 = 58;

/** Fields of every frame, then those of ARP, then of IP. */
const ETHERNET: readonly (readonly [string, FieldName])[] = [
  ['eth_src', 'ethSrc'],
  ['eth_dst', 'ethDst'],
  ['mpls_label', 'mplsLabel'],
];
const ARP_FIELDS: readonly (readonly [string, FieldName])[] = [
  ['arp_op', 'arpOp'],
  ['arp_sha', 'arpSha'],
  ['arp_spa', 'arpSpa'],
  ['arp_tha', 'arpTha'],
  ['arp_tpa', 'arpTpa'],
];
const TUNNEL: readonly (readonly [string, FieldName])[] = [
  ['tun_id', 'tunnelId'],
  ['tun_src', 'tunIpv4Src'],
  ['tun_dst', 'tunIpv4Dst'],
];
const IPV4_FIELDS: readonly (readonly [string, FieldName])[] = [
  ['ip_src', 'ipv4Src'],
  ['ip_dst', 'ipv4Dst'],
];
const IPV6_FIELDS: readonly (readonly [string, FieldName])[] = [
  ['ipv6_src', 'ipv6Src'],
  ['ipv6_dst', 'ipv6Dst'],
];

function fieldsOf(key: Key): (readonly [string, FieldName])[] {
  const ethType = key[WORD.ethType]!;
  const protocol = key[WORD.nwProto]!;
  if (ethType === ARP) return [...ETHERNET, ...TUNNEL, ...ARP_FIELDS];
  if (ethType !== 0x0800 && ethType !== IPV6) return [...ETHERNET, ...TUNNEL];
  const fields = [...ETHERNET, ...TUNNEL, ...(ethType === IPV6 ? IPV6_FIELDS : IPV4_FIELDS)];
  fields.push(['ip_ttl', 'ipTtl'], ['ip_dscp', 'ipDscp']);
  const name = PROTOCOLS.get(protocol);
  if (name !== undefined) fields.push([`${name}_src`, 'tcpSrc'], [`${name}_dst`, 'tcpDst']);
  else if (protocol === ICMP || protocol === ICMPV6)
    fields.push(['icmp_type', 'icmpv4Type'], ['icmp_code', 'icmpv4Code']);
  return fields;
}

export function changesOf(was: Key, is: Key, named: readonly NamedBits[]): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const [label, field] of fieldsOf(is)) {
    const place = placeOf(field);
    if (place === undefined || isSame(was, is, place)) continue;
    changes.push({ field: label, was: textOf(was, field, place), is: textOf(is, field, place), of: 'packet' });
  }
  if (was[WORD.vlans] !== is[WORD.vlans]) {
    changes.push({ field: 'vlan', was: tagText(was), is: tagText(is), of: 'packet' });
  }
  for (const { name, place, text } of named) {
    const [before, now] = [numberAt(was, place), numberAt(is, place)];
    if (before !== now) changes.push({ field: name, was: text(before), is: text(now), of: 'pipeline' });
  }
  return changes;
}

/** Of two frames: what NAT has translated. */
export function changesOfFrame(was: Uint8Array, is: Uint8Array): FieldChange[] {
  const keys = [was, is].map((bytes) => {
    const key = emptyKey();
    extractKey(frameOf(bytes), key, 1);
    return key;
  });
  return changesOf(keys[0]!, keys[1]!, []);
}

function isSame(was: Key, is: Key, { last, shift, bits }: Place): boolean {
  for (let done = 0; done < bits; done += 32) {
    const length = Math.min(32, bits - done);
    if (readRun(was, last, shift + done, length) !== readRun(is, last, shift + done, length)) return false;
  }
  return true;
}

function textOf(key: Key, field: FieldName, { last, shift, bits }: Place): string {
  const words: number[] = [];
  for (let done = 0; done < bits; done += 32) {
    words.unshift(readRun(key, last, shift + done, Math.min(32, bits - done)));
  }
  const value = toBits(field, fieldValueOf(fieldRow(field), words)) ?? 0n;
  return formatBits(field, { value, mask: allBits(field) });
}

function tagText(key: Key): string {
  const word = key[WORD.vlans]!;
  return (word & HAS_TAG) === 0 ? 'none' : String(word & 0xfff);
}

/** The lowest 32 bits of it. */
function numberAt(key: Key, { field, offset, bits }: Subfield): number {
  const place = isField(field) ? placeOf(field) : undefined;
  return place === undefined ? 0 : readRun(key, place.last, place.shift + offset, Math.min(32, bits));
}

/** Bits of a field as actions name them, found in the key: read, written, and what must follow a write. */

import type { NamedField } from '../../../../proto/openflow/oxm.ts';
import { type FieldName, OXM_FIELDS } from '../../../../proto/openflow/oxm-fields.ts';
import { RESERVED_PORTS } from '../../../../proto/openflow/reserved-numbers.ts';
import { type Key, readRun, widePort, writeRun } from '../../key/key.ts';
import { FIRST_HEADER_WORD, HAS_TAG, type Place, WORD } from '../../key/layout.ts';
import type { TlvTable } from '../../key/tlv-table.ts';
import type { Translation } from '../translation.ts';

/** Where bits lie, from the field's lowest that is meant on. */
export interface RunOfBits {
  field: FieldName;
  last: number;
  position: number;
  bits: number;
  /** Of a tunnel option: the bit that says that it is there. */
  presence: Place | undefined;
}

/** undefined: this switch does not know the field, or the run does not lie in it. */
export function runOfBits(
  { field, offset, bits }: NamedField & { offset: number; bits: number },
  fields: TlvTable,
): RunOfBits | undefined {
  const place = fields.placeOf(field);
  if (place === undefined || offset + bits > place.bits) return undefined;
  return { field, last: place.last, position: place.shift + offset, bits, presence: fields.presenceOf(field) };
}

export function wholeField(field: FieldName, fields: TlvTable): RunOfBits | undefined {
  const place = fields.placeOf(field);
  return place === undefined ? undefined : runOfBits({ field, offset: 0, bits: place.bits }, fields);
}

/** The value in words, most significant first. */
export function readWords(key: Key, run: RunOfBits): number[] {
  const { last, position, bits } = run;
  if (bits <= 32) return [readNumber(key, run)];
  const words: number[] = [];
  for (let done = 0; done < bits; done += 32) {
    words.unshift(readRun(key, last, position + done, Math.min(32, bits - done)));
  }
  return words;
}

/** The lowest 32 bits. */
export function readNumber(key: Key, { field, last, position, bits }: RunOfBits): number {
  const value = readRun(key, last, position, Math.min(32, bits));
  // Open vSwitch reads the wrong half of it on a machine of little-endian words, where nothing is.
  if (field === 'icmpv6NdOptionsType') return 0;
  // ECN is not of nw_tos.
  return field === 'nxmIpTos' ? value & (0xfc >>> position) : value;
}

const VLAN_FIELDS: readonly FieldName[] = ['vlanVid', 'vlanPcp', 'vlanTci'];
const VLAN_TPID = 0x8100;

/** What writes the run and does what goes with it: `words` as readWords gives them. */
export function writer(run: RunOfBits): (translation: Translation, words: readonly number[]) => void {
  const { field, last, position, bits, presence } = run;
  const isHeader = last >= FIRST_HEADER_WORD;
  const put = putter(run);
  const isVlan = VLAN_FIELDS.includes(field);
  return (translation, words) => {
    const { key } = translation;
    if (bits <= 32) put(key, words[words.length - 1]!);
    else {
      for (let done = 0; done < bits; done += 32) {
        writeRun(key, last, position + done, Math.min(32, bits - done), words[words.length - 1 - done / 32]!);
      }
    }
    if (presence !== undefined) writeRun(key, presence.last, presence.shift, 1, 1);
    if (isVlan) mendTag(key, field);
    if (isHeader) translation.dirty = true;
  };
}

/** Of 16 bits; those of 32 bits have 0xffff in front of it. */
const FIRST_RESERVED = 0xff00;

/** Fields whose bits are not all that their name says. */
function putter({ field, last, position, bits }: RunOfBits): (key: Key, value: number) => void {
  switch (field) {
    case 'inPort':
      return (key, value) => {
        writeRun(key, last, position, bits, value);
        const port = key[last]!;
        if (port >= FIRST_RESERVED && port < RESERVED_PORTS.inPort - 0xf8) key[last] = RESERVED_PORTS.any;
      };
    case 'nxmInPort':
      return (key, value) => {
        writeRun(key, last, position, bits, value);
        key[last] = widePort(key[last]! & 0xffff);
      };
    case 'icmpv6NdOptionsType':
      // What was there reads as 0 (readNumber).
      return (key, value) => {
        key[last] = 0;
        writeRun(key, last, position, bits, value);
      };
    case 'nxmIpTos':
      return (key, value) => {
        const congestion = key[last]! & 0x03;
        writeRun(key, last, position, bits, value);
        key[last] = (key[last]! & 0xfc) | congestion;
      };
    case 'arpOp':
      return (key, value) => {
        writeRun(key, last, position, bits, value);
        key[last] = key[last]! & 0xff;
      };
    default:
      return (key, value) => writeRun(key, last, position, bits, value);
  }
}

/** A priority makes a tag; a tag that was none has no TPID yet; one that says that it is none is gone. */
function mendTag(key: Key, field: FieldName): void {
  let tag = key[WORD.vlans]!;
  if (field === 'vlanPcp') tag |= HAS_TAG;
  if ((tag & 0xffff) !== 0 && tag >>> 16 === 0) tag |= VLAN_TPID << 16;
  key[WORD.vlans] = tag >>> 0;
}

/** Whether the bits are of what connection tracking keeps, which `ct` alone writes. */
export function isOfConnection(field: FieldName): boolean {
  return field === 'ctMark' || field === 'ctLabel';
}

/** MPLS hides them: fields of IP and above. */
export function isAboveMpls(field: FieldName): boolean {
  const { prerequisite } = OXM_FIELDS[field];
  return prerequisite !== undefined && prerequisite !== 'vlan' && prerequisite !== 'mpls';
}

/** Actions on whole fields and runs of their bits: set_field, load, move, push, pop (ovs-actions(7), Field Modification). */

import type { Action } from '../../../../proto/openflow/action.ts';
import { isField, isMasked } from '../../../../proto/openflow/oxm.ts';
import { type FieldName, type FieldValue, fieldRow, type Masked } from '../../../../proto/openflow/oxm-fields.ts';
import type { Subfield } from '../../../../proto/openflow/subfield.ts';
import { fault } from '../fault.ts';
import { allBits, fromBits, octets, toBits } from '../field-bits.ts';
import { fieldNamed, fieldText } from '../field-names.ts';
import { type Bits, formatBits, parseBits } from '../field-value.ts';
import { bigintIn, hexOrZero } from '../numbers.ts';
import { arrow, type Slice, textOf } from '../slice.ts';
import { formatSubfield, hasShortHeader, noField, parseSubfield } from '../subfield.ts';
import type { Word } from '../words.ts';
import type { Actions, Context } from './kinds.ts';

/** What no action may write (ovs-fields(7), Access). */
const READ_ONLY = new Set<FieldName>([
  'ethType',
  'ipProto',
  'ipFrag',
  'tcpFlags',
  'mplsBos',
  'ctState',
  'ctZone',
  'ctNwProto',
  'ctNwSrc',
  'ctNwDst',
  'ctIpv6Src',
  'ctIpv6Dst',
  'ctTpSrc',
  'ctTpDst',
  'actsetOutput',
  'dpHash',
  'recircId',
  'conjId',
  'packetType',
  'inPhyPort',
  'tunGtpuFlags',
  'tunGtpuMsgtype',
  'nshMdtype',
  'nshNp',
]);

/** One action loads no more than this. */
const LOAD_BITS = 64n;

function formatSet(field: string, value: FieldValue | Masked<FieldValue>): string {
  const plain = isMasked(value) ? value.value : value;
  if (!isField(field)) return `set_field:${isMasked(value) ? `${value.value}/${value.mask}` : value}->${field}`;
  const bits = toBits(field, plain);
  const mask = isMasked(value) ? toBits(field, value.mask) : allBits(field);
  if (bits === undefined || mask === undefined) return `set_field:${plain}->${fieldText(field).name}`;
  return `set_field:${formatBits(field, { value: bits, mask })}->${fieldText(field).name}`;
}

function sides({ key, value }: Word): [Slice, Slice] {
  const found = arrow(value);
  if (found === undefined) throw fault(value, `${textOf(key)} is written ${textOf(key)}:FROM->TO`);
  return found;
}

export function writable(slice: Slice, field: FieldName): void {
  if (READ_ONLY.has(field)) throw fault(slice, `${fieldText(field).name} can't be written`);
}

function parseSetField(word: Word, { names, headers }: Context): Action[] {
  const [from, to] = sides(word);
  const name = textOf(to);
  const field = fieldNamed(name);
  if (field === undefined) {
    const unknown = /^oxm:[0-9a-f:]+$/.test(name);
    if (unknown) return [{ type: 'setField', field: name as `oxm:${string}`, value: textOf(from) }];
    throw noField(to, name);
  }
  writable(to, field);
  if (field === 'inPort') throw fault(to, 'set_field takes the port as in_port');
  const bits = parseBits(from, field, names);
  if (field === 'vlanVid' && bits.exact === true && (bits.value & 0x1000n) === 0n) {
    throw fault(from, `a VLAN's id has bit 12 set here: ${hexOrZero(bits.value | 0x1000n)} is meant, if any`);
  }
  if (field === 'vlanTci') headers.vlanTags = (bits.value & 0x1000n) === 0n ? 0 : 1;
  return setting(field, bits);
}

/** set_field where the whole field is set; else what Open vSwitch sends over OpenFlow 1.4 instead. */
function setting(field: FieldName, { value, mask, exact }: Bits): Action[] {
  const { kind, bytes } = fieldRow(field);
  if (!exact && mask !== (1n << BigInt(bytes * 8)) - 1n) return loading(field, value, mask);
  const whole = kind === 'octets' ? octets(field, value, mask) : { name: field, value: fromBits(field, value) };
  return [{ type: 'setField', field: whole.name, value: whole.value as FieldValue }];
}

/** As register loads; with a mask in one piece where the field's header or width has no place in them. */
function loading(field: FieldName, value: bigint, mask: bigint): Action[] {
  if (mask === 0n) return [];
  const { kind } = fieldRow(field);
  if (kind === 'octets') {
    const { name, value: masked } = octets(field, value, mask);
    return [{ type: 'regLoad2', field: name, value: masked }];
  }
  if (hasShortHeader(field)) return loads(field, value, mask);
  const plain = fromBits(field, value);
  const whole = mask === allBits(field);
  return [{ type: 'regLoad2', field, value: whole ? plain : { value: plain, mask: fromBits(field, mask) } }];
}

/** One for each run of ones in the mask. */
function loads(field: FieldName, value: bigint, mask: bigint): Action[] {
  const found: Action[] = [];
  const width = BigInt(fieldText(field).bits);
  for (let offset = 0n; offset < width; ) {
    if (((mask >> offset) & 1n) === 0n) {
      offset++;
      continue;
    }
    let bits = 1n;
    while (bits < LOAD_BITS && offset + bits < width && ((mask >> (offset + bits)) & 1n) === 1n) bits++;
    const to: Subfield = { field, offset: Number(offset), bits: Number(bits) };
    found.push({ type: 'regLoad', to, value: (value >> offset) & ((1n << bits) - 1n) });
    offset += bits;
  }
  return found;
}

function parseLoad(word: Word): Action[] {
  const [from, target] = sides(word);
  const to = parseSubfield(target);
  writable(target, to.field);
  const value = bigintIn(from, to.bits, textOf(target)) << BigInt(to.offset);
  return loading(to.field, value, ((1n << BigInt(to.bits)) - 1n) << BigInt(to.offset));
}

export function parseMove(word: Word): { from: Subfield; to: Subfield } {
  const [source, target] = sides(word);
  const from = parseSubfield(source);
  const to = parseSubfield(target);
  writable(target, to.field);
  if (from.bits !== to.bits) throw fault(target, `${from.bits} bits do not go into ${to.bits}`);
  return { from, to };
}

function formatRegLoad(to: Subfield, value: bigint): string {
  return `load:${hexOrZero(value)}->${formatSubfield(to)}`;
}

export const FIELDS: Actions = {
  print: {
    setField: ({ field, value }) => formatSet(field, value),
    regLoad2: ({ field, value }) => formatSet(field, value),
    regLoad: ({ to, value }) => formatRegLoad(to, value),
    regMove: ({ from, to }) => `move:${formatSubfield(from)}->${formatSubfield(to)}`,
    copyField: ({ from, to }) => `move:${formatSubfield(from)}->${formatSubfield(to)}`,
    stackPush: ({ from }) => `push:${formatSubfield(from)}`,
    stackPop: ({ to }) => `pop:${formatSubfield(to)}`,
    deleteField: ({ field }) => `delete_field:${fieldText(field).name}`,
  },
  parse: {
    set_field: parseSetField,
    load: parseLoad,
    move: (word) => [{ type: 'regMove', ...parseMove(word) }],
    push: ({ value }) => [{ type: 'stackPush', from: parseSubfield(value) }],
    pop: ({ value }) => {
      const to = parseSubfield(value);
      writable(value, to.field);
      return [{ type: 'stackPop', to }];
    },
    delete_field: ({ value }) => {
      const field = fieldNamed(textOf(value));
      if (field === undefined) throw noField(value, textOf(value));
      if (fieldRow(field).kind !== 'octets') throw fault(value, 'only tun_metadata0 to tun_metadata63 can be deleted');
      return [{ type: 'deleteField', field }];
    },
  },
};

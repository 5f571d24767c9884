/** Fields of single bits with names: ct_state, tcp_flags, tun_flags (ovs-fields(7)): `+syn-ack`, `syn|ack`, numbers. */

import { fault, shortened } from './fault.ts';
import { hex, hexOrZero, integerOf } from './numbers.ts';
import { type Slice, textOf } from './slice.ts';

export interface FlagField {
  /** From bit 0. */
  readonly names: readonly string[];
  /** Every bit that may be matched. */
  readonly all: number;
}

export const FLAG_FIELDS = {
  ctState: { names: ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat'], all: 0xff },
  tcpFlags: {
    names: ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns', '[200]', '[400]', '[800]'],
    all: 0xfff,
  },
  tunFlags: { names: ['oam'], all: 1 },
} as const satisfies Record<string, FlagField>;

/** `new|trk`, or `0` */
export function formatFlags({ names, all }: FlagField, value: number): string {
  const found = names.filter((_, bit) => (value >>> bit) & 1);
  const rest = (value & ~all) >>> 0;
  if (rest !== 0) found.push(hex(rest));
  return found.length === 0 ? '0' : found.join('|');
}

/** `-new+trk`: every bit of the mask with what it must be. */
export function formatMaskedFlags({ names }: FlagField, value: number, mask: number): string {
  let text = '';
  for (let bit = 0; bit < 32; bit++) {
    if (((mask >>> bit) & 1) === 0) continue;
    text += `${(value >>> bit) & 1 ? '+' : '-'}${names[bit] ?? `[unknown? ${hexOrZero((1 << bit) >>> 0)}]`}`;
  }
  return text === '' ? '0/0' : text;
}

/** Without signs every flag is meant: those that are not named are not set. */
export function parseFlags(slice: Slice, field: FlagField): { value: number; mask: number } {
  const text = textOf(slice);
  const numbers = /^(\w+)\/(\w+)$/.exec(text);
  if (numbers !== null) {
    const value = integerOf(numbers[1]!);
    const mask = integerOf(numbers[2]!);
    if (value !== undefined && mask !== undefined)
      return { value: bits(slice, value, field), mask: bits(slice, mask, field) };
  }
  return /^[+-]/.test(text) ? signed(slice, text, field) : { value: listed(slice, text, field), mask: field.all };
}

function signed(slice: Slice, text: string, field: FlagField): { value: number; mask: number } {
  let value = 0;
  let mask = 0;
  for (let at = 0; at < text.length; ) {
    const sign = text[at];
    let end = at + 1;
    while (end < text.length && text[end] !== '+' && text[end] !== '-') end++;
    const bit = bitOf(slice, text.slice(at + 1, end), field, at + 1);
    if ((mask & bit) !== 0) throw fault(slice, `the flag "${text.slice(at + 1, end)}" stands twice`, at);
    mask |= bit;
    if (sign === '+') value |= bit;
    at = end;
  }
  return { value, mask };
}

function listed(slice: Slice, text: string, field: FlagField): number {
  let value = 0;
  let at = 0;
  for (const word of text.split('|')) {
    const number = integerOf(word);
    value |= number === undefined ? bitOf(slice, word, field, at) : bits(slice, number, field);
    at += word.length + 1;
  }
  return value;
}

function bitOf(slice: Slice, name: string, { names }: FlagField, at: number): number {
  if (name === '') throw fault(slice, `a flag is missing: ${names.join(', ')} are flags`, at);
  const bit = names.indexOf(name);
  if (bit < 0) throw fault(slice, `"${shortened(name)}" is no flag: ${names.join(', ')} are`, at);
  return 1 << bit;
}

function bits(slice: Slice, value: bigint, { all }: FlagField): number {
  if ((value & ~BigInt(all)) !== 0n)
    throw fault(slice, `${hexOrZero(value)} has bits that are no flags: ${hex(all)} are all`);
  return Number(value);
}

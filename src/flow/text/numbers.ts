/** Integers as ovs-ofctl reads them (strtoull with base 0: decimal, 0x…, and octal after a 0) and prints them (`%#x`). */

import { fault, shortened } from './fault.ts';
import { type Slice, textOf } from './slice.ts';

/** As C prints with `%#x`: nothing is put before 0. */
export function hexOrZero(value: number | bigint): string {
  return value === 0 || value === 0n ? '0' : `0x${value.toString(16)}`;
}

export function hex(value: number | bigint, digits = 1): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** Longer than the decimal digits of any field. */
const LONGEST = 320;

/** undefined where the text is no integer. */
export function integerOf(text: string): bigint | undefined {
  if (text.length > LONGEST) return undefined;
  if (/^0[xX][0-9a-fA-F]+$/.test(text) || /^(0|[1-9][0-9]*)$/.test(text)) return BigInt(text);
  return /^0[0-7]+$/.test(text) ? BigInt(`0o${text}`) : undefined;
}

/** `what` names the number for people: `priority`. */
export function bigintIn(slice: Slice, bits: number, what: string): bigint {
  const text = textOf(slice);
  const value = integerOf(text);
  if (value === undefined) {
    throw fault(slice, `${what} needs a number${text === '' ? '' : `, not "${shortened(text)}"`}`);
  }
  if (value >> BigInt(bits) !== 0n) {
    throw fault(slice, tooHigh(text, bits, what));
  }
  return value;
}

export function numberIn(slice: Slice, bits: 8 | 16 | 32, what: string): number {
  return Number(bigintIn(slice, bits, what));
}

/** Where ovs-ofctl reads nothing but decimal digits (atoi), and would take 0x10 for 0. */
export function decimalIn(slice: Slice, bits: 16 | 32, what: string): number {
  const text = textOf(slice);
  const value = /^\d{1,20}$/.test(text) ? Number(text) : undefined;
  if (value === undefined) throw fault(slice, `${what} needs a decimal number, not "${shortened(text)}"`);
  if (value >= 2 ** bits) throw fault(slice, tooHigh(text, bits, what));
  return value;
}

function tooHigh(text: string, bits: number, what: string): string {
  const highest = (1n << BigInt(bits)) - 1n;
  return `${shortened(text)} does not fit: ${what} has ${bits} bits, so ${bits > 16 ? hex(highest) : highest} is the highest`;
}

/**
 * A match's fields in the one order that the table of fields has (OpenFlow 1.4, 7.2.2), from bytes to bytes: whoever
 * only compares matches need not decode them.
 */

import { FIELD_NAMES, fieldRow } from './oxm-fields.ts';
import { headerOf, PLAIN_FIELDS } from './oxm-plain.ts';

interface Header {
  /** The field's place in the table. */
  order: number;
  masked: boolean;
  /** Of the value, and of the mask. */
  bytes: number;
  /** Bits at the front of a value that the field has not. */
  spare: number;
}

let table: Map<number, Header> | undefined;

function headers(): Map<number, Header> {
  const found = new Map<number, Header>();
  for (const name of PLAIN_FIELDS) {
    const { bits, bytes, maskable } = fieldRow(name);
    const header = { order: FIELD_NAMES.indexOf(name), bytes, spare: 8 * bytes - bits };
    found.set(headerOf(name, false) | 0, { ...header, masked: false });
    if (maskable) found.set(headerOf(name, true) | 0, { ...header, masked: true });
  }
  return found;
}

/** Fields of a match at most, here; more are rare. */
const MOST = 32;
const starts = new Int32Array(MOST);
const ends = new Int32Array(MOST);
const orders = new Int32Array(MOST);

/**
 * Writes the fields from `start` to `end` in order into `target` at `at`, where there is room for them; gives their end
 * there. -1: not all are plain (one width, a header of four bytes), or one stands twice, has bits that it has not, or a
 * mask that the canonical form would leave out or change: then they are to be decoded.
 */
export function putInOrder(bytes: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  table ??= headers();
  let count = 0;
  let last = -1;
  let sorted = true;
  for (let p = start; p < end; ) {
    if (end - p < 4 || count === MOST) return -1;
    const header = table.get((bytes[p]! << 24) | (bytes[p + 1]! << 16) | (bytes[p + 2]! << 8) | bytes[p + 3]!);
    const next = p + 4 + bytes[p + 3]!;
    if (header === undefined || next > end) return -1;
    if (header.spare > 0 && !fits(bytes, p + 4, header.spare)) return -1;
    if (header.masked && !isTelling(bytes, p + 4, header)) return -1;
    if (header.order <= last) sorted = false;
    last = header.order;
    starts[count] = p;
    ends[count] = next;
    orders[count++] = last;
    p = next;
  }
  if (!sorted && !sort(count)) return -1;
  for (let i = 0; i < count; i++) for (let p = starts[i]!; p < ends[i]!; p++) target[at++] = bytes[p]!;
  return at;
}

/** Whether a value has none of the bits that its field has not. */
function fits(bytes: Uint8Array, at: number, spare: number): boolean {
  let left = spare;
  for (; left >= 8; left -= 8) if (bytes[at++] !== 0) return false;
  return left === 0 || bytes[at]! >>> (8 - left) === 0;
}

/** The mask has some bits and not all of them, and the value none outside it. */
function isTelling(bytes: Uint8Array, at: number, { bytes: width, spare }: Header): boolean {
  const mask = at + width;
  if (spare > 0 && !fits(bytes, mask, spare)) return false;
  let some = 0;
  let all = true;
  let left = spare;
  for (let i = 0; i < width; i++) {
    const bits = bytes[mask + i]!;
    if ((bytes[at + i]! & ~bits) !== 0) return false;
    some |= bits;
    if (bits !== (left >= 8 ? 0 : 0xff >>> left)) all = false;
    left = Math.max(0, left - 8);
  }
  return some !== 0 && !all;
}

/** By insertion: there are few, most of them in order. False: one stands twice. */
function sort(count: number): boolean {
  for (let i = 1; i < count; i++) {
    const order = orders[i]!;
    const from = starts[i]!;
    const to = ends[i]!;
    let j = i - 1;
    for (; j >= 0 && orders[j]! > order; j--) {
      orders[j + 1] = orders[j]!;
      starts[j + 1] = starts[j]!;
      ends[j + 1] = ends[j]!;
    }
    if (j >= 0 && orders[j] === order) return false;
    orders[j + 1] = order;
    starts[j + 1] = from;
    ends[j + 1] = to;
  }
  return true;
}

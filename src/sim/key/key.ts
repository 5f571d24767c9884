/** A packet's key, and its runs of bits: read, written, moved. All that matches and actions do to fields comes down to this. */

import { KEY_WORDS, WORD } from './layout.ts';

/** What is known of a packet, as layout.ts says. */
export type Key = Uint32Array;

export function emptyKey(): Key {
  return new Uint32Array(KEY_WORDS);
}

/** A run of up to 32 bits from bit `position` upwards, counted from the lowest bit of the word `last`. */
export function readRun(words: Key, last: number, position: number, bits: number): number {
  const word = last - (position >>> 5);
  const shift = position & 31;
  let value = words[word]! >>> shift;
  if (shift + bits > 32) value |= words[word - 1]! << (32 - shift);
  return bits === 32 ? value >>> 0 : (value & ((1 << bits) - 1)) >>> 0;
}

/** Writes the lowest `bits` (up to 32) of the value. */
export function writeRun(words: Key, last: number, position: number, bits: number, value: number): void {
  const word = last - (position >>> 5);
  const shift = position & 31;
  const mask = bits === 32 ? -1 : (1 << bits) - 1;
  words[word] = (words[word]! & ~(mask << shift)) | ((value & mask) << shift);
  if (shift + bits <= 32) return;
  const over = 32 - shift;
  words[word - 1] = (words[word - 1]! & ~(mask >>> over)) | ((value & mask) >>> over);
}

/** Bits of a key from one place to another; the runs may overlap. */
export function moveRun(
  from: Key,
  fromLast: number,
  fromPosition: number,
  to: Key,
  toLast: number,
  toPosition: number,
  bits: number,
): void {
  if (bits <= 32) {
    writeRun(to, toLast, toPosition, bits, readRun(from, fromLast, fromPosition, bits));
    return;
  }
  const parts: number[] = [];
  for (let done = 0; done < bits; done += 32) {
    parts.push(readRun(from, fromLast, fromPosition + done, Math.min(32, bits - done)));
  }
  for (let i = 0; i < parts.length; i++) {
    writeRun(to, toLast, toPosition + 32 * i, Math.min(32, bits - 32 * i), parts[i]!);
  }
}

/** What connection tracking said is forgotten. */
export function clearConnection(key: Key): void {
  key.fill(0, WORD.ctState, WORD.ctTpDst + 1);
}

/** Reserved ports have 32 bits in a key, and 16 where Nicira's actions name a port (OFPP_* and ofp_to_u16). */
export function widePort(port: number): number {
  return port >= 0xff00 ? (port | 0xffff_0000) >>> 0 : port;
}

/** Whether two keys have other values in so many words. */
export function differs(one: Key, other: Key, word: number, words: number): boolean {
  for (let i = word; i < word + words; i++) if (one[i] !== other[i]) return true;
  return false;
}

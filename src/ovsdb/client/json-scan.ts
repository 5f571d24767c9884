/** Finds where a JSON text ends, chunk by chunk, without reading what it says. It runs over every byte received. */

export interface JsonScan {
  /** Arrays and objects that are open; 0: between texts. */
  depth: number;
  /** 0: outside strings · 1: in a string · 2: in a string, after a backslash. */
  place: 0 | 1 | 2;
  /** Digits in a row so far, outside strings. */
  digits: number;
  /** The text has a number that may be an integer beyond 2^53: those have sixteen digits and more. */
  longNumbers: boolean;
}

export function createScan(): JsonScan {
  return { depth: 0, place: 0, digits: 0, longNumbers: false };
}

const other = 0;
const digit = 1;
const quote = 2;
const open = 3;

const kinds = new Uint8Array(256).fill(other);
for (const byte of Buffer.from('0123456789')) kinds[byte] = digit;
kinds[0x22] = quote;
for (const byte of Buffer.from('[{')) kinds[byte] = open;
for (const byte of Buffer.from(']}')) kinds[byte] = open + 1;

/**
 * The place after the text's last byte; -1: it goes on in the next chunk, or is nested deeper than `deepest`.
 * Bytes of a multi-byte character are all 0x80 and above, so that looking at single bytes is safe.
 */
export function findEnd(scan: JsonScan, chunk: Uint8Array, from: number, deepest: number): number {
  // Local variables make this loop several times faster.
  let { depth, place, digits } = scan;
  let longNumbers = depth > 0 && scan.longNumbers;
  let end = -1;
  let index = from;
  while (index < chunk.length) {
    if (place === 0) {
      const kind = kinds[chunk[index++]!]!;
      if (kind === digit) {
        if (++digits === 16) longNumbers = true;
        continue;
      }
      digits = 0;
      if (kind === other) continue;
      if (kind === quote) place = 1;
      else if (kind === open) {
        if (++depth > deepest) break;
      } else if (--depth === 0) {
        end = index;
        break;
      }
    } else if (place === 1) {
      let byte = 0;
      while (index < chunk.length) {
        byte = chunk[index++]!;
        if (byte === 0x22 || byte === 0x5c) break;
      }
      if (byte === 0x22) place = 0;
      else if (byte === 0x5c) place = 2;
    } else {
      place = 1;
      index++;
    }
  }
  scan.depth = depth;
  scan.place = place;
  scan.digits = digits;
  scan.longNumbers = longNumbers;
  return end;
}

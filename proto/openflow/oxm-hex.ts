/** Field values above 64 bits as `0x…` text ⇄ bytes, without bigints between: registers of 128 bits, ct_label. */

import { HEX, prefixedHex } from '../wire/address.ts';

const ZERO = 48;

/** Bytes whose digits are sooner put together one by one; text of more would keep all its pieces. */
const FEW = 5;

/** Without leading zeros; `0x0` where there are only those. */
export function hexAt(bytes: Uint8Array, at: number, size: number): string {
  let first = at;
  const last = at + size - 1;
  while (first < last && bytes[first] === 0) first++;
  if (last - first >= FEW) return prefixedHex(bytes, first, last - first + 1, bytes[first]! < 16);
  let text = `0x${bytes[first]!.toString(16)}`;
  for (let i = first + 1; i <= last; i++) text += HEX[bytes[i]!];
  return text;
}

/** Writes `size` bytes at `at`; false, and some may be written, where the text is not 0x and up to 2 × `size` digits. */
export function putHex(bytes: Uint8Array, at: number, size: number, text: string): boolean {
  if (text.length > 2 + 2 * size || text.charCodeAt(0) !== ZERO || text[1] !== 'x') return false;
  let from = text.length;
  for (let i = at + size - 1; i >= at; i--) {
    const low = from > 2 ? digit(text.charCodeAt(--from)) : 0;
    const high = from > 2 ? digit(text.charCodeAt(--from)) : 0;
    if (low < 0 || high < 0) return false;
    bytes[i] = (high << 4) | low;
  }
  return true;
}

/** -1 where the character is no hex digit. */
function digit(code: number): number {
  if (code >= ZERO && code <= 57) return code - ZERO;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

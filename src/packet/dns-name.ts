/** Names of DNS ⇄ text (RFC 1035 3.1, compression: 4.1.4; text: 5.1). */

import { holds } from './bytes.ts';

const LONGEST_NAME = 255;
const LONGEST_LABEL = 63;
/** A name of more labels is too long, so no more pointers are of use; long chains of them would cost time. */
const MOST_POINTERS = 127;

export interface FoundName {
  /** Without the dot at the end; the root is `.`. Dots and backslashes in a label, and what is no text, are escaped. */
  name: string;
  /** Behind it, where it stands. */
  end: number;
}

/** Pointers count from `message`. undefined where it is cut, too long, or leads in circles. */
export function parseDnsName(bytes: Uint8Array, offset: number, end: number, message: number): FoundName | undefined {
  if (!holds(bytes, offset, 1, end)) return undefined;
  const labels: string[] = [];
  let at = offset;
  let after = -1;
  let length = 1;
  let pointers = 0;
  // What a pointer leads to begins before all that was read of the name so far: so it ends.
  let before = offset;
  while (at < end) {
    const size = bytes[at]!;
    if (size === 0) {
      return { name: labels.length === 0 ? '.' : labels.join('.'), end: after < 0 ? at + 1 : after };
    }
    if (size >= 0xc0) {
      if (at + 2 > end || ++pointers > MOST_POINTERS) return undefined;
      if (after < 0) after = at + 2;
      at = message + (((size & 0x3f) << 8) | bytes[at + 1]!);
      if (at >= before) return undefined;
      before = at;
      continue;
    }
    length += 1 + size;
    if (size > LONGEST_LABEL || at + 1 + size > end || length > LONGEST_NAME) return undefined;
    labels.push(labelText(bytes, at + 1, at + 1 + size));
    at += 1 + size;
  }
  return undefined;
}

function labelText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    const character = String.fromCharCode(byte);
    if (character === '.' || character === '\\') text += `\\${character}`;
    else text += byte > 0x20 && byte < 0x7f ? character : `\\${byte.toString().padStart(3, '0')}`;
  }
  return text;
}

/** Without compression. */
export function buildDnsName(name: string): Uint8Array {
  const bytes: number[] = [];
  for (const label of name === '.' || name === '' ? [] : labelsOf(name)) {
    if (label.length === 0 || label.length > LONGEST_LABEL) {
      throw new RangeError(`a label of a name has 1 to ${LONGEST_LABEL} bytes: "${name}"`);
    }
    bytes.push(label.length, ...label);
  }
  bytes.push(0);
  if (bytes.length > LONGEST_NAME) throw new RangeError(`a name has ${LONGEST_NAME} bytes at most: "${name}"`);
  return Uint8Array.from(bytes);
}

function labelsOf(name: string): number[][] {
  const labels: number[][] = [[]];
  for (const [part] of name.matchAll(/\\\d{3}|\\?./gs)) {
    if (part === '.') labels.push([]);
    else labels.at(-1)!.push(byteOf(part, name));
  }
  // A dot at the end is the root's.
  if (labels.at(-1)!.length === 0) labels.pop();
  return labels;
}

function byteOf(part: string, name: string): number {
  const byte = part.length === 4 ? Number(part.slice(1)) : part.charCodeAt(part.length - 1);
  if (byte > 0xff) throw new RangeError(`a name's characters are bytes: "${name}"`);
  return byte;
}

/** Bytes as ovs-ofctl's note and userdata have them: pairs of hex digits, with points between them as one likes. */

import { shortened } from './numbers.ts';
import { fault, type Slice, textOf } from './slice.ts';

export function hexOctets(slice: Slice, what: string): Uint8Array {
  const text = textOf(slice);
  const bytes: number[] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] === '.') {
      at++;
      continue;
    }
    const pair = text.slice(at, at + 2);
    if (!/^[0-9a-fA-F]{2}$/.test(pair)) {
      throw fault(slice, `${what} is pairs of hex digits, as 01.0a.ff; "${shortened(text.slice(at))}" is none`, at);
    }
    bytes.push(Number.parseInt(pair, 16));
    at += 2;
  }
  return Uint8Array.from(bytes);
}

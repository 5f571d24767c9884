/** Bytes as ovs-ofctl's note and userdata have them: pairs of hex digits, with dots between them as one likes. */

import { hexText } from '../../../proto/wire/address.ts';
import { fault, shortened } from './fault.ts';
import { type Slice, textOf } from './slice.ts';

export function formatHexOctets(bytes: Uint8Array): string {
  return hexText(bytes).replace(/..(?=.)/g, '$&.');
}

export function parseHexOctets(slice: Slice, what: string): Uint8Array {
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

/** Values of match fields, as messages have them (OpenFlow 1.4, 7.2.2) ⇄ words of a key, most significant first. */

import type { FieldRow, FieldValue } from '../../../proto/openflow/oxm-fields.ts';
import {
  hexBytes,
  hexText,
  ipv4Number,
  ipv4Text,
  ipv6Bytes,
  ipv6Text,
  macBytes,
  macText,
} from '../../../proto/wire/address.ts';

/** The value in as many words as it takes, in their lowest bits. A tunnel option has as many bytes as its text. */
export function wordsOf(row: FieldRow, value: FieldValue): number[] {
  switch (row.kind) {
    case 'number':
      return [value as number];
    case 'bigint':
      return [Number((value as bigint) >> 32n), Number((value as bigint) & 0xffff_ffffn)];
    case 'ipv4':
      return [ipv4Number(value as string) ?? 0];
    case 'mac':
      return packed(macBytes(value as string) ?? new Uint8Array(6));
    case 'ipv6':
      return packed(ipv6Bytes(value as string) ?? new Uint8Array(16));
    case 'hex':
      return packed(hexBytes((value as string).slice(2).padStart(2 * row.bytes, '0')) ?? new Uint8Array(row.bytes));
    case 'octets':
      return packed(hexBytes((value as string).slice(2)) ?? new Uint8Array(4));
  }
}

/** Bytes as a number of so many bits, in words. */
function packed(bytes: Uint8Array): number[] {
  const words = new Array<number>(Math.ceil(bytes.length / 4)).fill(0);
  for (let i = 0; i < bytes.length; i++) {
    const word = words.length - 1 - ((bytes.length - 1 - i) >>> 2);
    words[word] = ((words[word]! << 8) | bytes[i]!) >>> 0;
  }
  return words;
}

/** `bits`: of a tunnel option, whose width the TLV table says. */
export function fieldValueOf(row: FieldRow, words: readonly number[], bits = row.bits): FieldValue {
  switch (row.kind) {
    case 'number':
      return words[words.length - 1]! >>> 0;
    case 'bigint':
      return (BigInt(words[0]! >>> 0) << 32n) | BigInt(words[1]! >>> 0);
    case 'ipv4':
      return ipv4Text(words[0]! >>> 0);
    case 'mac':
      return macText(unpacked(words, 6));
    case 'ipv6':
      return ipv6Text(unpacked(words, 16));
    case 'hex':
      return `0x${hexText(unpacked(words, row.bytes)).replace(/^0+(?=.)/, '')}`;
    case 'octets':
      return `0x${hexText(unpacked(words, bits / 8))}`;
  }
}

function unpacked(words: readonly number[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const behind = length - 1 - i;
    bytes[i] = words[words.length - 1 - (behind >>> 2)]! >>> (8 * (behind & 3));
  }
  return bytes;
}

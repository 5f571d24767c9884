/**
 * The one form in which a desired flow and the switch's own dump of it are equal. Open vSwitch re-encodes what it is
 * given: fields in its own order, NXM as OXM, full masks left out.
 */

import type { Match } from '../../proto/openflow/match.ts';
import { isField, isMasked } from '../../proto/openflow/oxm.ts';
import { FIELD_NAMES, type FieldRow, type FieldValue, fieldRow, type Masked } from '../../proto/openflow/oxm-fields.ts';
import { hexBytes, hexText, ipv4Number, ipv4Text, ipv6Bytes, ipv6Text, macBytes } from '../../proto/wire/address.ts';

/** The table lists a field after those it needs; on the wire they must stand in that order too. */
const ORDER = new Map<string, number>(FIELD_NAMES.map((name, index) => [name, index]));

function inOrder(a: string, b: string): number {
  return (ORDER.get(a) ?? FIELD_NAMES.length) - (ORDER.get(b) ?? FIELD_NAMES.length) || (a < b ? -1 : 1);
}

/** Few sets of fields come again and again. */
const SORTED = new Map<string, readonly string[]>();
const MOST_SORTED = 1000;

function namesInOrder(match: Match): readonly string[] {
  const names = Object.keys(match);
  if (names.length < 2) return names;
  const text = names.join();
  let found = SORTED.get(text);
  if (found === undefined) {
    found = names.toSorted(inOrder);
    if (SORTED.size < MOST_SORTED) SORTED.set(text, found);
  }
  return found;
}

/** Masks of all ones left out, fields masked to nothing left out, bits outside a mask zero, names in order. */
export function canonicalMatch(match: Match): Match {
  const result: Record<string, FieldValue | Masked<FieldValue>> = {};
  for (const name of namesInOrder(match)) {
    const value = match[name as keyof Match] as FieldValue | Masked<FieldValue> | undefined;
    if (value === undefined) continue;
    const canonical = isField(name) && isMasked(value) ? canonicalMasked(fieldRow(name), value) : value;
    if (canonical !== undefined) result[name] = canonical;
  }
  return result as Match;
}

function canonicalMasked(
  row: FieldRow,
  { value, mask }: Masked<FieldValue>,
): FieldValue | Masked<FieldValue> | undefined {
  const maskBits = toBits(row, mask);
  if (maskBits === 0n) return undefined;
  const valueBits = toBits(row, value) & maskBits;
  const width = row.kind === 'octets' ? 4 * (String(mask).length - 2) : row.bits;
  const all = (1n << BigInt(width)) - 1n;
  if ((maskBits & all) === all) return fromBits(row, valueBits, width);
  return { value: fromBits(row, valueBits, width), mask: fromBits(row, maskBits, width) };
}

function toBits(row: FieldRow, value: FieldValue): bigint {
  switch (row.kind) {
    case 'mac':
      return bitsOf(macBytes(String(value)));
    case 'ipv4':
      return BigInt(ipv4Number(String(value)) ?? 0);
    case 'ipv6':
      return bitsOf(ipv6Bytes(String(value)));
    default:
      return BigInt(value);
  }
}

function bitsOf(bytes: Uint8Array | undefined): bigint {
  return bytes === undefined ? 0n : BigInt(`0x${hexText(bytes)}`);
}

function fromBits(row: FieldRow, bits: bigint, width: number): FieldValue {
  switch (row.kind) {
    case 'number':
      return Number(bits);
    case 'bigint':
      return bits;
    case 'hex':
      return `0x${bits.toString(16)}`;
    case 'octets':
      return `0x${bits.toString(16).padStart(width / 4, '0')}`;
    case 'ipv4':
      return ipv4Text(Number(bits));
    case 'ipv6':
      return ipv6Text(hexBytes(bits.toString(16).padStart(32, '0'))!);
    case 'mac':
      return bits
        .toString(16)
        .padStart(12, '0')
        .replace(/..(?=.)/g, '$&:');
  }
}

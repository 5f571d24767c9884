/** Ranges of addresses, and what is left of prefixes without others, as the fewest prefixes (RFC 4632). */

import {
  bitsOf,
  type Family,
  holds,
  type IpPrefix,
  lastOf,
  meet,
  networkOf,
  networkText,
  parseIp,
} from '../../proto/wire/prefix.ts';

/** The fewest prefixes that hold just the addresses from the first to the last. */
export function rangePrefixes(first: string, last: string): string[] {
  const { family, number } = parseIp(first)!;
  const end = parseIp(last)!.number;
  const prefixes: string[] = [];
  for (let at = number; at <= end; ) {
    const prefix = widestAt(family, at, end);
    prefixes.push(networkText(prefix));
    at = lastOf(prefix).number + 1n;
  }
  return prefixes;
}

function widestAt(family: Family, number: bigint, end: bigint): IpPrefix {
  let prefix: IpPrefix = { family, number, length: bitsOf(family) };
  for (let length = prefix.length - 1; length >= 0; length--) {
    const wider = { family, number, length };
    if (networkOf(wider).number !== number || lastOf(wider).number > end) break;
    prefix = wider;
  }
  return prefix;
}

/** The fewest prefixes that hold the addresses of `prefix` that are in none of the others. */
export function without(prefix: IpPrefix, others: readonly IpPrefix[]): IpPrefix[] {
  const near = others.filter((other) => meet(prefix, other));
  if (near.length === 0) return [prefix];
  if (near.some((other) => holds(other, prefix))) return [];
  const length = prefix.length + 1;
  const upper = 1n << BigInt(bitsOf(prefix.family) - length);
  return [prefix.number, prefix.number | upper].flatMap((number) => without({ ...prefix, number, length }, near));
}

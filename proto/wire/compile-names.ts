/** For generated decoders: the expressions that make names of numbers. */

import { flagsIn } from './flags.ts';
import type { FunctionSource } from './generate.ts';

/** The name of a number, or the number: a table where the codes lie close together. */
export function named(source: FunctionSource, number: string, codes: Readonly<Record<string, number>>): string {
  const entries = Object.entries(codes);
  if (entries.length === 0) return number;
  const lowest = Math.min(...entries.map(([, code]) => code));
  const highest = Math.max(...entries.map(([, code]) => code));
  if (highest - lowest > 255) {
    const byCode = new Map(entries.map(([name, code]) => [code, name]));
    return `${source.constant(byCode)}.get(${number}) ?? ${number}`;
  }
  const table: (string | undefined)[] = Array.from({ length: highest - lowest + 1 }, () => undefined);
  for (const [name, code] of entries) table[code - lowest] = name;
  const bounds = [];
  if (lowest > 0) bounds.push(`${number} < ${lowest}`);
  bounds.push(`${number} > ${highest}`);
  return `${bounds.join(' || ')} ? ${number} : ${source.constant(table)}[${number} - ${lowest}] ?? ${number}`;
}

/** Small numbers, which most flags are, from a table of lists: each value gets one of its own. */
const LISTED = 256;

/** The names of the bits of a number, and what is left of it. */
export function flagged(source: FunctionSource, number: string, bits: Readonly<Record<string, number>>): string {
  const entries = Object.entries(bits);
  const lists: ((string | number)[] | undefined)[] = Array.from({ length: LISTED }, () => undefined);
  const names = (value: number) => {
    if (value >= LISTED) return flagsIn(value, entries);
    lists[value] ??= flagsIn(value, entries);
    return lists[value].slice();
  };
  const call = `${source.constant(names)}(${number})`;
  return flagsIn(0, entries).length === 0 ? `${number} === 0 ? [] : ${call}` : call;
}

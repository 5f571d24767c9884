/** For generated decoders: the expressions that make names of numbers. */

import { flagLists } from './flags.ts';
import type { FunctionSource } from './generate.ts';
import { EMPTY } from './list.ts';

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

/** The names of the bits of a number, and what is left of it. */
export function flagged(source: FunctionSource, number: string, bits: Readonly<Record<string, number>>): string {
  const call = `${source.constant(flagLists(bits))}(${number}, r)`;
  return Object.values(bits).includes(0) ? call : `${number} === 0 ? ${source.constant(EMPTY)} : ${call}`;
}

/** Errors of the parser: where a slice starts, with the word that is wrong and the known ones that are nearest to it. */

import { nearest } from '../../text/suggest.ts';
import { FlowTextError } from './flow-text-error.ts';
import type { Slice } from './slice.ts';

/** An error at the slice's start, or `offset` characters after it. */
export function fault(slice: Slice, problem: string, offset = 0): FlowTextError {
  return new FlowTextError(problem, slice.whole, slice.start + offset + 1);
}

/** As many known words as are all named. */
const FEW = 12;

/** Goes behind the statement that the word is unknown: the nearest known one, or all of them where they are few. */
export function hint(word: string, known: Iterable<string>): string {
  const names = [...known];
  const near = nearest(word, names);
  if (near !== undefined) return `; did you mean ${near}?`;
  return names.length > FEW ? '' : `; there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
}

/** A word as a message quotes it. */
export function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

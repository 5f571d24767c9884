/** What to do about a word that nobody knows: the nearest known one, or all of them where they are few. */

import { nearest } from '../../text/suggest.ts';

const FEW = 12;

/** Goes behind the statement that the word is unknown. */
export function hint(word: string, known: Iterable<string>): string {
  const names = [...known];
  const near = nearest(word, names);
  if (near !== undefined) return `; did you mean ${near}?`;
  return names.length > FEW ? '' : `; there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
}

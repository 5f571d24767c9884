/** A rule written as a sentence: its words become the object form with the same words, held against the same schema. */

import type { z } from 'zod';
import type { Findings } from './findings.ts';
import type { Path } from './path.ts';
import { show } from './schema-values.ts';
import { readIssues } from './shape.ts';

/** Between spaces; what stands in double quotes is one word, without them. In it a backslash keeps the next character as it is. */
export function wordsOf(sentence: string): string[] {
  return Array.from(
    sentence.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g),
    ([word, quoted]) => quoted?.replace(/\\(.)/g, '$1') ?? word,
  );
}

/** How a sentence is made, and one that is. */
export interface Grammar {
  form: string;
  example: string;
}

/** `parse` gives the object form, or undefined where the sentence is not of the grammar's form. */
export function readWords<Schema extends z.ZodType>(
  sentence: string,
  { form, example }: Grammar,
  parse: (words: readonly string[]) => Record<string, unknown> | undefined,
  schema: Schema,
  path: Path,
  findings: Findings,
): z.infer<Schema> | undefined {
  const object = parse(wordsOf(sentence));
  if (object === undefined) {
    findings.problem(path, `${show(sentence)} is not of the form \`${form}\``, `write it like \`${example}\``);
    return undefined;
  }
  const read = schema.safeParse(object);
  if (read.success) return read.data;
  for (const issue of readIssues(read.error.issues, [])) {
    findings.problem(path, `${show(sentence)}: ${issue.message}`, issue.fix);
  }
  return undefined;
}

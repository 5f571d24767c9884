/** What a schema of zod says of a place in it: the keys that a map may have, and which form of a union was meant. */

import type { z } from 'zod';
import type { Path } from './path.ts';

export type ZodIssue = z.core.$ZodIssue;

/** The keys that a map may have, found by walking the schema along the path. None where they can't be known. */
export function knownKeys(schema: unknown, path: Path): string[] {
  let nodes = unwrap(schema);
  for (const part of path) nodes = nodes.flatMap((node) => step(node, part)).flatMap(unwrap);
  return [...new Set(nodes.flatMap(({ shape = {} }) => Object.keys(shape)))];
}

/** Of a union's forms the one that the user wrote: it has the outer type, is wrong inside only, and has the fewest issues. */
export function meantBranch(branches: readonly (readonly ZodIssue[])[]): readonly ZodIssue[] | undefined {
  const size = (branch: readonly ZodIssue[]) =>
    branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
  const outside = (branch: readonly ZodIssue[]) =>
    Number(branch.some((issue) => issue.path.length === 0 && issue.code !== 'unrecognized_keys'));
  return branches
    .filter((branch) => !branch.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'))
    .sort((a, b) => outside(a) - outside(b) || size(a) - size(b))[0];
}

interface Definition {
  innerType?: unknown;
  options?: unknown[];
  in?: unknown;
  out?: unknown;
  element?: unknown;
  valueType?: unknown;
  shape?: Record<string, unknown>;
}

/** The schemas behind what is optional, has a default, is one of several, or is transformed. */
function unwrap(node: unknown): Definition[] {
  // An app may bring a zod of its own, of another version.
  const def = (node as { _zod?: { def?: Definition } } | undefined)?._zod?.def;
  if (def === undefined) return [];
  const inner = def.innerType === undefined ? (def.options ?? [def.in, def.out]) : [def.innerType];
  const found = inner.filter((each) => each !== undefined);
  return found.length === 0 ? [def] : found.flatMap(unwrap);
}

function step(def: Definition, part: string | number): unknown[] {
  const next = typeof part === 'number' ? def.element : (def.shape?.[part] ?? def.valueType);
  return next === undefined ? [] : [next];
}

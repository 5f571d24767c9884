/** Holds the file's values against the schema: every issue becomes a problem, and what is sound goes on to the cross checks. */

import { suggestion } from '../text/suggest.ts';
import { labelOf, type Path, pointerOf } from './path.ts';
import { fileForm, type WrittenForm } from './schema-file.ts';
import { FIX_SEPARATOR } from './schema-values.ts';
import { knownKeys, meantBranch, type ZodIssue } from './schema-walk.ts';
import { insteadOf } from './unsupported.ts';

export interface ShapeIssue {
  path: Path;
  /** Whether the key itself is what is wrong. */
  part: 'key' | 'value';
  message: string;
  fix: string;
  /** A key that a later version will have. */
  later?: true;
}

export interface Shape {
  /** What is left once every unsound value was taken out; undefined where nothing is. */
  form: WrittenForm | undefined;
  issues: ShapeIssue[];
  /** For lists that lost elements, by JSON pointer: the original position of each that is left. */
  positions: Map<string, number[]>;
}

export function checkShape(value: unknown): Shape {
  const positions = new Map<string, number[]>();
  const first = fileForm.safeParse(value);
  if (first.success) return { form: first.data, issues: [], positions };
  const issues = readIssues(first.error.issues, []);

  const left: unknown = structuredClone(value);
  let failed = issues;
  // Every round takes at least one value out, so this ends.
  for (;;) {
    if (!takeOut(left, failed, positions)) return { form: undefined, issues, positions };
    const again = fileForm.safeParse(left);
    if (again.success) return { form: again.data, issues, positions };
    failed = readIssues(again.error.issues, []);
  }
}

/** zod's issues as problems to tell, those of unions reduced to the form that was meant. */
export function readIssues(issues: readonly ZodIssue[], base: Path): ShapeIssue[] {
  const read = issues.flatMap((issue) => readIssue(issue, [...base, ...(issue.path as (string | number)[])]));
  const seen = new Set<string>();
  return read.filter(({ path, message }) => {
    const id = `${pointerOf(path)} ${message}`;
    return !seen.has(id) && seen.add(id);
  });
}

function readIssue(issue: ZodIssue, path: Path): ShapeIssue[] {
  const label = labelOf(path);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(fileForm, path);
    return issue.keys.map((key) => {
      const instead = insteadOf(path, key);
      const place = label === '' ? '' : ` in ${label}`;
      return {
        path: [...path, key],
        part: 'key' as const,
        message: instead === undefined ? `unknown key \`${key}\`${place}` : `\`${key}\`${place} is not supported yet`,
        fix: instead ?? suggestion(key, known),
        ...(instead === undefined ? {} : { later: true as const }),
      };
    });
  }
  if (issue.code === 'invalid_key') {
    const [message = '', fix = ''] = (issue.issues[0]?.message ?? '').split(FIX_SEPARATOR);
    return [{ path, part: 'key', message: `${labelOf(path.slice(0, -1))}: the key ${message}`, fix }];
  }
  if (issue.code === 'invalid_union') {
    const meant = meantBranch(issue.errors);
    if (meant !== undefined) {
      const read = readIssues(meant, path);
      // A form of a later version: what it lacks as one of today's forms is beside the point.
      const later = read.filter((each) => each.later);
      return later.length > 0 ? later : read;
    }
  }
  const [message = '', fix = 'mend it'] = issue.message.split(FIX_SEPARATOR);
  return [{ path, part: 'value', message: label === '' ? `the file: ${message}` : `${label}: ${message}`, fix }];
}

/** Removes what the issues name; false where that is the whole file. */
function takeOut(root: unknown, issues: readonly ShapeIssue[], positions: Map<string, number[]>): boolean {
  const targets = new Map<string, Path>();
  for (const { path } of issues) {
    // The version alone must not hide what else is wrong.
    if (path[0] === 'flowloom' && path.length === 1 && isMap(root)) {
      root.flowloom = 1;
      continue;
    }
    let target = path;
    while (target.length > 0 && !exists(root, target)) target = target.slice(0, -1);
    if (target.length === 0) return false;
    targets.set(pointerOf(target), target);
  }
  const outermost = [...targets.values()].filter(
    (path) => !path.some((_, i) => i > 0 && targets.has(pointerOf(path.slice(0, i)))),
  );
  // Later elements of a list first, or they would move before they are removed.
  outermost.sort((a, b) => compareFromEnd(a, b));
  for (const path of outermost) {
    const parent = parentOf(root, path);
    const last = path.at(-1)!;
    if (Array.isArray(parent)) {
      const list = pointerOf(originalPath(path.slice(0, -1), positions));
      const kept = positions.get(list) ?? parent.map((_, i) => i);
      kept.splice(Number(last), 1);
      positions.set(list, kept);
      parent.splice(Number(last), 1);
    } else if (isMap(parent)) delete parent[String(last)];
  }
  return true;
}

function compareFromEnd(a: Path, b: Path): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const left = a[i]!;
    const right = b[i]!;
    if (left === right) continue;
    return typeof left === 'number' && typeof right === 'number' ? right - left : String(left) < String(right) ? 1 : -1;
  }
  return b.length - a.length;
}

/** A path in what is left, as a path in the file. */
export function originalPath(path: Path, positions: ReadonlyMap<string, number[]>): Path {
  if (positions.size === 0) return path;
  const original: (string | number)[] = [];
  for (const part of path) {
    const kept = typeof part === 'number' ? positions.get(pointerOf(original)) : undefined;
    original.push(kept?.[part as number] ?? part);
  }
  return original;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parentOf(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path.slice(0, -1)) value = (value as Record<string | number, unknown>)[part];
  return value;
}

function exists(root: unknown, path: Path): boolean {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return false;
    value = (value as Record<string | number, unknown>)[part];
  }
  return true;
}

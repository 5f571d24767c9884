/** An app that is asked for, and what is wrong with that: its config is checked before anything is touched. */

import { z } from 'zod';
import type { Config } from '../config/model.ts';
import { type Path, pointerOf } from '../config/path.ts';
import { knownKeys, meantBranch, type ZodIssue } from '../config/schema-walk.ts';
import { suggestion } from '../text/suggest.ts';
import type { AnyApp, ConfigProblem } from './define-app.ts';
import { thrownWords } from './thrown.ts';

/** An app that the file or the command line names, with what stands there as its config. */
export interface AppRequest {
  definition: AnyApp;
  config: unknown;
  /** Where the config stands; and for JSON pointers inside it. */
  source: string;
  sources: Record<string, string>;
  /** The file; undefined: there is none. */
  network?: Config | undefined;
}

/** What is wrong with an app's config, at its line. */
export interface AppProblem {
  source: string;
  message: string;
  fix: string;
}

/** Two apps of one name: neither can be told from the other. */
export function twice(requests: readonly AppRequest[]): AppProblem[] {
  return requests.flatMap(({ definition: { name }, source }, index) => {
    const other = requests.findIndex(({ definition }) => definition.name === name);
    if (other === index) return [];
    const message = `two apps are called "${name}": one of ${requests[other]!.source}, one of ${source}`;
    return [{ source, message, fix: 'give one of them another name, or leave it out' }];
  });
}

export function checkConfig(request: AppRequest, problems: AppProblem[]): unknown {
  const { definition, config, source, network } = request;
  const schema: z.ZodType = definition.config ?? z.strictObject({});
  let part = 'schema';
  try {
    const result = schema.safeParse(config ?? {});
    if (!result.success) {
      problems.push(...result.error.issues.flatMap((issue) => told(issue as ZodIssue, [], schema, request)));
      return undefined;
    }
    // What is told of it, and compared: a bigint can't be.
    JSON.stringify(result.data);
    part = 'check';
    const found: readonly ConfigProblem[] = definition.check?.(result.data, network) ?? [];
    problems.push(...found.map((problem) => placed(request, at(problem.path, problem.message), problem)));
    return found.length === 0 ? result.data : undefined;
  } catch (error) {
    const message = `app "${definition.name}" can't read its config: ${thrownWords(error).message}`;
    problems.push({ source, message, fix: `mend the ${part} of app "${definition.name}"` });
    return undefined;
  }
}

/** One issue of the schema's, as the file's own are told. `base`: where the map stands that the issue's path begins at. */
function told(issue: ZodIssue, base: Path, schema: z.ZodType, request: AppRequest): AppProblem[] {
  const path: Path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  const label = path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => {
      const place = label === '' ? '' : ` in ${label}`;
      return placed(request, `: unknown key \`${key}\`${place}`, { path: [...path, key], fix: suggestion(key, known) });
    });
  }
  if (path.length > 0 && valueAt(request.config, path) === undefined)
    return [placed(request, `: \`${label}\` is missing`, { path, fix: missingFix(issue) })];
  // A union that says itself what to write is taken at its word; another version of zod may tell no branches.
  const isPlain = issue.code === 'invalid_union' && issue.message.startsWith(ZODS_OWN);
  const meant = isPlain ? meantBranch(issue.errors ?? []) : undefined;
  if (meant !== undefined) return meant.flatMap((each) => told(each, path, schema, request));
  return [placed(request, at(path, issue.message), { path, fix: 'mend it' })];
}

/** What zod's own words of a value begin with; those of an app's schema say best what is wanted. */
const ZODS_OWN = 'Invalid ';

function at(path: Path, message: string): string {
  return path.length === 0 ? `: ${message}` : ` at ${path.join('.')}: ${message}`;
}

/** At its line; what is missing, at the line of what lacks it. */
function placed(request: AppRequest, what: string, { path, fix }: { path: Path; fix: string }): AppProblem {
  const pointers = path.map((_, i) => pointerOf(path.slice(0, i + 1)));
  const known = pointers.findLast((pointer) => request.sources[pointer] !== undefined);
  return {
    source: known === undefined ? request.source : request.sources[known]!,
    message: `app "${request.definition.name}"${what}`,
    fix,
  };
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((at: unknown, part) => (at as Record<string | number, unknown> | null | undefined)?.[part], value);
}

function missingFix(issue: ZodIssue): string {
  if (!issue.message.startsWith(ZODS_OWN)) return issue.message;
  if (issue.code === 'invalid_type') return `add it, of type ${issue.expected}`;
  return issue.code === 'invalid_value' ? `add it, one of ${issue.values.map(String).join(', ')}` : 'add it';
}

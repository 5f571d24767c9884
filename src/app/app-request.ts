/** An app that is asked for, and what is wrong with that: its config is checked before anything is touched. */

import { z } from 'zod';
import type { Config } from '../config/model.ts';
import { pointerOf } from '../config/path.ts';
import type { AnyApp, ConfigProblem } from './define-app.ts';

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
      const fix = `see the README of app "${definition.name}"`;
      problems.push(...result.error.issues.map(({ path, message }) => placed(request, { path, message, fix })));
      return undefined;
    }
    // What is told of it, and compared: a bigint can't be.
    JSON.stringify(result.data);
    part = 'check';
    const found: readonly ConfigProblem[] = definition.check?.(result.data, network) ?? [];
    problems.push(...found.map((problem) => placed(request, problem)));
    return found.length === 0 ? result.data : undefined;
  } catch (error) {
    const message = `app "${definition.name}" can't read its config: ${(error as Error).message}`;
    problems.push({ source, message, fix: `mend the ${part} of app "${definition.name}"` });
    return undefined;
  }
}

interface FoundProblem extends Omit<ConfigProblem, 'path'> {
  path: readonly PropertyKey[];
}

/** At its line; what is missing, at the line of what lacks it. */
function placed({ definition, source, sources }: AppRequest, { path, message, fix }: FoundProblem): AppProblem {
  const keys = path.map(String);
  const pointers = keys.map((_, i) => pointerOf(keys.slice(0, i + 1)));
  const known = pointers.findLast((pointer) => sources[pointer] !== undefined);
  const where = keys.length === 0 ? '' : ` at ${keys.join('.')}`;
  return {
    source: known === undefined ? source : sources[known]!,
    message: `app "${definition.name}"${where}: ${message}`,
    fix,
  };
}

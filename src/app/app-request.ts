/** An app that is asked for, and what is wrong with that: its config is checked before anything is touched. */

import { z } from 'zod';
import type { AnyApp } from './define-app.ts';

/** An app that the file or the command line names, with what stands there as its config. */
export interface AppRequest {
  definition: AnyApp;
  config: unknown;
  /** Where the config stands; and for JSON pointers inside it. */
  source: string;
  sources: Record<string, string>;
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
  const { definition, config, source, sources } = request;
  const schema: z.ZodType = definition.config ?? z.strictObject({});
  let result: ReturnType<typeof schema.safeParse>;
  try {
    result = schema.safeParse(config ?? {});
    // What is told of it, and compared: a bigint can't be.
    if (result.success) JSON.stringify(result.data);
  } catch (error) {
    const message = `app "${definition.name}" can't read its config: ${(error as Error).message}`;
    problems.push({ source, message, fix: `mend the schema of app "${definition.name}"` });
    return undefined;
  }
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const pointer = issue.path.map((part) => `/${String(part)}`).join('');
    const where = issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    problems.push({
      source: sources[pointer] ?? source,
      message: `app "${definition.name}"${where}: ${issue.message}`,
      fix: `see the README of app "${definition.name}"`,
    });
  }
  return undefined;
}

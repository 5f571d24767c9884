/** What a REST route is: what the server answers, and what OpenAPI says of it. */

import type { StatisticsKind } from '../telemetry/counters/kinds.ts';
import type { ApplySource } from './apply.ts';
import { apiError } from './errors.ts';
import type { PlanSource } from './network-plan.ts';
import type { PipelineSource } from './pipeline.ts';
import type { ReleaseSource } from './release.ts';
import type { SnapshotSource } from './snapshot.ts';
import type { TraceSource } from './trace.ts';

export interface Route {
  /** Below /api/v1, parameters as `:dpid`. */
  path: string;
  summary: string;
  /** Name of the schema in `schemas.ts`; a list of it where `list` is true. */
  schema: string;
  list: boolean;
  parameters?: Record<string, string>;
  query?: Record<string, string>;
  /** Those of `query` that must be given. */
  required?: readonly string[];
  /** Asked with POST, and a body in JSON of this schema and at most so many bytes. */
  body?: { schema: string; largest: number };
  /** Counters that the answer tells: they are read before, where they are not fresh. */
  reads?: readonly StatisticsKind[] | ((asked: Asked) => readonly StatisticsKind[]);
  /** What is asked, or a promise of it. */
  answer(source: ApiSource, asked: Asked): unknown;
  /** The answer has left, and was no error. */
  answered?(source: ApiSource): void;
}

export type ApiSource = SnapshotSource & PlanSource & ApplySource & ReleaseSource & PipelineSource & TraceSource;

export interface Asked {
  parameters: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
}

/** Parameters that a route does not know are refused: a misspelt filter must not answer with everything. */
export function checkQuery(route: Route, query: Record<string, unknown>): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    const known = Object.keys(route.query ?? {});
    if (!known.includes(name)) {
      const hint = known.length === 0 ? 'it takes none' : `it takes: ${known.join(', ')}`;
      throw apiError(400, 'unknown-parameter', `/api/v1${route.path} has no query parameter "${name}"`, hint);
    }
    if (typeof value !== 'string') throw apiError(400, 'bad-parameter', `"${name}" is given more than once`);
    checked[name] = value;
  }
  return checked;
}

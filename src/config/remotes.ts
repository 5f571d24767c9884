/** Reads lists of controllers and managers. */

import { remoteColumns } from './database-sugar.ts';
import type { Findings } from './findings.ts';
import type { Remote } from './model.ts';
import type { Path } from './path.ts';

type RemoteForm = string | ({ target: string } & Parameters<typeof remoteColumns>[0]);

export function readRemotes(path: Path, given: readonly RemoteForm[], findings: Findings): Remote[] {
  const seen = new Set<string>();
  return given.map((each, i): Remote => {
    const target = typeof each === 'string' ? each : each.target;
    if (seen.has(target)) findings.problem([...path, i], `${target} is listed twice`, 'name it once');
    seen.add(target);
    return {
      source: findings.source([...path, i]),
      target,
      columns: typeof each === 'string' ? {} : remoteColumns(each),
    };
  });
}

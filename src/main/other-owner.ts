/** A file that names another owner than this Flowloom began with can't be put in force: what stands would be nobody's. */

import type { Config } from '../config/model.ts';
import type { Problem } from '../config/problem.ts';
import type { Namespace } from '../flow/namespace.ts';

export function otherOwner({ owner }: Namespace, config: Config | undefined): Problem[] {
  if (config === undefined || config.owner === owner) return [];
  return [
    {
      source: config.file,
      message: `its \`owner\` is ${config.owner}, and this Flowloom began as ${owner}: what it has made is marked so`,
      fix: `take that away with "flowloom release", then start Flowloom with this file; or leave \`owner: ${owner}\``,
    },
  ];
}

/** `/api/v1/apply`, `confirm` and `config`: another file in force, with what that changes; and the file as it is. */

import type { Applied, ApplySource } from '../api/apply.ts';
import type { PlanSource } from '../api/network-plan.ts';
import { withoutSecrets, withoutSecretText } from '../config/secrets.ts';
import { type FileInForce, unusable } from './file-in-force.ts';

export interface ApplierParts {
  files: FileInForce;
  planner: PlanSource;
  /** What `flowloom run` was given. */
  runFile: string | undefined;
  changed(): void;
}

export function createApplier({ files, planner, runFile, changed }: ApplierParts): ApplySource {
  return {
    async apply(request): Promise<Applied> {
      const name = files.nameOf(request);
      // Of the state before: what is told is what this file changes.
      const plan = await planner.plan({ ...request, file: name });
      if (plan.problems.length > 0) throw unusable(plan.problems);
      const unconfirmed = await files.apply(request, name);
      changed();
      const notes =
        name === runFile || runFile === undefined
          ? []
          : [`at the next start, and at SIGHUP, ${runFile} is read, for "flowloom run" was given that`];
      return { file: name, plan, unconfirmed, notes };
    },
    async confirm(request) {
      const confirmed = files.confirm(request);
      changed();
      return confirmed;
    },
    config() {
      const { config, text } = files;
      const status = files.status();
      if (config === undefined || text === undefined || status === null) return undefined;
      const { path, loadedAt, error, unconfirmed } = status;
      return {
        file: path,
        loadedAt,
        error,
        unconfirmed,
        text: withoutSecretText(text),
        model: withoutSecrets(config),
      };
    },
  };
}

/** Reads `apps`: names and paths, with what the user wrote as config and where each key of it stands. */

import type { Findings } from './findings.ts';
import type { AppEntry, Source } from './model.ts';
import { pointerOf } from './path.ts';
import type { FileForm } from './schema-file.ts';

export function readApps(form: FileForm, file: string, findings: Findings): AppEntry[] {
  return Object.entries(form.apps ?? {}).map(([name, config]): AppEntry => {
    const path = ['apps', name];
    if (name.trim() === '') findings.problem(path, 'an app without a name', 'write its name or its path', 'key');
    const base = pointerOf(path);
    const sources: Record<string, Source> = {};
    for (const [pointer, placed] of findings.places) {
      if (pointer === base || pointer.startsWith(`${base}/`))
        sources[pointer.slice(base.length)] = `${file}:${placed.key.line}`;
    }
    return { name, source: findings.source(path), config: config ?? {}, sources };
  });
}

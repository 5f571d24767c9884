/** Which file imports which, read from the text (TypeScript 7 has no `createProgram`, see docs/decisions/0005). */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** From each file of ours to the files of ours and the packages that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Files under version control, and new ones that will be. */
export function ourFiles(): string[] {
  const arguments_ = ['-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const output = execFileSync('git', arguments_, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  return output.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
}

/** What a file's text imports, exports from, or loads by `import(…)`; `values`: without what only the type checker sees. */
export function importsOf(text: string, which: 'all' | 'values' = 'all'): string[] {
  const code = text.replace(/^\s*(\/\*[\s\S]*?\*\/|\/\/.*$)/gm, '');
  const patterns = [
    which === 'all'
      ? /^(?:import|export)\b[^'"`;=()]*?\bfrom\s*['"]([^'"]+)['"]/gm
      : /^(?:import|export)\b(?!\s+type\b)[^'"`;=()]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
  ];
  return [...new Set(patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]!)))];
}

/** Relative specifiers as paths from the root; packages as they are. */
export function resolveImport(file: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier;
}

export function readGraph(which: 'all' | 'values' = 'all'): ImportGraph {
  const files = ourFiles().filter((file) => /\.(ts|tsx)$/.test(file));
  return new Map(
    files.map((file) => [
      file,
      importsOf(readFileSync(join(ROOT, file), 'utf8'), which).map((specifier) => resolveImport(file, specifier)),
    ]),
  );
}

/** Each cycle as the files on it, in order; the first closes it. */
export function cyclesOf(graph: ImportGraph): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, way: string[]) => {
    const from = way.indexOf(file);
    if (from >= 0) cycles.push(way.slice(from));
    if (from >= 0 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) if (graph.has(next)) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return cycles;
}

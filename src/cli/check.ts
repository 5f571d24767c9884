/** `flowloom check FILE`: says everything that is wrong with the file, or prints it with every default filled in. */

import type { Command } from 'commander';
import { describeConfig } from '../config/describe.ts';
import { loadConfig } from '../config/load.ts';
import { formatProblems } from '../config/problem.ts';

export interface Streams {
  out(text: string): void;
  error(text: string): void;
}

const PROCESS: Streams = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
};

/** The exit code: 0, or 2 for a file that cannot be used. */
export function runCheck(path: string, options: { json: boolean }, streams: Streams = PROCESS): number {
  const loaded = loadConfig(path);
  const code = loaded.ok ? 0 : 2;
  if (options.json) {
    const problems = loaded.ok ? [] : loaded.problems;
    const config = loaded.ok ? loaded.config : undefined;
    const answer = { ok: loaded.ok, problems, warnings: loaded.warnings, config };
    streams.out(`${JSON.stringify(answer, mapsAsObjects, 2)}\n`);
    return code;
  }
  if (!loaded.ok) streams.error(formatProblems(loaded.problems));
  for (const line of formatProblems(loaded.warnings).split('\n')) if (line !== '') streams.error(`warning: ${line}\n`);
  if (loaded.ok) streams.out(describeConfig(loaded.config));
  return code;
}

function mapsAsObjects(_: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('say what is wrong with FILE, or print it with every default filled in')
    .argument('<FILE>')
    .option('--json', 'as JSON')
    .action((file: string, flags: { json?: boolean }) => {
      process.exitCode = runCheck(file, { json: flags.json === true });
    });
}

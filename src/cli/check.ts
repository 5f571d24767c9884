/** `flowloom check FILE`: says what is wrong with the file and its apps, or prints it with every default filled in. */

import type { Command } from 'commander';
import { describeConfig } from '../config/describe.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/model.ts';
import { formatProblems, type Problem } from '../config/problem.ts';

export interface Streams {
  out(text: string): void;
  error(text: string): void;
}

const PROCESS: Streams = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
};

/** What is wrong with the apps that the file names. */
export type CheckApps = (config: Config) => Promise<Problem[]>;

/** The exit code: 0, or 2 for a file that cannot be used. */
export async function runCheck(
  path: string,
  options: { json: boolean },
  checkApps: CheckApps,
  streams: Streams = PROCESS,
): Promise<number> {
  const { warnings, ...loaded } = loadConfig(path);
  const problems = loaded.ok ? await problemsOfApps(loaded.config, checkApps) : loaded.problems;
  const config = loaded.ok && problems.length === 0 ? loaded.config : undefined;
  const code = config === undefined ? 2 : 0;
  if (options.json) {
    const answer = { ok: config !== undefined, problems, warnings, config };
    streams.out(`${JSON.stringify(answer, mapsAsObjects, 2)}\n`);
    return code;
  }
  streams.error(formatProblems(problems));
  for (const line of formatProblems(warnings).split('\n')) if (line !== '') streams.error(`warning: ${line}\n`);
  if (config !== undefined) streams.out(describeConfig(config));
  return code;
}

/** Those that are always there are in order where the file says nothing of them. */
async function problemsOfApps(config: Config, checkApps: CheckApps): Promise<Problem[]> {
  return config.apps.length === 0 ? [] : checkApps(config);
}

function mapsAsObjects(_: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

export function addCheck(program: Command, checkApps: CheckApps): void {
  program
    .command('check')
    .description('say what is wrong with FILE and its apps, or print it with every default filled in')
    .argument('<FILE>')
    .option('--json', 'as JSON')
    .action(async (file: string, flags: { json?: boolean }) => {
      process.exitCode = await runCheck(file, { json: flags.json === true }, checkApps);
    });
}

/** `flowloom app list`: the apps that are built in, and those that run. */

import type { Command } from 'commander';
import type { AppStatus } from '../api/snapshot.ts';
import { type AskFlags, addAskOptions, askOptions, reach } from './ask.ts';
import { formatTable } from './table.ts';

export interface BuiltInApp {
  name: string;
  /** Where in the pipeline it works. */
  stages: string[];
}

interface Listed {
  name: string;
  builtIn: boolean;
  stages: string[];
  /** null: it does not run, or no Flowloom answers. */
  running: AppStatus | null;
}

export function addAppList(group: Command, builtIn: () => Promise<BuiltInApp[]>): void {
  const command = group.command('list').description('the apps that are built in, and how those do that run');
  addAskOptions(command).action(async (flags: AskFlags) => {
    process.exitCode = await runAppList(flags, await builtIn());
  });
}

async function runAppList(flags: AskFlags, builtIn: BuiltInApp[]): Promise<number> {
  const options = askOptions(flags);
  const answer = await reach<AppStatus[]>(options, 'apps');
  if (!answer.ok && !answer.unreachable) {
    process.stderr.write(`${answer.message}\n`);
    return 1;
  }
  const running = new Map(answer.ok ? answer.body.map((app) => [app.name, app]) : []);
  const listed: Listed[] = builtIn.map((app) => ({ ...app, builtIn: true, running: running.get(app.name) ?? null }));
  for (const app of running.values()) {
    if (!listed.some(({ name }) => name === app.name))
      listed.push({ name: app.name, builtIn: false, stages: [], running: app });
  }
  if (options.json) process.stdout.write(`${JSON.stringify(listed, undefined, 2)}\n`);
  else {
    process.stdout.write(formatTable([['APP', 'FROM', 'STATE', 'FLOWS', 'STAGES'], ...listed.map(rowOf)]));
    if (!answer.ok) process.stdout.write(`\nno Flowloom answers at ${options.api}: what runs is not known\n`);
  }
  return 0;
}

function rowOf({ name, builtIn, stages, running }: Listed): string[] {
  return [
    name,
    builtIn ? 'built in' : (running?.code.from ?? 'the file'),
    stateOf(running),
    String(running?.flows ?? '-'),
    stages.join(', '),
  ];
}

function stateOf(running: AppStatus | null): string {
  if (running === null) return '-';
  const { state, error, code } = running;
  const now = error === null ? state : `${state}: ${error}`;
  return code.refused === null ? now : `${now}; newer code does not run: ${code.refused}`;
}

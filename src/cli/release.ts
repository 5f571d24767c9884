/** `flowloom release`: everything of ours goes, out of switches and hosts, and nothing else; then Flowloom ends. */

import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { ReleaseReport, ReleaseRequest } from '../api/release.ts';
import { type AskFlags, type AskOptions, addAskOptions, ask, askOptions, reach } from './ask.ts';

interface ReleaseFlags extends AskFlags {
  dryRun?: boolean;
  yes?: boolean;
  anyway?: boolean;
  dropController?: boolean;
  openflow: string;
  ovsdb: string;
}

/** One release, looked at and then done. */
export interface ReleaseSession {
  /** undefined: it was said why not. */
  survey(): Promise<ReleaseReport | undefined>;
  run(): Promise<ReleaseReport | undefined>;
  close(): Promise<void>;
}

/** Reaches hosts and switches of a file itself, where no Flowloom runs that could be asked. */
export type OpenRelease = (
  file: string,
  listen: { openflow: string; ovsdb: string },
  request: ReleaseRequest,
) => Promise<ReleaseSession>;

/** The exit code: 0; 1 where something is left, or was not done; 2 where nobody said yes. */
async function runRelease({ survey, run }: ReleaseSession, flags: ReleaseFlags): Promise<number> {
  const json = flags.json === true;
  const before = await survey();
  if (before === undefined) return 1;
  if (flags.dryRun === true) {
    process.stdout.write(json ? `${JSON.stringify(before, undefined, 2)}\n` : describeRelease(before));
    return 0;
  }
  if (flags.yes !== true) {
    process.stderr.write(describeRelease(before));
    if (!process.stdin.isTTY) {
      process.stderr.write('say --yes: it ends all that Flowloom does there\n');
      return 2;
    }
    if (!(await saysYes())) return 2;
  }
  const done = await run();
  if (done === undefined) return 1;
  process.stdout.write(json ? `${JSON.stringify(done, undefined, 2)}\n` : describeRelease(done));
  return done.left.length > 0 ? 1 : 0;
}

async function saysYes(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const answer = await Promise.race([terminal.question('type yes and all this goes: '), closed]);
  terminal.close();
  if (answer.trim() === 'yes') return true;
  process.stderr.write('nothing was done\n');
  return false;
}

function describeRelease({ done, hosts, switches, unreachable, notes, left }: ReleaseReport): string {
  const lines: string[] = [];
  for (const { name, fate, ours, others } of switches) {
    const what =
      ours === null ? 'it could not be looked into' : ours.length === 0 ? 'nothing of ours' : ours.join(', ');
    const stays = others.length === 0 ? '' : `; ${others.join(', ')} of others`;
    lines.push(`${name} (${fate}): ${what}${stays}`);
  }
  for (const { name, changes, refused } of hosts) {
    lines.push(...changes.map((line) => `${name}: ${line}`), ...refused.map((line) => `${name} stays: ${line}`));
  }
  lines.push(...unreachable.map((line) => `not reached: ${line}`), ...notes.map((line) => `note: ${line}`));
  lines.push(...left.map((line) => `left: ${line}`));
  if (!done) lines.push('nothing was done');
  else if (left.length === 0) lines.push('released: nothing of ours is left there');
  return lines.map((line) => `${line}\n`).join('');
}

export function addRelease(program: Command, open: OpenRelease): void {
  const command = program
    .command('release')
    .description('take away every flow, group, meter and row of ours and nothing else; then Flowloom ends')
    .argument('[FILE]', 'where no Flowloom runs: the hosts and switches of this file')
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'do it without asking')
    .option('--anyway', 'also where something is not reached; what is there stays')
    .option('--drop-controller', "take a bridge's last controller also where others' flows are lost with it")
    .option('--openflow <target>', 'with FILE: where its switches connect, as for "run"', 'ptcp:6653')
    .option('--ovsdb <target>', 'with FILE: where its hosts dial in, as for "run"', 'ptcp:6640');
  addAskOptions(command).action(async (file: string | undefined, flags: ReleaseFlags) => {
    const options = askOptions(flags);
    const request: ReleaseRequest = {
      ...(flags.anyway === true ? { anyway: true } : {}),
      ...(flags.dropController === true ? { dropController: true } : {}),
    };
    const running = file === undefined ? undefined : await reach(options, 'status');
    if (running?.ok === true || running?.unreachable === false) {
      process.stderr.write(`say "flowloom release" without ${file}: a Flowloom runs at ${options.api}\n`);
      process.exitCode = 2;
      return;
    }
    const session =
      file === undefined
        ? askRunning({ ...options, otherwise: 'give FILE' }, request)
        : await open(file, flags, request);
    try {
      process.exitCode = await runRelease(session, flags);
    } finally {
      await session.close();
    }
  });
}

function askRunning(options: AskOptions, request: ReleaseRequest): ReleaseSession {
  const query = request.dropController === true ? '?dropController=true' : '';
  return {
    survey: () => ask(options, `release${query}`),
    run: () => ask(options, 'release', request),
    close: async () => undefined,
  };
}

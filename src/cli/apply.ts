/** `flowloom apply FILE`: puts a file in force in the Flowloom that runs, and waits until hosts and switches are as it says. */

import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { Applied, Unconfirmed } from '../api/apply.ts';
import { formatProblems, formatWarnings, type Problem } from '../config/problem.ts';
import { type AskFlags, type AskOptions, addAskOptions, ask, askOptions, reach } from './ask.ts';
import { describePlan } from './describe-plan.ts';
import { missingOf } from './missing.ts';
import { isTooLarge, readRequest } from './plan.ts';
import { describeUnconfirmed } from './unconfirmed.ts';

interface ApplyFlags extends AskFlags {
  confirm?: number;
  confirmed?: boolean;
  wait: number;
}

interface ApplyOptions extends AskOptions {
  confirm: number | undefined;
  /** Seconds. */
  wait: number;
}

const WAIT = 60;
const LOOK_MS = 250;

/** The exit code: 0; 1 where not everything came to be in time, or was not confirmed; 2 for a file that can't be used. */
async function runApply(file: string, options: ApplyOptions): Promise<number> {
  const read = readRequest(file);
  if (!read.ok) return refuse(read.problems, options.json);
  const { request } = read;
  if (isTooLarge(request)) return 1;
  process.stderr.write(formatWarnings(read.warnings));
  const answer = await reach<Applied>(options, 'apply', { ...request, confirm: options.confirm });
  if (!answer.ok) {
    if (answer.problems !== undefined) return refuse(answer.problems, options.json);
    process.stderr.write(`${answer.message}\n`);
    return 1;
  }
  const applied = answer.body;
  const { plan, unconfirmed, notes } = applied;
  if (!options.json) {
    process.stdout.write(describePlan(plan, true));
    for (const note of notes) process.stderr.write(`note: ${note}\n`);
  }
  const end = Math.min(Date.now() + options.wait * 1000, unconfirmed?.until ?? Number.POSITIVE_INFINITY);
  const missing = await settle(options, end);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...applied, missing }, undefined, 2)}\n`);
  for (const line of missing) process.stderr.write(`not yet: ${line}\n`);
  if (missing.length === 0 && !options.json) process.stdout.write(`hosts and switches are as ${file} says\n`);
  const confirmed = unconfirmed === null || (await askToConfirm(options, applied.file, unconfirmed));
  return confirmed && missing.length === 0 ? 0 : 1;
}

/** What is still missing when the time is over; nothing: all is as the file says. */
async function settle(options: AskOptions, end: number): Promise<string[]> {
  for (;;) {
    const missing = await missingNow(options);
    if (missing.length === 0 || Date.now() + LOOK_MS > end) return missing;
    await setTimeout(LOOK_MS);
  }
}

/** A way to Flowloom that the file itself has cut is one of the things that are missing. */
async function missingNow(options: AskOptions): Promise<string[]> {
  const plan = await reach<Applied['plan']>(options, 'plan');
  return plan.ok ? missingOf(plan.body) : [plan.message];
}

/** Whether it was confirmed, or somebody can still do so. */
async function askToConfirm(options: AskOptions, file: string, unconfirmed: Unconfirmed): Promise<boolean> {
  const { id, until } = unconfirmed;
  const how = describeUnconfirmed(file, unconfirmed);
  if (!process.stdin.isTTY || options.json) {
    process.stderr.write(`${how}\n`);
    return true;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const over = AbortSignal.timeout(Math.max(0, until - Date.now()));
  try {
    const closed = new Promise<never>((_, reject) => terminal.once('close', () => reject(new Error('closed'))));
    await Promise.race([terminal.question(`${how}, or Enter here: `, { signal: over }), closed]);
  } catch {
    const what = over.aborted ? 'is in force again' : 'comes back then';
    process.stderr.write(`\nnot confirmed: the file before it ${what}\n`);
    return false;
  } finally {
    terminal.close();
  }
  return confirm(options, id);
}

async function confirm(options: AskOptions, id?: string): Promise<boolean> {
  const confirmed = await ask<Unconfirmed>(options, 'confirm', id === undefined ? {} : { id });
  if (confirmed === undefined) return false;
  process.stdout.write(options.json ? `${JSON.stringify(confirmed, undefined, 2)}\n` : 'confirmed\n');
  return true;
}

function refuse(problems: Problem[], json: boolean): number {
  if (json) process.stdout.write(`${JSON.stringify({ problems }, undefined, 2)}\n`);
  else process.stderr.write(formatProblems(problems));
  return 2;
}

export function addApply(program: Command): void {
  const command = program
    .command('apply')
    .description('put FILE in force in the Flowloom that runs, and wait until hosts and switches are as it says')
    .argument('[FILE]', 'the network; what "flowloom run" was given is read again at SIGHUP and at the next start')
    .option('--confirm <seconds>', 'the file before comes back by itself unless this one is confirmed in time', seconds)
    .option('--confirmed', 'confirm the file that waits for it')
    .option('--wait <seconds>', 'how long to wait until all is as the file says', seconds, WAIT);
  addAskOptions(command).action(async (file: string | undefined, flags: ApplyFlags) => {
    const options = { ...askOptions(flags), confirm: flags.confirm, wait: flags.wait };
    if ((file === undefined) !== (flags.confirmed === true)) {
      command.error('error: give either FILE, or --confirmed for the one that was applied', { exitCode: 2 });
    }
    if (flags.confirmed === true && flags.confirm !== undefined) {
      command.error('error: give --confirm with FILE, or --confirmed alone', { exitCode: 2 });
    }
    if (file === undefined) process.exitCode = (await confirm(options)) ? 0 : 1;
    else process.exitCode = await runApply(file, options);
  });
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('give a whole number of seconds, at most 86400.');
}

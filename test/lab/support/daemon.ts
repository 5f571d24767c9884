// A program that runs in a namespace until the lab ends it; recorded, so that a killed run leaves none behind.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, type Lab, type Namespace } from './lab.ts';
import { identify, type ProcessIdentity, signal } from './process.ts';
import { recordProcess, refuseIfClosed } from './record.ts';
import { isStopping } from './shell.ts';
import { until } from './wait.ts';

export interface Daemon {
  name: string;
  identity: ProcessIdentity;
  /** Both its outputs. */
  log: string;
  /** undefined while it runs. */
  ended: () => { code: number | null; signal: NodeJS.Signals | null } | undefined;
}

/** `name` is unique in the lab: its output goes to `NAME.log`. */
export function startDaemon(
  lab: Lab,
  name: string,
  namespace: Namespace,
  words: string[],
  env: Record<string, string> = {},
): Daemon {
  if (isStopping()) throw new Error('the lab is being taken down');
  refuseIfClosed(lab.record);
  const log = join(lab.folder, `${name}.log`);
  const output = openSync(log, 'a');
  const [program = '', ...rest] = command(namespace, words);
  // In a process group of its own: Ctrl-C is for the lab, which ends its daemons in order.
  const child = spawn(program, rest, {
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, LC_ALL: 'C', ...env },
  });
  closeSync(output);
  let end: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  child.on('exit', (code, name) => {
    end = { code, signal: name };
  });
  child.on('error', (error) => {
    end = { code: 127, signal: null };
    process.stderr.write(`${name} could not be started: ${error.message}\n`);
  });
  // `ip netns exec` becomes the program: the pid stays.
  const identity = identify(child.pid ?? -1);
  if (identity === undefined) throw new Error(`${name} could not be started:\n$ ${words.join(' ')}`);
  recordProcess(lab.record, identity);
  child.unref();
  return { name, identity, log, ended: () => end };
}

/** Signals it and waits for its end; kills it where it does not come. Returns its exit code, null: by a signal. */
export async function stopDaemon(
  daemon: Daemon,
  name: NodeJS.Signals = 'SIGTERM',
  seconds = 10,
): Promise<number | null> {
  signal(daemon.identity, name);
  const ended = await until(`${daemon.name} ends`, daemon.ended, seconds).catch(() => undefined);
  if (ended !== undefined) return ended.code;
  signal(daemon.identity, 'SIGKILL');
  throw new Error(`${daemon.name} did not end within ${seconds} s of ${name}; it was killed`);
}

export function outputOf(daemon: Daemon): string {
  return readFileSync(daemon.log, 'utf8');
}

/** Waits until its output has `pattern`; an early end is told at once. */
export async function untilSaid(daemon: Daemon, pattern: RegExp, seconds = 10): Promise<void> {
  await until(
    `${daemon.name} says ${pattern}`,
    () => {
      if (pattern.test(outputOf(daemon))) return true;
      const ended = daemon.ended();
      return ended === undefined ? false : 'ended';
    },
    seconds,
  ).then((state) => {
    if (state === 'ended') throw new Error(`${daemon.name} ended early:\n${outputOf(daemon).slice(-2000)}`);
  });
}

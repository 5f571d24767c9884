// Runs a program to its end, with a bound on its time.
import { type ChildProcess, spawn } from 'node:child_process';

export interface Outcome {
  command: string;
  /** null: ended by a signal, or by the bound on its time. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Default 30. */
  seconds?: number;
  env?: Record<string, string>;
  input?: string;
  /** Runs also while the lab is being taken down. */
  evenWhenStopping?: boolean;
}

const running = new Set<ChildProcess>();
let stopping = false;

export function run(command: string[], options: RunOptions = {}): Promise<Outcome> {
  if (stopping && !options.evenWhenStopping) return Promise.reject(new Error('the lab is being taken down'));
  return new Promise((resolve, reject) => {
    const [program = '', ...rest] = command;
    const child = spawn(program, rest, { env: { ...process.env, LC_ALL: 'C', ...options.env }, stdio: 'pipe' });
    running.add(child);
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), (options.seconds ?? 30) * 1000);
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    // A program that does not read its input closes it: no error of ours.
    child.stdin.on('error', () => undefined).end(options.input ?? '');
    child.on('error', (error) => {
      running.delete(child);
      clearTimeout(timer);
      reject(new Error(`${program} could not be started: ${error.message}`));
    });
    child.on('close', (code) => {
      running.delete(child);
      clearTimeout(timer);
      resolve({ command: command.join(' '), code, stdout, stderr });
    });
  });
}

/** Like `run`; a failure is an error that says which command failed and what it said. */
export async function must(command: string[], options: RunOptions = {}): Promise<string> {
  const outcome = await run(command, options);
  if (outcome.code !== 0) throw new Error(told(outcome));
  return outcome.stdout;
}

/** A command and what came of it, for the evidence of a check. */
export function told(outcome: Outcome): string {
  const said = [outcome.stdout.trim(), outcome.stderr.trim()].filter((text) => text !== '').join('\n');
  const end = outcome.code === null ? 'did not end in time' : `exit code ${outcome.code}`;
  return `$ ${outcome.command}\n${said}${said === '' ? '' : '\n'}(${end})`;
}

export function isStopping(): boolean {
  return stopping;
}

/** While everything is taken down nothing more is done or said: the end of the process is near. */
export async function haltIfStopping(): Promise<void> {
  if (stopping) await new Promise(() => undefined);
}

/** Ends what is running and starts nothing more: for the way out. */
export function stopRunning(): void {
  stopping = true;
  for (const child of running) child.kill('SIGKILL');
}

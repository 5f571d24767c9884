/** `flowloom` as a process of its own, as a user starts it, with what it said. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import type { Snapshot } from '../../src/api/snapshot.ts';
import { SOON } from '../support/soon.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  /** Both its outputs so far, line by line. */
  lines(): string[];
  stderr(): string;
  openflowPort: number;
  api: string;
  status(): Promise<Snapshot>;
  signal(signal: 'SIGHUP'): void;
  /** Its exit code, when it ends by itself. */
  ended(): Promise<number | null>;
  /** `SIGKILL`: without time to end anything. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

function start(words: string[], folder: string) {
  const env = { ...process.env, LC_ALL: 'C' };
  const child = spawn(process.execPath, [MAIN, ...words], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  return { child, said };
}

/** Runs it to its end. */
export async function flowloom(words: string[], folder: string, patience = SOON.timeout): Promise<Ended> {
  const { child, said } = start(words, folder);
  return { code: await endOf(child, patience), ...said };
}

/** `flowloom run` on ports that are free; returns when it listens. */
export async function run(words: string[], folder: string): Promise<Running> {
  const listen = ['--openflow', 'ptcp:0:127.0.0.1', '--ovsdb', 'none', '--http', '127.0.0.1:0'];
  const { child, said } = start(['run', ...words, ...listen], folder);
  const find = (pattern: RegExp) => pattern.exec(said.stdout)?.[1];
  const both = () => said.stdout + said.stderr;
  const found = await vi.waitFor(() => {
    if (child.exitCode !== null) return undefined;
    const port = find(/OpenFlow 1\.4.* on ptcp:(\d+)/);
    const api = find(/dashboard and API on (http:\S+)/);
    if (port === undefined || api === undefined) throw new Error(`it does not listen:\n${both()}`);
    return { port: Number(port), api };
  }, SOON);
  if (found === undefined) throw new Error(`it ended with ${child.exitCode}:\n${both()}`);
  return {
    openflowPort: found.port,
    api: found.api,
    lines: () => both().split('\n'),
    stderr: () => said.stderr,
    status: async () => (await (await fetch(`${found.api}/api/v1/status`)).json()) as Snapshot,
    signal: (signal) => child.kill(signal),
    ended: () => endOf(child),
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return endOf(child);
    },
  };
}

/** Its exit code; a process that does not end is killed, and null. */
export async function endOf(child: ChildProcess, patience = SOON.timeout): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const last = setTimeout(() => child.kill('SIGKILL'), patience);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(last);
  return child.exitCode;
}

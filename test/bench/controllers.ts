/** Flowloom and its peers as processes that listen for switches on loopback, and what of the machine they take. */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/ovsdb-server.ts';

export interface Controller {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** What it printed so far, the last of it. */
  output(): string;
  stop(): Promise<void>;
}

const PATIENCE_MS = 60_000;
const MOST_OUTPUT = 20_000;
const program = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** FLOWLOOM_BENCH_PROGRAM: another build of it; as it lies here without. */
const flowloom = () => process.env.FLOWLOOM_BENCH_PROGRAM || program('../../src/main.ts');

/** Flowloom's learning switch, as it is without a file; `more` goes to `flowloom run`. */
export function startFlowloom(
  name = 'flowloom',
  more: string[] = [],
  environment: Record<string, string> = {},
): Promise<Controller> {
  const words = (port: number) => [
    ...[process.execPath, flowloom(), 'run', '--openflow', `ptcp:${port}:127.0.0.1`],
    ...['--ovsdb', 'none', '--http', 'none', ...more],
  ];
  return start(name, words, environment);
}

export function startTestController(): Promise<Controller> {
  return start('ovs-testcontroller', (port, folder) => [
    ...['ovs-testcontroller', `ptcp:${port}:127.0.0.1`, `--unixctl=${join(folder, 'ctl')}`, '-vconsole:warn'],
  ]);
}

export function startOsKen(): Promise<Controller> {
  return start('os-ken', (port) => [
    ...['osken-manager', '--ofp-listen-host', '127.0.0.1', '--ofp-tcp-listen-port', String(port)],
    program('load/os-ken-switch.py'),
  ]);
}

/** One write for all answers to a chunk. */
export function startBareProcess(): Promise<Controller> {
  return start('bare Node loop', (port) => [process.execPath, program('load/bare-loop.ts'), String(port)]);
}

/** A write for each answer. */
export function startPlainProcess(): Promise<Controller> {
  return start('plain Node loop', (port) => [process.execPath, program('load/bare-loop.ts'), String(port), 'plain']);
}

async function start(
  name: string,
  words: (port: number, folder: string) => string[],
  environment: Record<string, string> = {},
): Promise<Controller> {
  const folder = await mkdtemp(join(tmpdir(), 'flowloom-bench-'));
  const port = await freePort();
  const [command = '', ...args] = words(port, folder);
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-MOST_OUTPUT);
    });
  }
  child.on('error', (error) => {
    output += error.message;
  });
  const controller: Controller = {
    name,
    port,
    pid: child.pid ?? 0,
    output: () => output,
    async stop() {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await listens(port))) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
      await controller.stop();
      throw new Error(`${name} does not listen at port ${port}:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return controller;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const last = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exited;
  clearTimeout(last);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Seconds of processor that a process took so far. */
export function processorSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // utime and stime, in hundredths of a second on every Linux.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Bytes of memory that a process has now, and had at most. */
export function memoryOf(pid: number): { now: number; most: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return { now: 1024 * kibibytes('VmRSS'), most: 1024 * kibibytes('VmHWM') };
}

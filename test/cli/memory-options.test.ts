/** The command `flowloom run` gives V8 its options by taking its own place: one process, its signals, the user's own options. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { SOON } from '../support/soon.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/flowloom.js', import.meta.url));
const RUN = ['run', '--openflow', 'ptcp:0:127.0.0.1', '--ovsdb', 'none', '--http', 'none'];

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** It waits for switches. */
async function started(before: string[], environment: Record<string, string> = {}, program = process.execPath) {
  return waiting(spawn(program, [...before, PROGRAM, ...RUN], { env: { ...process.env, ...environment } }));
}

async function waiting(child: ChildProcess) {
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  await vi.waitFor(() => expect(output).toContain('waiting for switches'), SOON);
  const words = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0');
  return { child, output: () => output, options: words.filter((word) => /semi|initial/.test(word)) };
}

test('they are there, in the process that was started, and a signal reaches it', async () => {
  const { child, options, output } = await started([]);
  expect(options).toEqual(['--max-semi-space-size=8', '--initial-heap-size=256']);
  const exited = new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(output()).not.toMatch(/warn/i);
});

test('where somebody has given Node options, only those hold', async () => {
  const own = await started(['--max_semi_space_size=32']);
  expect(own.options).toEqual(['--max_semi_space_size=32']);
  const other = await started([], { NODE_OPTIONS: '"--max-semi-space-size=32"' });
  expect(other.options).toEqual([]);
});

test('where Node may not take its own place, or is run by a loader, it goes on as it is', async () => {
  const allowed = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--allow-worker'];
  expect((await started(allowed)).options).toEqual([]);
  const loader = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'].find((path) => existsSync(path));
  if (loader !== undefined) expect((await started([process.execPath], {}, loader)).options).toEqual([]);
});

test('a file that the shell has opened is read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowloom-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'net.yaml');
  writeFileSync(file, 'flowloom: 1\n');
  const script = `exec "$0" "$@" 3< ${file}`;
  const { output } = await waiting(
    spawn('bash', ['-c', script, process.execPath, PROGRAM, 'run', '/dev/fd/3', ...RUN.slice(1)]),
  );
  expect(output()).not.toMatch(/error/i);
});

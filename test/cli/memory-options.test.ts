/** The command `flowloom run` gives V8 its options by taking its own place: one process, its signals, the user's own options. */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { SOON } from '../support/soon.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/flowloom.js', import.meta.url));
const RUN = ['run', '--openflow', 'ptcp:0:127.0.0.1', '--ovsdb', 'none', '--http', 'none'];

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** It waits for switches. */
async function started(before: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...before, PROGRAM, ...RUN], { env: { ...process.env, ...environment } });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
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

test('those that somebody has set stay as they are', async () => {
  const own = await started(['--max_semi_space_size=32', '--initial-heap-size=64']);
  expect(own.options).toEqual(['--max_semi_space_size=32', '--initial-heap-size=64']);
  const half = await started([], { NODE_OPTIONS: '--max-semi-space-size=32' });
  expect(half.options).toEqual(['--initial-heap-size=256']);
});

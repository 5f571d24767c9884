/** `npm start -- run`: the process that its log names runs as `flowloom run` does, and ends with npm. */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SOON } from '../support/soon.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('its log names the process, which has V8’s options; what ends npm alone ends it too', async () => {
  const words = ['start', '--', 'run', '--openflow', 'ptcp:0:127.0.0.1', '--ovsdb', 'none', '--http', 'none'];
  const npm = spawn('npm', words, { cwd: root });
  onTestFinished(() => void npm.kill('SIGKILL'));
  let output = '';
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  await vi.waitFor(() => expect(output).toContain('waiting for switches'), SOON);
  const process = `/proc/${/Flowloom .*, process (\d+)$/m.exec(output)?.[1]}`;
  expect(readFileSync(`${process}/cmdline`, 'utf8')).toContain('--max-semi-space-size=8\0--initial-heap-size=256\0');
  // npm does not hand it on, and ends.
  npm.kill('SIGHUP');
  await vi.waitFor(() => expect(existsSync(process)).toBe(false), SOON);
  expect(output).toContain('SIGTERM: Flowloom ends');
});

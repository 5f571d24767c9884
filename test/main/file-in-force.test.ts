/** The file in force: what goes back by itself, and when. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createFileInForce, keptIn } from '../../src/main/file-in-force.ts';
import { createStore } from '../../src/store/store.ts';

const textOf = (host: string) => `flowloom: 1\nhosts:\n  ${host}: { ovsdb: "unix:/run/x.sock" }\n`;

afterEach(() => {
  vi.useRealTimers();
});

/** With `hold` what is put in force waits until it is let go. */
async function start() {
  const folder = mkdtempSync(join(tmpdir(), 'flowloom-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'net.yaml');
  writeFileSync(file, textOf('first'));
  const put: string[] = [];
  let letGo: (() => void) | undefined;
  let holding = false;
  const files = createFileInForce({
    file,
    code: { find: async () => undefined, known: () => undefined },
    async put(config) {
      if (holding) await new Promise<void>((resolve) => (letGo = resolve));
      put.push(config?.hosts.map(({ name }) => name).join() ?? '');
      return [];
    },
    warn: () => undefined,
    tell: () => undefined,
    kept: keptIn(createStore()),
  });
  onTestFinished(files.stop);
  expect(await files.start()).toEqual([]);
  return {
    files,
    put,
    hold() {
      holding = true;
    },
    letGo() {
      holding = false;
      letGo?.();
    },
    apply: (host: string) => files.apply({ file, text: textOf(host), confirm: 10 }, file),
  };
}

test('a file that is not confirmed goes back; applied anew while its time runs out, it has all its time again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { files, put, apply, hold, letGo } = await start();
  await apply('second');
  hold();
  await vi.advanceTimersByTimeAsync(9_500);
  const again = apply('third');
  await vi.advanceTimersByTimeAsync(1_000);
  letGo();
  const told = await again;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(put).toEqual(['first', 'second', 'third']);
  expect(files.status()?.unconfirmed).toEqual(told);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(put).toEqual(['first', 'second', 'third', 'first']);
  expect(files.status()?.unconfirmed).toBeNull();
});

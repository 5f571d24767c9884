/** Files as git and editors treat them: replaced, gone for a moment, with their folder, behind links; each change is told once. */

import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchFiles } from '../../src/main/watch-files.ts';

const SOON = { timeout: 15_000, interval: 10 };
let folder: string;
let watching: { stop(): void } | undefined;
/** What the file held each time that a change was told; undefined: it was not there. */
let told: (string | undefined)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-watch-'));
  told = [];
});
afterEach(() => {
  watching?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string) => join(folder, name);

function watch(name: string, times = {}): void {
  const read = () => {
    try {
      return readFileSync(path(name), 'utf8');
    } catch {
      return undefined;
    }
  };
  watching = watchFiles(
    () => [path(name)],
    () => void told.push(read()),
    { every: 10, quiet: 60, gone: 5000, ...times },
  );
}
const see = (...expected: (string | undefined)[]) => vi.waitFor(() => expect(told).toEqual(expected), SOON);

test('a file that is written, and one that an editor puts in its place', async () => {
  writeFileSync(path('a'), 'one');
  watch('a');
  writeFileSync(path('a'), 'two');
  await see('two');
  writeFileSync(path('.a.swp'), 'three');
  renameSync(path('.a.swp'), path('a'));
  await see('two', 'three');
  // Nothing but itself.
  writeFileSync(path('b'), 'other');
  await sleep(200);
  expect(told).toEqual(['two', 'three']);
});

test('a file and its folder that are gone for a moment: told when they are there again, once', async () => {
  mkdirSync(path('deep/er'), { recursive: true });
  writeFileSync(path('deep/er/a'), 'one');
  watch('deep/er/a');
  for (const text of ['two', 'three']) {
    rmSync(path('deep'), { recursive: true });
    await sleep(200);
    mkdirSync(path('deep/er'), { recursive: true });
    writeFileSync(path('deep/er/a'), text);
    await vi.waitFor(() => expect(told.at(-1)).toBe(text), SOON);
  }
  expect(told).toEqual(['two', 'three']);
});

test('a folder that is not there at the start, and one that is a file instead, are waited for', async () => {
  watch('late/a');
  mkdirSync(path('late'));
  writeFileSync(path('late/a'), 'one');
  await see('one');
  rmSync(path('late'), { recursive: true });
  writeFileSync(path('late'), 'a file');
  await sleep(100);
  unlinkSync(path('late'));
  mkdirSync(path('late'));
  writeFileSync(path('late/a'), 'two');
  await see('one', 'two');
});

test('a link that leads elsewhere, and what it leads to', async () => {
  writeFileSync(path('v1'), 'one');
  writeFileSync(path('v2'), 'two');
  symlinkSync('v1', path('a'));
  watch('a');
  symlinkSync('v2', path('next'));
  renameSync(path('next'), path('a'));
  await see('two');
  writeFileSync(path('v2'), 'three');
  await see('two', 'three');
  symlinkSync('round', path('next'));
  symlinkSync('next', path('round'));
  renameSync(path('next'), path('a'));
  await see('two', 'three', undefined);
});

test('one that stays gone is told too, once, after a while', async () => {
  writeFileSync(path('a'), 'one');
  watch('a', { gone: 300 });
  unlinkSync(path('a'));
  await see(undefined);
  await sleep(400);
  expect(told).toEqual([undefined]);
});

test('many changes are one, told when it is quiet', async () => {
  writeFileSync(path('a'), '0');
  watch('a', { quiet: 1000 });
  for (let n = 1; n <= 10; n++) {
    writeFileSync(path('a'), `${n}`);
    await sleep(20);
  }
  await see('10');
});

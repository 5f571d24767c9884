/** A store on a full disk: what can't be written is told once, is there for this process, and written when there is room. */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPatientStore } from '../../src/store/patient.ts';
import { createStore } from '../../src/store/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-patient-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const from = (path: string) => JSON.stringify(new URL(`../../src/store/${path}.ts`, import.meta.url).href);

/** Sets values until that fails, and then some more; says what it reads of them then. */
const WRITER = `
import { createPatientStore } from ${from('patient')};
import { createStore } from ${from('store')};
let failures = 0;
const store = createStore(process.argv[1]);
const memory = createPatientStore(store, {
  failed(error) { failures++; console.log('failed: ' + error.message); },
  mended() { console.log('mended'); store.close(); process.kill(process.pid, 'SIGKILL'); },
}, 20);
const space = memory.space('s');
space.set('gone', 1);
let count = 0;
for (let left = 5; left > 0; left -= failures) space.set(String(count++), 'x'.repeat(1000));
space.delete('gone');
const wrong = Array.from({ length: count }, (_, i) => i).filter((i) => space.get(String(i))?.length !== 1000);
console.log(JSON.stringify({ count, entries: space.entries().length, gone: space.get('gone') ?? null, wrong }));
setInterval(() => undefined, 1000);
`;

test('it goes on, and catches up when there is room', async () => {
  const words = [process.execPath, '--input-type=module-typescript', '-e', WRITER, folder];
  // No file may get larger than that: what a full disk does, without one.
  const writer = spawn('bash', ['-c', 'ulimit -S -f 96; exec "$@"', 'bash', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  for await (const line of createInterface(writer.stdout)) {
    said.push(line);
    if (line.startsWith('{')) execFileSync('prlimit', ['--pid', String(writer.pid), '--fsize=unlimited:']);
  }
  expect(said).toEqual([expect.stringMatching(/^failed: ./), expect.stringMatching(/^\{/), 'mended']);
  const { count, ...rest } = JSON.parse(said[1]!);
  expect(count).toBeGreaterThan(5);
  expect(rest).toEqual({ entries: count, gone: null, wrong: [] });

  const store = createStore(folder);
  const keys = store.space('s').entries();
  expect(keys.map(([key]) => Number(key)).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: count }, (_, i) => i),
  );
  store.close();
});

test('what is waiting at the end is tried once more', () => {
  const store = createStore(folder);
  let full = true;
  const batch = (run: () => void) => {
    if (full) throw new Error('no room');
    store.batch(run);
  };
  const told: string[] = [];
  const events = { failed: (error: Error) => told.push(error.message), mended: () => told.push('mended') };
  const memory = createPatientStore({ space: store.space, batch }, events);
  memory.space('s').set('a', 1);
  memory.space('s').set('b', 2);
  expect([told, memory.failure?.message, store.space('s').entries()]).toEqual([['no room'], 'no room', []]);
  full = false;
  memory.close();
  expect([told, memory.failure]).toEqual([['no room', 'mended'], undefined]);
  store.close();
  const again = createStore(folder);
  expect(again.space('s').entries()).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  again.close();
});

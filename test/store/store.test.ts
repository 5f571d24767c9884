/** The store: what was set is there after a restart and a kill; folders that can't be used are refused with what to do. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreError } from '../../src/store/sqlite.ts';
import { createStore } from '../../src/store/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, 'flowloom.sqlite');

test.for(['memory', 'folder'])('values by space and key: %s', (kind) => {
  const store = createStore(kind === 'folder' ? join(folder, 'made', 'here') : undefined);
  const [zones, others] = [store.space('zones/1'), store.space('zones/2')];
  expect([zones.get('5'), zones.entries()]).toEqual([undefined, []]);
  zones.set('5', 'router edge');
  others.set('5', { list: [1, null, true], text: 'ä' });
  zones.set('5', 'router core');
  zones.set('4', 7);
  expect(zones.get('5')).toBe('router core');
  expect(others.entries()).toEqual([['5', { list: [1, null, true], text: 'ä' }]]);
  expect(new Map(zones.entries())).toEqual(
    new Map<string, unknown>([
      ['4', 7],
      ['5', 'router core'],
    ]),
  );
  zones.delete('5');
  expect(zones.get('5')).toBeUndefined();
  expect(others.get('5')).toBeDefined();
  store.close();
});

test('a batch that fails leaves nothing of it', () => {
  const memory = createStore();
  memory.space('s').set('a', 1);
  const change = () => {
    memory.space('s').set('a', 2);
    memory.space('s').set('b', 3);
    memory.space('s').delete('a');
    throw new Error('no');
  };
  expect(() => memory.batch(change)).toThrow('no');
  expect(memory.space('s').entries()).toEqual([['a', 1]]);

  const store = createStore(folder);
  const space = store.space('s');
  space.set('before', 1);
  expect(() =>
    store.batch(() => {
      space.set('inside', 2);
      throw new Error('no');
    }),
  ).toThrow('no');
  store.batch(() => store.batch(() => space.set('after', 3)));
  store.close();
  const again = createStore(folder);
  expect(again.space('s').entries()).toEqual([
    ['after', 3],
    ['before', 1],
  ]);
  again.close();
});

const WRITER = `
import { createStore } from ${JSON.stringify(new URL('../../src/store/store.ts', import.meta.url).href)};
const space = createStore(process.argv[1]).space('numbers');
for (let i = 0; ; i++) {
  space.set(String(i), i);
  process.stdout.write(i + '\\n');
  if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
}`;

test('killed in the middle: all that was acknowledged is there; while it runs, nobody else gets the folder', async () => {
  const writer = spawn(process.execPath, ['--input-type=module-typescript', '-e', WRITER, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = -1;
  const lines = createInterface(writer.stdout);
  lines.on('line', (line) => {
    acknowledged = Number(line);
  });
  for (let count = 0; count < 3; count++) await once(lines, 'line');
  expect(() => createStore(folder)).toThrow(
    new StoreError(`${folder} is in use by another Flowloom: end that one, or give --state another folder`),
  );
  const seen = acknowledged;
  while (acknowledged < seen + 200) await once(lines, 'line');
  writer.kill('SIGKILL');
  await once(writer, 'close');

  const store = createStore(folder);
  const numbers = store.space('numbers').entries();
  expect(numbers.length).toBeGreaterThan(acknowledged);
  const missing = Array.from({ length: acknowledged + 1 }, (_, i) => i).filter(
    (i) => store.space('numbers').get(String(i)) !== i,
  );
  expect(missing).toEqual([]);
  store.close();
});

test('a broken file is refused and left as it is', () => {
  const store = createStore(folder);
  store.batch(() => {
    for (let i = 0; i < 5000; i++) store.space('s').set(String(i), 'x'.repeat(100));
  });
  store.close();
  const whole = readFileSync(file());
  const broken = Buffer.from(whole);
  broken.fill(0xff, 4096 * 3, 4096 * 9);
  for (const [content, reason] of [
    ['this is no database, but long enough to be read as one'.repeat(40), /not a database/],
    [broken, /./],
    [whole.subarray(0, 5 * 4096), /malformed|corrupt|./],
  ] as const) {
    writeFileSync(file(), content);
    expect(() => createStore(folder)).toThrow(StoreError);
    expect(() => createStore(folder)).toThrow(
      /flowloom\.sqlite is broken .*: put a copy in its place, or move it away/,
    );
    expect(() => createStore(folder)).toThrow(reason);
    expect(readFileSync(file()).equals(Buffer.from(content))).toBe(true);
  }
  writeFileSync(file(), whole);
  createStore(folder).close();
  truncateSync(file(), 0);
  createStore(folder).close();
});

test('what a later Flowloom wrote, or another program, is refused', () => {
  createStore(folder).close();
  const database = new DatabaseSync(file());
  database.exec('PRAGMA user_version = 7');
  database.close();
  expect(() => createStore(folder)).toThrow(
    `${file()} was written by a later Flowloom (state version 7, this one knows 1): run that one, or give --state another folder`,
  );
  rmSync(file());
  const foreign = new DatabaseSync(file());
  foreign.exec('CREATE TABLE entry (space TEXT)');
  foreign.close();
  expect(() => createStore(folder)).toThrow(/flowloom\.sqlite is another program's: give --state a folder of/);
});

test('a folder that is a file, and one that can not be made, are refused by name', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => createStore(join(folder, 'file'))).toThrow(/file can't be used as --state: .*EEXIST/);
  expect(() => createStore(join(folder, 'file', 'below'))).toThrow(/below can't be used as --state: .*ENOTDIR/);
  // Made with what is above it, Node would try that for ever.
  expect(() => createStore('/proc/flowloom')).toThrow(
    /^\/proc\/flowloom can't be used as --state: ENOENT.*another folder$/,
  );
});

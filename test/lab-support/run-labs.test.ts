/** Several labs run beside each other, those that want to be alone do not, and each one's output is kept together. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { check } from '../lab/support/check.ts';
import type { Lab, LabDefinition } from '../lab/support/lab.ts';
import { openProgress } from '../lab/support/progress.ts';
import { type LabResult, runLabs } from '../lab/support/run-labs.ts';
import { summary } from '../lab/support/summary.ts';

const results = mkdtempSync(join(tmpdir(), 'flowloom-labs-'));
afterEach(() => rmSync(results, { recursive: true, force: true }));

type Labs = Record<string, Partial<LabDefinition>>;

async function runAll(labs: Labs, jobs: number): Promise<{ results: LabResult[]; text: string }> {
  const wanted = Object.entries(labs).map(([name, given]) => ({
    name,
    source: '',
    definition: { title: `the lab ${name}`, run: async () => undefined, ...given },
  }));
  let text = '';
  const output = {
    write(part: string | Uint8Array) {
      text += part;
      return true;
    },
  };
  const progress = openProgress(wanted.length, jobs, output);
  const found = await runLabs(wanted, { results, jobs, keepLast: false, progress, records: new Set() });
  return { results: found, text };
}

/** A lab that takes part in `running`, and tells who was there in its time. */
function together(running: Set<string>, company: Map<string, Set<string>>, alone = false): Partial<LabDefinition> {
  return {
    alone,
    async run(lab: Lab) {
      running.add(lab.name);
      for (let turn = 0; turn < 10; turn++) {
        for (const one of running) {
          company.set(one, new Set([...(company.get(one) ?? []), ...running]));
        }
        await check(lab, `${lab.name} ${turn}`, () => pause(5));
      }
      running.delete(lab.name);
    },
  };
}

test('two run at once, and one that wants to be alone is alone', async () => {
  const running = new Set<string>();
  const company = new Map<string, Set<string>>();
  const lab = (alone?: boolean) => together(running, company, alone);
  const { results, text } = await runAll({ a: lab(), still: lab(true), b: lab(), c: lab() }, 2);

  expect([...company.values()].some((others) => others.size === 2)).toBe(true);
  expect([...company.get('a')!].sort()).not.toContain('still');
  expect([...company.get('still')!]).toEqual(['still']);
  expect(results.map(({ name, passed }) => [name, passed])).toEqual([
    ['a', 10],
    ['still', 10],
    ['b', 10],
    ['c', 10],
  ]);
  const told = [...text.matchAll(/PASS {2}(\w+) \d/g)].map(([, name]) => name);
  const changes = told.filter((name, index) => name !== told[index - 1]);
  expect(changes.length).toBe(4);
});

test('one after the other where one job is wanted', async () => {
  const running = new Set<string>();
  const company = new Map<string, Set<string>>();
  await runAll({ a: together(running, company), b: together(running, company) }, 1);
  expect([...company].map(([name, others]) => [name, ...others])).toEqual([
    ['a', 'a'],
    ['b', 'b'],
  ]);
});

test('a lab that throws, and one that takes too long, fail alone, with what they had found', async () => {
  let late: Promise<void> | undefined;
  const { results, text } = await runAll(
    {
      thrown: { run: () => Promise.reject(new Error('no such host')) },
      long: {
        minutes: 0.002,
        async run(lab) {
          await check(lab, 'it has begun', async () => undefined);
          late = pause(400).then(() => check(lab, 'too late', async () => undefined));
          await late;
        },
      },
      fine: { run: (lab) => check(lab, 'it is fine', async () => undefined) },
    },
    2,
  );
  await late;
  expect(results.map(({ name, passed, failures }) => [name, passed, failures.length])).toEqual([
    ['thrown', 0, 1],
    ['long', 1, 1],
    ['fine', 1, 0],
  ]);
  expect(results[0]?.failures[0]).toContain('no such host');
  expect(results[1]?.failures[0]).toContain('not done within 0.002 minutes');
  expect(text).not.toContain('too late');
});

test('the table at the end has a line for each lab and one for all', () => {
  const lines = summary(
    [
      { name: 'vlan', passed: 27, failures: [], seconds: 34 },
      { name: 'virtual-router', passed: 22, failures: ['x'], seconds: 5 },
    ],
    36,
  ).split('\n');
  expect(lines).toEqual([
    '',
    'lab              passed   failed  seconds',
    'vlan                 27        0       34',
    'virtual-router       22        1        5',
    '',
    '2 labs in 36 s: 49 checks passed, 1 failed',
    '',
  ]);
});

test('on a terminal it shows which labs run, and then what each has told', async () => {
  let text = '';
  const output = {
    isTTY: true,
    columns: 100,
    write(part: string | Uint8Array) {
      text += part;
      return true;
    },
  };
  const progress = openProgress(2, 2, output);
  const lab = { name: 'vlan', passed: 3, failures: [] } as unknown as Lab;
  progress.started(lab);
  expect(text).toMatch(/ {2}vlan {20}3 checks passed, 0 s\n0 of 2 labs done, 0 checks passed, 0 failed, 0 s\n$/);
  progress.said('vlan', 'a line\n');
  expect(text).not.toContain('a line');
  progress.ended(lab);
  // Two lines up, cleared, and what it told in their place.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what moves the cursor.
  expect(text).toMatch(/\x1b\[2A\r\x1b\[Ja line\n1 of 2 labs done, 3 checks passed, 0 failed, 0 s\n$/);
  progress.close();
});

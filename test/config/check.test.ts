/** `flowloom check`: exit codes, streams, and files that cannot be read. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCheck } from '../../src/cli/check.ts';
import { fileOf } from './bad-files.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'flowloom-check-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

function check(content: string | Uint8Array, json = false): { code: number; out: string; error: string; path: string } {
  const path = join(directory, 'flowloom.yaml');
  writeFileSync(path, content);
  return { path, ...run(path, json) };
}

function run(path: string, json = false): { code: number; out: string; error: string } {
  let out = '';
  let error = '';
  const code = runCheck(path, { json }, { out: (text) => (out += text), error: (text) => (error += text) });
  return { code, out, error };
}

test('a sound file is printed with its defaults', () => {
  const { code, out, error } = check(fileOf(''));
  expect({ code, error }).toEqual({ code: 0, error: '' });
  expect(out).toContain('datapath: system');
  expect(out).toContain('masquerade 10.66.66.0/24 out edge/net ports 1024-65535');
});

test('a bad one is refused with exit code 2; nothing goes to standard output', () => {
  const { code, out, error, path } = check('flowloom: 1\nsegments:\n  x: { vlan: 5000 }\n');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(error).toBe(`segments.x.vlan: 5000 is not a VLAN: write a number from 1 to 4094 (${path}:3:14)\n`);
});

test('warnings go to standard error and do not refuse', () => {
  const { code, error } = check(fileOf('firewall:\n  zones: { loc: [edge/loc] }'));
  expect(code).toBe(0);
  expect(error).toMatch(/^warning: interface edge\/net is in no firewall zone/);
});

test('as JSON', () => {
  expect(JSON.parse(check('flowloom: 2\n', true).out)).toMatchObject({
    ok: false,
    problems: [
      {
        source: expect.stringMatching(/:1:11$/),
        message: 'flowloom: version 2 is not known',
        fix: 'write `flowloom: 1`',
      },
    ],
  });
  expect(JSON.parse(check('flowloom: 1\n', true).out)).toMatchObject({ ok: true, config: { hosts: [] }, warnings: [] });
});

test('files that cannot be read', () => {
  expect(run(join(directory, 'none.yaml'))).toMatchObject({
    code: 2,
    error: expect.stringContaining('does not exist'),
  });
  expect(run(directory)).toMatchObject({ code: 2, error: expect.stringContaining('this is a directory') });
  expect(check(Uint8Array.of(0xff, 0xfe, 0x00))).toMatchObject({
    code: 2,
    error: expect.stringContaining('not UTF-8'),
  });
});

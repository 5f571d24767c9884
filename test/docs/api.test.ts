/** docs/api.md names every route with its method and parameters, and its example of `apply` is taken. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { routes } from '../../src/api/routes.ts';
import { started } from '../api/api-support.ts';

const execute = promisify(execFile);
const text = readFileSync('docs/api.md', 'utf8');

test('every route, with what it may be asked', () => {
  const rows = [...text.matchAll(/^\| (GET|POST) \| `([^`]+)`(.*?) \|/gm)].map(([, method, path, query]) => [
    method,
    path,
    [...(query ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
  ]);
  const known = routes.map(({ path, body, query }) => [
    body === undefined ? 'GET' : 'POST',
    path,
    Object.keys(query ?? {}),
  ]);
  expect(rows).toEqual(known);
});

test('the lines for the shell', async () => {
  const { url, source } = await started();
  const folder = mkdtempSync(join(tmpdir(), 'flowloom-api-'));
  try {
    writeFileSync(join(folder, 'net.yaml'), 'flowloom: 1\n# “quoted”\n');
    const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(text) ?? [];
    const commands = block.replaceAll('http://127.0.0.1:8080', url).replaceAll('curl -s', 'curl -sf');
    // jq is not on every machine; what it makes is.
    const made = commands.replace(/"\$\(jq [\s\S]*?\)"\n/, '@request.json\n');
    expect(made).not.toBe(commands);
    const request = { file: 'net.yaml', text: readFileSync(join(folder, 'net.yaml'), 'utf8'), folder, confirm: 60 };
    writeFileSync(join(folder, 'request.json'), JSON.stringify(request));
    await execute('sh', ['-ec', made], { cwd: folder, env: { ...process.env, no_proxy: '*' } });
    expect(source.applied).toEqual([request]);
    expect(source.confirmed).toEqual([{}]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What the commands say, and with which exit code, where what they ask for is not to be had. */

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { started } from '../api/api-support.ts';
import { SOON } from '../support/soon.ts';
import { endOf, flowloom } from './program.ts';

/** Of the commands that ask a Flowloom that runs: a start of each takes a second. */
const ASKING = [['status'], ['flows', '--follow'], ['top'], ['plan'], ['apply', '--confirmed']];

test('a switch, an app or an intent that is not there: those that are, on stderr, and exit code 1', async () => {
  const { url } = await started();
  const both = 'name one of hv1/br0, hv2/br0: there is no switch "nope"';
  for (const [words, says] of [
    [['--switch', 'nope'], both],
    [['--switch', 'nope', '--json'], both],
    [['--switch', 'nope', '--follow'], both],
    [['--app', 'nope'], /^name one of .*firewall.*: there is no app "nope"/],
    [['--intent', 'nope'], /^see .*intents.*: no flow is there for "nope"/],
  ] as const) {
    const { code, stdout, stderr } = await flowloom(['flows', '--api', url, ...words], tmpdir());
    expect(stderr, words.join(' ')).toMatch(says);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  }
  const right = await flowloom(['flows', '--api', url, '--switch', 'hv2/br0', '--json'], tmpdir());
  expect(right).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(right.stdout)).toHaveLength(2);
});

test('no token and a wrong one: what to set, and exit code 1', async () => {
  const { api } = await started({ listen: '0.0.0.0:0', token: 'correct horse' });
  const url = `http://127.0.0.1:${api.address.split(':').at(-1)}`;
  const before = process.env.FLOWLOOM_TOKEN;
  onTestFinished(() => {
    if (before === undefined) delete process.env.FLOWLOOM_TOKEN;
    else process.env.FLOWLOOM_TOKEN = before;
  });
  const answers: Record<string, RegExp> = {
    '': /^set FLOWLOOM_TOKEN to the token that the Flowloom at http:\S+ was started with: a token is wanted\n$/,
    wrong: /^set another FLOWLOOM_TOKEN, the one that .* started with: the token is not the right one\n$/,
  };
  for (const [token, says] of Object.entries(answers)) {
    if (token === '') delete process.env.FLOWLOOM_TOKEN;
    else process.env.FLOWLOOM_TOKEN = token;
    for (const words of token === '' ? ASKING : ASKING.slice(0, 2)) {
      const { code, stdout, stderr } = await flowloom([...words, '--api', url], tmpdir());
      expect(stderr, words.join(' ')).toMatch(says);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    }
  }
  process.env.FLOWLOOM_TOKEN = 'correct horse';
  expect(await flowloom(['status', '--api', url], tmpdir())).toMatchObject({ code: 0, stderr: '' });
});

test('nobody there, and somebody who is no Flowloom: exit code 1', async () => {
  const other = createServer((_, answer) => answer.end('<html>'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const nobody = await flowloom(['flows', '--follow', '--api', 'http://127.0.0.1:8'], tmpdir());
  expect(nobody).toMatchObject({ code: 1, stdout: '' });
  expect(nobody.stderr).toMatch(/^start Flowloom first, or name it with --api: nothing answers at http:/);
  for (const words of ASKING) {
    const none = await flowloom([...words, '--api', `http://127.0.0.1:${port}`], tmpdir());
    expect(none, words.join(' ')).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toMatch(/^name a Flowloom with --api: what answers at http:\S+ seems to be none/);
  }
});

test('wrong words: what is wrong with them, and exit code 2; --help: 0', async () => {
  const wrong = await flowloom(['flows', '--nonsense'], tmpdir());
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toMatch(/^error: unknown option '--nonsense'\n/);
  const none = ['--openflow', 'none', '--ovsdb', 'none', '--http', 'none'];
  const noApp = await flowloom(['run', '--app', './nope.ts', ...none], tmpdir());
  expect(noApp.code).toBe(2);
  expect(noApp.stderr).toMatch(
    /^app \S+\/nope\.ts can't be loaded: there is no such file: mend the path \(--app \.\/nope\.ts\)/,
  );
  const help = await flowloom(['app', 'new', '--help'], tmpdir());
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: flowloom app new /);
  for (const words of [[], ['nonsense'], ['app'], ['status', 'more'], ['check']])
    expect(await flowloom(words, tmpdir()), words.join(' ')).toMatchObject({ code: 2, stdout: '' });
});

test('a Flowloom that goes while its flows are followed: it is said, and exit code 1', async () => {
  const { api, url, source } = await started();
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, 'flows', '--follow', '--switch', 'hv2/br0', '--api', url]);
  let said = '';
  let told = '';
  child.stderr.on('data', (text) => {
    said += String(text);
  });
  child.stdout.on('data', (text) => {
    told += String(text);
  });
  await vi.waitFor(() => expect(said).toContain('2 flows; what changes follows'), SOON);
  // A switch that goes is no error: its flows go.
  const { switches } = source.snapshot;
  source.snapshot.switches = switches.slice(0, 1);
  await vi.waitFor(() => expect(told.match(/- hv2\/br0/g)).toHaveLength(2), SOON);
  source.snapshot.switches = switches;
  await vi.waitFor(() => expect(told.match(/\+ hv2\/br0/g)).toHaveLength(2), SOON);
  await api.close();
  expect(await endOf(child)).toBe(1);
  expect(said).toMatch(/follows\nthe Flowloom at http:\S+ answers no more\n$/);
});

test('a reader that has had enough, as "head" has, is no error', async () => {
  const { url, source } = await started();
  const [one] = source.flowList;
  source.flowList = Array.from({ length: 20_000 }, (_, index) => ({ ...one!, id: String(index) }));
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  for (const words of ['flows', 'flows --json']) {
    const script = `"${process.execPath}" "${main}" ${words} --api ${url} 2>&1 >&3 3>&- | cat >&2; exit 0`;
    const child = spawn('sh', ['-c', `{ ${script}; } 3>&1 | head -1`], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said += String(text);
    });
    child.stdout.resume();
    expect(await endOf(child)).toBe(0);
    expect(said).toBe('');
  }
});

/** `flowloom check`: exit codes, streams, and files that cannot be read. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCheck } from '../../src/cli/check.ts';
import { checkApps } from '../../src/main/check-apps.ts';
import { fileOf } from './bad-files.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'flowloom-check-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

async function check(content: string | Uint8Array, json = false) {
  const path = join(directory, 'flowloom.yaml');
  writeFileSync(path, content);
  return { path, ...(await run(path, json)) };
}

async function run(path: string, json = false): Promise<{ code: number; out: string; error: string }> {
  let out = '';
  let error = '';
  const streams = { out: (text: string) => (out += text), error: (text: string) => (error += text) };
  const code = await runCheck(path, { json }, checkApps, streams);
  return { code, out, error };
}

test('a sound file is printed with its defaults', async () => {
  const { code, out, error } = await check(fileOf(''));
  expect({ code, error }).toEqual({ code: 0, error: '' });
  expect(out).toContain('datapath: system');
  expect(out).toContain('masquerade 10.66.66.0/24 out edge/net ports 1024-65535');
});

test('a bad one is refused with exit code 2; nothing goes to standard output', async () => {
  const { code, out, error, path } = await check('flowloom: 1\nsegments:\n  x: { vlan: 5000 }\n');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(error).toBe(`segments.x.vlan: 5000 is not a VLAN: write a number from 1 to 4094 (${path}:3:14)\n`);
});

test('warnings go to standard error and do not refuse', async () => {
  const { code, error } = await check(fileOf('firewall:\n  zones: { loc: [edge/loc] }'));
  expect(code).toBe(0);
  expect(error).toMatch(/^warning: interface edge\/net is in no firewall zone/);
});

test('as JSON', async () => {
  expect(JSON.parse((await check('flowloom: 2\n', true)).out)).toMatchObject({
    ok: false,
    problems: [
      {
        source: expect.stringMatching(/:1:11$/),
        message: 'flowloom: version 2 is not known',
        fix: 'write `flowloom: 1`',
      },
    ],
  });
  expect(JSON.parse((await check('flowloom: 1\n', true)).out)).toMatchObject({
    ok: true,
    config: { hosts: [] },
    warnings: [],
  });
});

test('files that cannot be read', async () => {
  expect(await run(join(directory, 'none.yaml'))).toMatchObject({
    code: 2,
    error: expect.stringContaining('does not exist'),
  });
  expect(await run(directory)).toMatchObject({ code: 2, error: expect.stringContaining('this is a directory') });
  expect(await check(Uint8Array.of(0xff, 0xfe, 0x00))).toMatchObject({
    code: 2,
    error: expect.stringContaining('not UTF-8'),
  });
});

const BAD_APPS = `flowloom: 1
apps:
  table-miss: { action: bogus }
  nonesuch: {}
  ./none.ts: {}
`;

test('what is wrong with its apps is told as by run, all of it', async () => {
  const { code, out, error, path } = await check(BAD_APPS);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  const lines = error.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^there is no app nonesuch: .*:4\)$/);
  expect(lines[1]).toMatch(/^app \.\/none\.ts can't be loaded: .*:5\)$/);
  expect(lines[2]).toMatch(/^app "table-miss" at action: .*:3\)$/);
  expect(lines.every((line) => line.includes(`(${path}:`))).toBe(true);
  const { problems, ok } = JSON.parse((await check(BAD_APPS, true)).out);
  expect({ ok, problems }).toMatchObject({ ok: false, problems: [{}, {}, { source: `${path}:3` }] });
});

test('apps that do not go together are refused with both names', async () => {
  const app = "export default { name: 'twin', attach() {} };\n";
  writeFileSync(join(directory, 'one.js'), app);
  writeFileSync(join(directory, 'two.js'), app);
  const { code, error } = await check('flowloom: 1\napps:\n  ./one.js: {}\n  ./two.js: {}\n');
  expect(code).toBe(2);
  expect(error).toMatch(/^two apps are called "twin": .*:3, .*:4: /);
});

/** Each with where in its entry the mistake is, and with what is said of it. */
const BAD_FLOWS: [entry: string, told: RegExp][] = [
  ['match: { tcpDst: 80 }, actions: [drop]', /match: tcpDst in a match needs .*ipProto 6 beside it/],
  ['match: { ethTyp: 80 }, actions: [drop]', /match: the match names "ethTyp", .* did you mean ethType\?/],
  ['match: { router.nextHop: 1 }, actions: [drop]', /match: "router\.nextHop" is no field/],
  ['match: { inPort: { value: 1, mask: 1 } }, actions: [drop]', /match: inPort can't be matched with a mask/],
  ['match: { ethType: 70000 }, actions: [drop]', /match: \[ethType\] 70000 is not a whole number of 16 bits/],
  ['match: tpc, actions: [drop]', /match: flow text, column 1: .*did you mean tcp\?/],
  ['match: 7, actions: [drop]', /match: write \{ FIELD: VALUE \}/],
  ['match: arp, actions: [normal, { set: { ethSr: 1 } }]', /actions\.1: "ethSr" is no field; did you mean ethSrc\?/],
  ['match: arp, actions: [next, normal]', /actions: .*next\(\) stand only at the end/],
  ['match: arp, actions: [dorp]', /actions\.0: write drop, normal/],
  ['actions: [drop]', /match` is missing: write/],
];

const withFlows = (...entries: string[]) =>
  fileOf(`apps:
  static-flows:
    flows:
      - { intent: sound, priority: 9, match: tcp, actions: [{ set: { tcpDst: 80, segment: 7 } }, { output: late }, next] }
${entries.map((entry) => `      - { intent: other, priority: 9, ${entry} }\n`).join('')}`);

test('what can be no flow is refused at the line of its entry, and so is a bridge that the file does not have', async () => {
  expect(await check(withFlows('match: arp, actions: [drop], on: hv1/br0'))).toMatchObject({ code: 0, error: '' });
  const first =
    withFlows()
      .split('\n')
      .findIndex((line) => line.includes('intent: sound')) + 2;
  const { code, error, path } = await check(withFlows(...BAD_FLOWS.map(([entry]) => entry)));
  expect(code).toBe(2);
  expect(error.trimEnd().split('\n')).toEqual(
    BAD_FLOWS.map(([, { source }], index) =>
      expect.stringMatching(
        `^app "static-flows"(: \`| at )flows\\.${index + 1}\\.${source}.*\\(${path}:${first + index}\\)$`,
      ),
    ),
  );
  const elsewhere = await check(withFlows('match: arp, actions: [drop], on: hv1/br9'));
  expect(elsewhere.code).toBe(2);
  expect(elsewhere.error).toBe(
    `app "static-flows" at flows.1.on: the file has no bridge hv1/br9: add it under \`bridges\`, or write hv1/br0 or hv2/br0 (${path}:${first})\n`,
  );
  const normal = withFlows('match: arp, actions: [drop], on: hv1/br7').replace(
    'bridges:\n',
    'bridges:\n  br7: { hosts: [hv1], forwarding: normal }\n',
  );
  expect((await check(normal)).error).toMatch(/flows\.1\.on: bridge hv1\/br7 forwards `normal`.*`forwarding: flows`/);
});

/** `flowloom import` as people start it: a file on standard output, the rest line by line, and what it cannot read. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const given = (name: string) => fileURLToPath(new URL(`../import/given/${name}`, import.meta.url));

function imported(words: string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'import', ...words], {
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const RULES = [
  ...['*filter', ':INPUT DROP [0:0]', '-A INPUT -i eth0 -p tcp --dport 22 -j ACCEPT', '-A INPUT -i lo -j ACCEPT'],
  ...['-A INPUT -m owner --uid-owner 0 -j ACCEPT', 'COMMIT'],
].join('\n');

test('what is taken is a file that check accepts; the rest is told in the order of its lines', () => {
  const { status, stdout, stderr } = imported(['iptables-save', '--address', 'eth0=192.0.2.1/24'], RULES);
  expect(status).toBe(0);
  expect(stdout).toContain('- accept ssh from eth0 to fw # line 3');
  expect(stderr).toBe(
    'not taken: `-m owner` has no counterpart: -A INPUT -m owner --uid-owner 0 -j ACCEPT (line 5)\n' +
      'not needed: what a machine says to itself does not come here: -A INPUT -i lo -j ACCEPT (line 4)\n',
  );
  const file = join(mkdtempSync(join(tmpdir(), 'flowloom-import-')), 'net.yaml');
  writeFileSync(file, stdout);
  expect(execFileSync(process.execPath, [MAIN, 'check', file], { encoding: 'utf8' })).toContain(
    'accept ssh from eth0 to fw',
  );
});

test('all of it as data', () => {
  const { stdout, stderr } = imported(['iptables-save', '--address', 'eth0=192.0.2.1/24', '--json'], RULES);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({
    file: expect.stringContaining('accept ssh from eth0 to fw'),
    unmapped: [{ place: 'line 5' }],
    needless: [{ place: 'line 4' }],
  });
});

test("a file of iptables-save, Shorewall's folder, and libvirt's XML", () => {
  expect(imported(['iptables-save', given('poor-man.rules')]).stdout).toContain('- accept ssh from eth1 to fw');
  const addresses = ['--address', 'eth0=203.0.113.66/24', '--address', 'eth1=10.66.66.1/24'];
  expect(imported(['shorewall', given('shorewall5'), ...addresses]).stdout).toContain('- loc to net accept # policy:2');
  expect(imported(['libvirt-net', given('default.xml')]).stdout).toContain(
    '- masquerade 192.168.122.0/24 out edge/eth0',
  );
});

test.each([
  [['iptables-save'], /give the output of iptables-save: this has no table/],
  [['iptables-save', '/there/is/none'], /give a file that can be read: ENOENT/],
  [['shorewall', given('..')], /has none of them/],
  [['shorewall', join(given('..'), 'nowhere')], /has none of them/],
  [['libvirt-net', given('netns-nat.rules')], /give the XML of a network/],
  [['libvirt-net', given('nowhere.xml')], /give a file that can be read/],
  [['libvirt-net', given('default.xml'), '--address', 'eth0'], /write it like eth0=192\.0\.2\.1\/24/],
])('%j is refused in one line', (words, why) => {
  const { status, stdout, stderr } = imported(words, 'nothing');
  expect(status).not.toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toMatch(why);
  expect(stderr).not.toMatch(/^ +at /m);
});

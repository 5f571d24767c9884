/** `flowloom top`, asked of a real API over HTTP: the busiest first, and where there is nothing to rank. */

import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { busiest, withRates } from '../../src/cli/top.ts';
import { started } from '../api/api-support.ts';
import { SOON } from '../support/soon.ts';
import { endOf, flowloom } from './program.ts';

const row = (id: string, packets: number, packetRate = 0) => ({
  ...{ id, what: 'nat', why: id, packets, bytes: packets * 100, packetRate, bitRate: packetRate * 800 },
});

test('rates are of the time between two looks; the busiest come first, then who has counted most', () => {
  const before = new Map([row('a', 10), row('b', 500), row('c', 20)].map((each) => [each.id, each]));
  const rated = withRates(before, [row('a', 30), row('b', 500), row('c', 60), row('d', 9)], 2);
  expect(busiest(rated, 3).map(({ id, packetRate, bitRate }) => [id, packetRate, bitRate])).toEqual([
    ['c', 20, 16_000],
    ['a', 10, 8000],
    ['b', 0, 0],
  ]);
});

test('--once: one table of the rules, and an end', async () => {
  const { url } = await started();
  const { code, stdout } = await flowloom(['top', '--once', '--lines', '2', '--api', url], tmpdir());
  expect(stdout.trimEnd().split('\n')).toEqual([
    'PACKETS/S  BIT/S  PACKETS  BYTES            WHY',
    '0.0        0      5210     4100000  nat     masquerade 10.66.66.0/24 out edge/net (net.yaml:31)',
    '0.0        0      5100     4000000  policy  loc to net accept (net.yaml:36)',
  ]);
  expect(code).toBe(0);
});

test('a file without rules: flows; as JSON all of them', async () => {
  const { url, source } = await started();
  source.ruleList = [];
  const { stdout } = await flowloom(['top', '--once', '--json', '--api', url], tmpdir());
  const rows: { why: string }[] = JSON.parse(stdout);
  expect(rows).toHaveLength(source.flowList.length);
});

test('it goes on until it is interrupted, and what passes meanwhile is a rate', async () => {
  const { url, source } = await started();
  const program = fileURLToPath(new URL('../../bin/flowloom.js', import.meta.url));
  const top = spawn(process.execPath, [program, 'top', '--json', '--api', url], { stdio: 'pipe' });
  onTestFinished(() => void top.kill('SIGKILL'));
  let said = '';
  top.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    source.ruleList[1]!.packets += 50;
  });
  await vi.waitFor(() => expect(said.split('\n').length).toBeGreaterThan(3), SOON);
  top.kill('SIGINT');
  await endOf(top);
  const [, second = '[]'] = said.split('\n');
  const [first]: { why: string; packetRate: number }[] = JSON.parse(second);
  expect(first?.why).toContain('forward tcp 10.88.88.66:8800');
  expect(first?.packetRate).toBeGreaterThan(5);
});

/** The stations in `flowloom status`, asked of a real API over HTTP: what is printed, and that there is an end to it. */

import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { started } from '../api/api-support.ts';
import { flowloom } from './program.ts';

test('stations with port, age and time left; behind a tunnel with the host; not heard yet; and who keeps the rest', async () => {
  const { url } = await started();
  const { code, stdout } = await flowloom(['status', '--api', url], tmpdir());
  expect(code).toBe(0);
  const section = stdout.slice(stdout.indexOf('STATION'), stdout.indexOf('\nAPP'));
  expect(section.trimEnd().split(/\n+/)).toEqual([
    'STATION',
    '02:00:00:00:00:01  loc  hv1/br0  port web1              heard 12 s ago, forgotten in 288 s',
    '02:00:00:00:00:02  loc  hv1/br0  port vx4789t64 to hv2  heard 12 s ago, forgotten in 288 s',
    '02:00:00:00:00:02  loc  hv2/br0  port web2              not heard since Flowloom started',
    '  those of hv2/plain are kept by Open vSwitch itself: ovs-appctl fdb/show plain',
  ]);
});

test('of many stations the first fifty are printed, and all are in the JSON', async () => {
  const { url, source } = await started();
  const [one] = source.snapshot.stations;
  source.snapshot.stations = Array.from({ length: 170 }, () => ({ ...one! }));
  const { stdout } = await flowloom(['status', '--api', url], tmpdir());
  expect(stdout.match(/^02:00:00:00:00:01 /gm)).toHaveLength(50);
  expect(stdout).toContain('  and 120 more: flowloom status --json\n');
  const asJson = await flowloom(['status', '--json', '--api', url], tmpdir());
  expect(JSON.parse(asJson.stdout).stations).toHaveLength(170);
});

/** `flowloom app map`: of a file, and of a Flowloom that runs with a real switch: the same, and what the switch has. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PipelineMap } from '../../src/api/pipeline.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { flowloom, run } from './program.ts';

const cleanups: (() => unknown)[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-map-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const LIMITER = `import { defineApp, meter, next, punt } from 'flowloom';
export default defineApp({
  name: 'limiter',
  tables: { pings: { stage: 'respond' } },
  fields: { seen: { bits: 3, text: 'How often' } },
  uses: ['router.number'],
  attach({ dp }) {
    dp.meters.set('slow', { unit: 'packets', rate: 5, burst: 2 });
    dp.flows.pings.set('all', {
      priority: 3,
      match: { ethType: 0x0800, 'router.number': 0 },
      actions: [meter('slow'), punt(64, { meter: 'slow' }), next()],
      intent: 'slow pings',
    });
    return undefined;
  },
});
`;

const network = (ovsdb: string) => `flowloom: 1
hosts: { hv1: { ovsdb: "${ovsdb}" } }
segments: { loc: { vlan: 100 }, net: { vlan: 300 } }
bridges:
  br0: { hosts: [hv1], datapath: netdev, ports: { hv1/p1: { access: loc }, hv1/p2: { access: net } } }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.66.66.1/24 }
      net: { segment: net, address: 10.88.88.66/24 }
firewall: { zones: { loc: [edge/loc], net: [edge/net] }, policy: [loc to net accept] }
apps: { ./limiter.ts: {} }
`;

test('of a file, and of a Flowloom that runs with it: tables, bits, zones, groups and meters', async () => {
  const server = await startOvsdbServer();
  cleanups.push(() => server.stop());
  await server.startSwitch();
  writeFileSync(join(folder, 'limiter.ts'), LIMITER);
  writeFileSync(join(folder, 'net.yaml'), network(server.target));

  const text = await flowloom(['app', 'map', 'net.yaml'], folder);
  expect([text.code, text.stderr]).toEqual([0, '']);
  expect(text.stdout).toMatch(/^140 +firewall\.filter +firewall +firewall +\d+$/m);
  expect(text.stdout).toMatch(/^166 +next-hop\.neighbours +next-hop +router +learned by the switch$/m);
  expect(text.stdout).toMatch(/^104 +dnat +dnat +nat +none: it does not exist$/m);
  expect(text.stdout).toMatch(/^router\.number +reg7\[0\.\.15\] +router +firewall, nat, limiter +Router that/m);
  expect(text.stdout).toMatch(/^firewall\.allowed +ct_mark\[0\] +firewall +1: a rule/m);
  expect(text.stdout).toMatch(/^limiter\.seen +reg\d+\[\d+\.\.\d+\] +limiter +How often$/m);
  expect(text.stdout).toMatch(/^19280 +router edge +firewall, router +hv1\/br0$/m);
  expect(text.stdout).toMatch(/^1275\d+ +segments +all loc +hv1\/br0$/m);
  expect(text.stdout).toMatch(/^1275\d+ +limiter +slow +5 packets\/s, burst 2 +hv1\/br0$/m);

  const ofFile = JSON.parse((await flowloom(['app', 'map', 'net.yaml', '--json'], folder)).stdout) as PipelineMap;
  const running = await run(['net.yaml'], folder);
  cleanups.push(() => running.stop());
  const map = await vi.waitFor(async () => {
    const asked = await flowloom(['app', 'map', '--json', '--api', running.api], folder);
    const told = JSON.parse(asked.stdout) as PipelineMap;
    expect(told.groups).not.toEqual([]);
    return told;
  }, SOON);
  // How many flows there are goes by the ports, which the dummy datapath lacks.
  const withoutFlows = ({ tables, ...rest }: PipelineMap) => ({
    ...rest,
    tables: tables.map(({ flows, ...table }) => table),
  });
  expect(withoutFlows(map)).toEqual(withoutFlows(ofFile));
});

test('an app that throws is named: its tables are as it declares them, and what it puts there is unknown', async () => {
  const throws = "    if (dp.host === 'hv2') throw new Error('boom');\n";
  writeFileSync(
    join(folder, 'limiter.ts'),
    LIMITER.replace(/attach.*\n/, (line) => line + throws),
  );
  const both = network('tcp:127.0.0.1:1').replace('hosts: { ', 'hosts: { hv2: {}, ').replace('[hv1]', '[hv1, hv2]');
  writeFileSync(join(folder, 'net.yaml'), both);
  const { code, stdout, stderr } = await flowloom(['app', 'map', 'net.yaml'], folder);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /^unknown: hv2\/br0: app limiter failed, shown are the tables .*: attach: boom, at \S+limiter\.ts:8\n$/,
    ),
  });
  expect(stdout).toMatch(/^\d+ +respond\.pings +respond +limiter +2$/m);
  expect(stdout).toMatch(/^1275\d+ +limiter +slow +5 packets\/s, burst 2 +hv1\/br0$/m);
  writeFileSync(join(folder, 'net.yaml'), network('tcp:127.0.0.1:1'));
  expect(await flowloom(['app', 'map', 'net.yaml'], folder)).toMatchObject({ code: 0, stderr: '' });
});

test('a file that can not be used, and nobody who answers', async () => {
  writeFileSync(join(folder, 'net.yaml'), 'flowloom: 1\napps: { ./none.ts: {} }\n');
  const missing = await flowloom(['app', 'map', 'net.yaml'], folder);
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringMatching(/app \.\/none\.ts can't be .*net\.yaml:2/)]);
  writeFileSync(join(folder, 'bad.yaml'), 'flowloom: 1\nhosts: 7\n');
  expect((await flowloom(['app', 'map', 'bad.yaml'], folder)).code).toBe(2);
  const nobody = await flowloom(['app', 'map', '--api', 'http://127.0.0.1:59999'], folder);
  expect([nobody.code, nobody.stderr]).toEqual([
    1,
    expect.stringMatching(/^start Flowloom first, .*--api, or give FILE: nothing/),
  ]);
});

/** The API of a Flowloom on real Open vSwitch, with a router, a meter and drift: each answer is as its OpenAPI says. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { JsonSchema } from '../../src/api/shapes/schema.ts';
import { misfits } from '../api/misfits.ts';
import { SOON } from '../support/soon.ts';
import { useBareSwitch } from './bare-switch.ts';
import { run } from './program.ts';

const bare = useBareSwitch('openapi');

const fileOf = (target: string) => `
flowloom: 1
hosts: { hv1: { ovsdb: "${target}" }, gone: { ovsdb: "unix:/nowhere/db.sock" } }
segments:
  loc: { vlan: 100, subnet: 10.1.0.0/24 }
  net: { vlan: 200, subnet: 10.2.0.0/24 }
bridges:
  br0: { hosts: [hv1], datapath: netdev, ports: { hv1/web1: { access: loc }, hv1/eth1: { trunk: [net] } } }
routers:
  edge:
    host: hv1
    interfaces: { loc: { segment: loc, address: 10.1.0.1/24 }, net: { segment: net, address: 10.2.0.1/24 } }
nat: [ masquerade 10.1.0.0/24 out edge/net, "forward tcp 10.2.0.1:80 to 10.1.0.5:80" ]
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [ loc to net accept ]
apps:
  table-miss: {}
  ./limits/index.ts: {}
`;

/** An app by path, with a meter. */
const LIMITS = `import { defineApp, drop, meter, punt } from 'flowloom';
export default defineApp({
  name: 'limits',
  tables: { admit: { stage: 'admit' } },
  counters: { seen: 'Packets seen' },
  attach({ dp }) {
    dp.meters.set('few', { unit: 'packets', rate: 10 });
    const match = { ethType: 0x88b5 };
    dp.flows.admit.set('few', { priority: 5, match, actions: [meter('few'), punt()], intent: 'few of them' });
    dp.flows.admit.set('none', { priority: 6, match: { ethType: 0x88b6 }, actions: drop(), intent: 'none of these' });
    return {};
  },
});
`;

interface Document {
  paths: Record<string, { get?: { responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }> } }>;
  components: { schemas: Record<string, JsonSchema> };
}

test('every GET, of a network with some of everything', async () => {
  const { folder, server } = bare;
  mkdirSync(join(folder, 'limits'));
  writeFileSync(join(folder, 'limits/index.ts'), LIMITS);
  writeFileSync(join(folder, 'net.yaml'), fileOf(server.target));
  const running = await run(['net.yaml'], folder);
  bare.cleanups.push(() => running.stop());
  const { dpid } = await vi.waitFor(async () => {
    const one = (await running.status()).switches.find(({ state }) => state === 'up');
    expect(one?.sync).toMatchObject({ added: expect.any(Number) });
    return one!;
  }, SOON);
  // Somebody takes away a flow of ours, adds one of theirs, and changes a row.
  await bare.ofctl('br0', 'add-flow', 'table=250,priority=1,actions=drop');
  await bare.ofctl('br0', 'del-flows', 'dl_type=0x88b6');
  await server.vsctl('set', 'port', 'web1', 'tag=7');
  const ask = async (path: string) => {
    const answer = await fetch(`${running.api}${path}`);
    return { status: answer.status, body: (await answer.json()) as unknown };
  };
  await vi.waitFor(async () => {
    const { body } = await ask('/api/v1/drift');
    expect(body).toMatchObject({
      switches: [{ seen: 1 }],
      hosts: expect.arrayContaining([expect.objectContaining({ seen: 1 })]),
    });
  }, SOON);

  // An intent is listed once a packet has come to one of its flows: topology's probes do.
  await vi.waitFor(async () => expect((await ask('/api/v1/counters?of=intent')).body).not.toEqual([]), SOON);

  const { paths, components } = (await ask('/api/v1/openapi.json')).body as Document;
  const kinds = ['flow', 'intent', 'app', 'port', 'table', 'queue', 'meter', 'group'];
  const questions: Record<string, string[]> = {
    '/api/v1/switches/{dpid}/flows': ['', '?app=nat'],
    '/api/v1/flows': ['', '?switch=hv1/br0', '?intent=masquerade'],
    '/api/v1/counters': kinds.map((kind) => `?of=${kind}`),
    '/api/v1/counters/history': ['?of=app&id=nat', '?of=app&id=nat&step=60'],
  };
  const answers = new Map<string, unknown>();
  for (const [path, { get }] of Object.entries(paths)) {
    if (get === undefined || path === '/api/v1/stream') continue;
    for (const question of questions[path] ?? ['']) {
      const asked = path.replace('{dpid}', dpid) + question;
      const { status, body } = await ask(asked);
      const schema = get.responses[status]?.content?.['application/json']?.schema;
      expect(schema, `${asked} answered ${status}`).toBeDefined();
      expect(misfits(body, schema!, components.schemas, asked)).toEqual([]);
      answers.set(asked, body);
    }
  }
  // Of each list there was something to compare.
  const empty = [...answers].filter(([, body]) => Array.isArray(body) && body.length === 0).map(([path]) => path);
  expect(empty).toEqual(['/api/v1/stations', '/api/v1/neighbours', '/api/v1/leases', '/api/v1/counters?of=queue']);
});

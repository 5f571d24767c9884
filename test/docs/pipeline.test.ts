/** docs/concepts/pipeline.md against the code: stages, fields and their bits, and the packet's way by Open vSwitch's own trace. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { PIPELINE_FIELDS } from '../../src/flow/pipeline-fields.ts';
import { STAGES } from '../../src/flow/stages.ts';
import { bitsText } from '../../src/main/pipeline.ts';
import { pipelineOfFile } from '../../src/main/pipeline-of-file.ts';
import { type LiveSwitch, startLiveSwitch, until } from '../ovs/live-switch.ts';

const text = readFileSync(new URL('../../docs/concepts/pipeline.md', import.meta.url), 'utf8');

/** What stands in the page's story of one packet. */
const network = `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 100 }, net: { vlan: 300 } }
bridges:
  br0: { hosts: [hv1], datapath: netdev, ports: { hv1/p1: { access: loc, address: 10.66.66.67 }, hv1/p2: { access: net } } }
routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces:
      loc: { segment: loc, address: 10.66.66.1/24 }
      net: { segment: net, address: 10.88.88.66/24 }
    routes: [default via 10.88.88.1]
nat: [masquerade 10.66.66.0/24 out edge/net]
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [loc to net accept, net to all drop]
`;

async function pipelineMap() {
  const loaded = parseConfig(network, 'f.yaml');
  if (!loaded.ok) throw new Error('the file is refused');
  const { map, unknown } = await pipelineOfFile(loaded.config);
  expect(unknown).toEqual([]);
  return map;
}

test('the stages, in the table and in the drawing', () => {
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)].map(([, name, table]) => [name, Number(table)]);
  expect(rows).toEqual(Object.entries(STAGES).map(([name, [first]]) => [name, first]));
  const drawing = /```mermaid\n([\s\S]*?)```/.exec(text)![1]!;
  const missing = Object.keys(STAGES).filter(
    (stage) => !new RegExp(`(^|[\\s[])${stage}([\\s\\]]|$)`, 'm').test(drawing),
  );
  expect(missing).toEqual([]);
});

test("the pipeline's own fields, and those of the built-in apps", async () => {
  const own = [...text.matchAll(/^\| `(\w+)` \| `([^`]+)` \| [A-Z]/gm)].map(([, name, bits]) => [name, bits]);
  expect(own).toEqual(Object.entries(PIPELINE_FIELDS).map(([name, place]) => [name, bitsText(place)]));
  const ofApps = [...text.matchAll(/^\| `(\w+\.\w+)` \| `([^`]+)` \|([^|]*)\|$/gm)].map(([, name, bits, users]) => ({
    ...{ name, bits, users: users!.trim() },
  }));
  const { fields } = await pipelineMap();
  expect(ofApps).toEqual(
    fields.filter(({ app }) => app !== null).map(({ name, bits, users }) => ({ name, bits, users: users.join(', ') })),
  );
});

let live: LiveSwitch;
beforeAll(async () => {
  live = await startLiveSwitch();
});
afterAll(() => live.stop());

test("one packet's way is what Open vSwitch traces", async () => {
  const attached = await live.attach(network);
  expect([attached.refused, attached.failures]).toEqual([[], []]);
  await attached.opened();
  // The next hop tells its MAC by ARP.
  const arp = 'arp(sip=10.88.88.1,tip=10.88.88.66,op=2,sha=02:00:00:00:00:b1,tha=02:00:00:00:00:fe)';
  await until(
    async () => {
      const eth = 'eth(src=02:00:00:00:00:b1,dst=02:00:00:00:00:fe),eth_type(0x0806)';
      await live.appctl('netdev-dummy/receive', 'p2', `in_port(2),${eth},${arp}`);
      return live.ofctl('dump-flows');
    },
    (dump) =>
      /table=166,.*load:0x200000000b1->NXM_OF_ETH_DST/.test(dump) && /table=186,.*dl_dst=02:00:00:00:00:b1/.test(dump),
  );
  const packet = [
    'in_port=p1,udp,dl_src=02:00:00:00:00:a1,dl_dst=02:00:00:00:00:fe',
    'nw_src=10.66.66.67,nw_dst=198.51.100.9,nw_ttl=64,udp_src=5000,udp_dst=53',
  ].join();
  const next = ['--ct-next', 'trk,new'];
  const trace = await live.appctl(
    'ofproto/trace',
    'br0',
    packet,
    ...next,
    ...next,
    ...next,
    '--ct-next',
    'trk,new,snat',
  );
  const visited = [...trace.matchAll(/^ *(\d+)\. /gm)].map(([, table]) => Number(table));
  const rows = [...text.matchAll(/^\| (\d+) `([a-z-]+)` \| (\w+) \| (.+) \|$/gm)];
  const { tables } = await pipelineMap();
  const learned = new Set(tables.filter((table) => table.learned).map(({ id }) => id));
  expect(rows.map(([, table]) => Number(table))).toEqual(visited.filter((id) => !learned.has(id)));
  for (const [, table, stage, app] of rows) {
    expect(tables.find(({ id }) => id === Number(table))).toMatchObject({ stage, app });
  }
  const way = rows.map(([, , , , what]) => what).join('\n');
  for (const [, id] of way.matchAll(/\b(\d+), what was learned/g)) expect(visited).toContain(Number(id));
  const zones = [...new Set([...trace.matchAll(/zone=(\d+)/g)].map(([, zone]) => zone!))];
  expect(zones.filter((zone) => !way.includes(zone))).toEqual([]);
  expect(trace).toMatch(/Datapath actions: [^\n]*\b\d+\s*$/);
  expect(trace).toContain('nat(src=10.88.88.66');
  attached.close();
});

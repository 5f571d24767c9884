/** A closed port's flows, in ovs-ofctl's text: all of it, or the VLANs of a trunk in the forms in which they come in. */

import { expect, test } from 'vitest';
import { classifyFlows, outputFlows } from '../../../apps/topology/flows.ts';
import { tagsOf } from '../../../apps/topology/network.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { type AppDatapath, type Config, formatMatch } from '../../../src/index.ts';

const FILE = `flowloom: 1
hosts: { hv1: {} }
segments: { blue: { vlan: 100 }, green: { vlan: 200 }, plain: { vlan: 300 } }
bridges:
  br0:
    hosts: [hv1]
    datapath: netdev
    ports:
      hv1/t0: { trunk: [blue, green], native: plain }
`;

function config(): Config {
  const loaded = parseConfig(FILE, 'f.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

const port = { number: 7, name: 't0', mac: '02:00:00:00:00:07', up: true };
const dp = {
  dpid: '1',
  name: 'hv1/br0',
  host: 'hv1',
  bridge: 'br0',
  ports: new Map([[7, port]]),
} as unknown as AppDatapath;
const tags = (number: number, id: number) => tagsOf(dp, config(), number, id);

test('tagged, and untagged for the native one', () => {
  expect([tags(7, 100), tags(7, 300), tags(7, 999), tags(8, 100)]).toEqual([[0x1064], [0], [], []]);
});

test('a port that is closed, and one for two of its segments', () => {
  const closed = new Map<number, 'all' | Set<number>>([
    [3, 'all'],
    [7, new Set([100, 300])],
  ]);
  const dropped = classifyFlows(closed, tags).filter(([, { actions }]) => actions.length === 0);
  const matches = dropped.map(([, { match }]) => formatMatch(match as never));
  expect(matches).toEqual(['in_port=3', 'in_port=7,dl_vlan=100', 'in_port=7,vlan_tci=0x0000/0x1fff']);
  const leaving = outputFlows(closed).filter(([, { actions }]) => actions.length === 0);
  expect(leaving.map(([, { match }]) => match)).toEqual([
    { outPort: 3 },
    { outPort: 7, segment: 100 },
    { outPort: 7, segment: 300 },
  ]);
});

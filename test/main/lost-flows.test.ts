/** The flows that a bridge would lose, asked of a real ovs-vswitchd; where it can't be asked, how to look. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { lostFlows } from '../../src/main/lost-flows.ts';
import { type LiveSwitch, startLiveSwitch } from '../ovs/live-switch.ts';

let live: LiveSwitch;
let ovsdb: string;
beforeAll(async () => {
  live = await startLiveSwitch();
  ovsdb = `unix:${live.socket.replace(/br0\.mgmt$/, 'db.sock')}`;
});
afterAll(() => live.stop());

const flush = { bridge: 'br0', source: 'net.yaml:7', why: 'it gets its first controller' };

test('a bridge whose socket is here: its flows in ovs-ofctl words, bounded; they stay', async () => {
  await live.ofctl('add-flow', 'cookie=0x5,table=3,priority=7,tcp,tp_dst=80,actions=drop');
  const { shown, ...told } = await lostFlows({ name: 'hv1', ovsdb }, flush, undefined);
  expect(told).toEqual({ ...flush, flows: 1, note: null });
  expect(shown).toEqual([
    expect.stringMatching(
      /^cookie=0x5, duration=\S+, table=3, n_packets=0, n_bytes=0, priority=7,tcp,tp_dst=80 actions=drop$/,
    ),
  ]);
  for (let i = 0; i < 150; i++) await live.ofctl('add-flow', `table=4,priority=${i},actions=drop`);
  const many = await lostFlows({ name: 'hv1', ovsdb }, flush, undefined);
  expect({ flows: many.flows, shown: many.shown.length }).toEqual({ flows: 151, shown: 100 });
  expect((await live.ofctl('dump-flows')).match(/actions=/g)).toHaveLength(151);
});

test('a bridge that is connected is asked over its connection', async () => {
  const attached = await live.attach(undefined);
  const { connection } = attached.site.datapath;
  const there = (await live.ofctl('dump-flows')).match(/actions=/g)?.length;
  expect(await lostFlows({ name: 'hv1', ovsdb: 'tcp:192.0.2.1:6640' }, flush, connection)).toMatchObject({
    flows: there,
  });
  attached.close();
});

test.each([
  ['on another machine', 'tcp:192.0.2.1:6640', 'br0', /^"ovs-ofctl -O OpenFlow14 dump-flows br0" on hv1 shows them$/],
  ['dials in', undefined, 'br0', /^"ovs-ofctl .* on hv1 shows them$/],
  ['without a socket', undefined, 'br9', /br9\.mgmt.*; "ovs-ofctl -O OpenFlow14 dump-flows br9" on hv1 shows them$/],
])('%s: how to look', async (what, target, bridge, note) => {
  const where = what === 'without a socket' ? ovsdb : target;
  expect(await lostFlows({ name: 'hv1', ovsdb: where }, { ...flush, bridge }, undefined)).toEqual({
    ...{ ...flush, bridge, flows: null, shown: [] },
    note: expect.stringMatching(note),
  });
});

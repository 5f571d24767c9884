/** NORMAL with the ports' VLANs as the OVSDB has them: every kind of port, every kind of tag, from each to each. */

import { expect, test } from 'vitest';
import { parseFlow } from '../../src/flow/text/parse-flow.ts';
import { buildPacket } from '../../src/packet/build.ts';
import type { PortOptions } from '../../src/sim/ports.ts';
import { startRealSwitch } from './real-switch.ts';
import { createSimulatedUnderTest } from './simulated.ts';
import { PORTS } from './switch-under-test.ts';

const VLANS: Readonly<Record<number, PortOptions['vlan']>> = {
  1: { mode: 'access', tag: 10 },
  2: { mode: 'trunk', trunks: [10, 20] },
  3: { mode: 'nativeUntagged', tag: 10, trunks: [10, 20] },
  4: { mode: 'nativeTagged', tag: 20, trunks: [10, 20] },
};
const COLUMNS = [
  ['p1', 'tag=10'],
  ['p2', 'trunks=10,20'],
  ['p3', 'tag=10', 'trunks=10,20', 'vlan_mode=native-untagged'],
  ['p4', 'tag=20', 'trunks=10,20', 'vlan_mode=native-tagged'],
];

const station = (number: number) => `02:00:00:00:00:0${number}`;
const TAGS = [[], [10], [20], [30], [0], [10, 20], [20, 10]];

test('NORMAL sends every frame where Open vSwitch sends it, with the tags that it sends', async () => {
  const real = await startRealSwitch();
  try {
    await real.vsctl(...COLUMNS.flatMap(([port = '', ...columns]) => ['--', 'set', 'port', port, ...columns]));
    const simulated = await createSimulatedUnderTest(1, VLANS);
    for (const at of [real, simulated]) {
      await at.clear();
      expect(await at.install([parseFlow('actions=NORMAL')])).toEqual([]);
    }
    const ways = new Set<string>();
    for (const [round, tags] of [...TAGS, ...TAGS].entries()) {
      for (const from of PORTS) {
        // In the second round the stations are known.
        const dst = round < TAGS.length ? 'ff:ff:ff:ff:ff:ff' : station((from % 4) + 1);
        const vlans = tags.map((vid) => ({ vid, priority: vid === 0 ? 5 : 0 }));
        const frame = buildPacket({
          eth: { src: station(from), dst },
          vlans,
          udp: { srcPort: 1, dstPort: 2 },
          ipv4: IPV4,
        });
        const wanted = (await real.receive(from, frame)).frames;
        const ours = (await simulated.receive(from, frame)).frames;
        expect(ours, `round ${round}, tags ${tags.join()}, from p${from} to ${dst}`).toEqual(wanted);
        ways.add(Object.keys(wanted).join());
      }
    }
    expect(ways.size).toBeGreaterThan(5);
  } finally {
    await real.stop();
  }
});

const IPV4 = { src: '10.0.0.1', dst: '10.0.0.2' };

/** What the apps on a switch are told of the file when hosts tell something of it. */

import { duplexPair } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { defineApp } from '../../src/app/define-app.ts';
import { createAppHost } from '../../src/app/host.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/model.ts';
import { createSwitches } from '../../src/control/switches.ts';
import { createSimulatedSwitch } from '../../src/sim/simulated-switch.ts';
import { request } from '../app/network.ts';

const FILE = `flowloom: 1
hosts: { hv1: { underlay: 192.168.50.4 }, hv2: { underlay: 192.168.50.5 } }
segments: { red: { vlan: 10, overlay: vxlan }, blue: {} }
bridges: { br0: { hosts: [hv1, hv2], ports: { hv1/a: { access: red } } } }
`;

const unused = () => undefined;

/** As the hosts' manager gives it: other objects, in which only the MTU is another. */
function withMtu(config: Config, mtu: number): Config {
  return { ...config, segments: config.segments.map((each) => (each.name === 'red' ? { ...each, mtu } : each)) };
}

test('a segment that has another MTU is told at once, and only then', async () => {
  const loaded = parseConfig(FILE, 'f.yaml');
  if (!loaded.ok) throw new Error('the file is wrong');
  const heard: (number | undefined)[] = [];
  const mtuOf = (config: Config | undefined) => config?.segments.find(({ name }) => name === 'red')?.mtu;
  const app = defineApp({
    name: 'one',
    tables: {},
    attach: ({ network }) => {
      heard.push(mtuOf(network));
      return { networkChanged: (changed) => void heard.push(mtuOf(changed)) };
    },
  });
  const host = createAppHost();
  host.load([request(app)]);
  let network: Config = loaded.config;
  const switches = createSwitches({
    ...{ host, network: () => network, binding: () => ({ host: 'hv1', bridge: 'br0' }) },
    ...{ log: pino({ level: 'silent' }), changed: unused, happened: unused },
    follower: { connected: unused, settled: unused, disconnected: unused, flowRemoved: unused },
  });
  const [ours, theirs] = duplexPair();
  const clock = { now: () => 0 };
  const device = createSimulatedSwitch({ dpid: 1n, ports: [{ portNo: 1 }], clock, transmit: unused });
  const link = device.connect({ write: (bytes) => void theirs.write(Uint8Array.from(bytes)) });
  theirs.on('data', (chunk: Uint8Array) => link.receive(chunk));
  try {
    switches.accept(ours, 'here');
    await expect.poll(() => heard).toEqual([undefined]);
    for (const mtu of [1450, 1450, 1400]) {
      network = withMtu(loaded.config, mtu);
      switches.attach(false);
    }
    expect(heard).toEqual([undefined, 1450, 1400]);
  } finally {
    switches.close();
    theirs.destroy();
    host.commons.close();
  }
});

/** Selected ports over time: what stays is the same object, what comes and goes is told, in few lines. */

import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import type { Config, PortSelector } from '../../src/config/model.ts';
import type { InterfaceView } from '../../src/ovsdb/manager/host-view.ts';
import { mtuWarnings } from '../../src/ovsdb/manager/mtu-warnings.ts';
import { resolvePorts } from '../../src/ovsdb/manager/port-selection.ts';
import { segmentMtu } from '../../src/ovsdb/manager/segment-mtu.ts';
import { createSelectedPorts } from '../../src/ovsdb/manager/selected-ports.ts';
import { testBridge, testConfig, testHost, testInterface, testPort, testSegment } from './config.ts';

let lines: string[];
beforeEach(() => {
  lines = [];
});
const log = pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line).msg) });

const select: PortSelector = {
  name: 'vnet*',
  mac: undefined,
  ifaceId: undefined,
  attachedMac: undefined,
  externalIds: {},
};
const loc = { mode: 'access', segment: 'loc' } as const;

/** Two hosts with a bridge each, on which any vnet* is in segment loc. */
function twoHosts(source = 'f.yaml:7'): Config {
  const ports = ['hv1', 'hv2'].map((host) => testPort('vnet*', { host, source, vlans: loc, select }));
  return testConfig({
    hosts: [testHost('hv1'), testHost('hv2')],
    segments: [testSegment('loc', { vlan: 100 })],
    bridges: [testBridge('br0', ports, { hosts: ['hv1', 'hv2'] })],
  });
}

const faces = (...names: string[]): InterfaceView[] => names.map((name) => testInterface(name));

const portsOf = (network: Config, host: string) =>
  network.bridges[0]!.ports.filter((port) => port.host === host && port.select === undefined);

test('a change of one host: its new port alone is a new object; where nothing changes, the file is the same object', () => {
  const selected = createSelectedPorts(log);
  const config = twoHosts();
  const hv2 = faces('vnet9');
  const first = selected(
    config,
    new Map([
      ['hv1', faces('vnet1', 'vnet2')],
      ['hv2', hv2],
    ]),
  );
  // The database changed in something else: rows were read again, the ports are the same.
  const same = selected(
    config,
    new Map([
      ['hv1', faces('vnet2', 'vnet1', 'eth0')],
      ['hv2', hv2],
    ]),
  );
  expect(same.network).toBe(first.network);
  const next = selected(
    config,
    new Map([
      ['hv1', faces('vnet2', 'vnet3')],
      ['hv2', faces('vnet9')],
    ]),
  );
  expect(portsOf(next.network, 'hv2')[0]).toBe(portsOf(first.network, 'hv2')[0]);
  const [vnet2, vnet3] = portsOf(next.network, 'hv1');
  expect([vnet2?.name, vnet3?.name]).toEqual(['vnet2', 'vnet3']);
  expect(vnet2).toBe(portsOf(first.network, 'hv1')[1]);
  expect(lines).toEqual([
    'hv1: port vnet1 is selected by vnet* (f.yaml:7)',
    'hv1: port vnet2 is selected by vnet* (f.yaml:7)',
    'hv2: port vnet9 is selected by vnet* (f.yaml:7)',
    'hv1: port vnet3 is selected by vnet* (f.yaml:7)',
    'hv1: port vnet1 is no longer selected by vnet* (f.yaml:7)',
  ]);
});

test('a file without selectors is given as it is; one that loses them lets their ports go', () => {
  const selected = createSelectedPorts(log);
  const plain = testConfig({ bridges: [testBridge('br0', [testPort('web1')])] });
  const known = new Map([['hv1', faces('vnet1')]]);
  expect(selected(plain, known).network).toBe(plain);
  expect(portsOf(selected(twoHosts(), known).network, 'hv1')).toHaveLength(1);
  expect(selected(plain, known).network).toEqual(plain);
  expect(selected(plain, known).waiting.get('hv1') ?? []).toEqual([]);
  expect(lines.at(-1)).toBe('hv1: port vnet1 is no longer selected by vnet* (f.yaml:7)');
});

test('a thousand ports at once are ten lines and a count', () => {
  const selected = createSelectedPorts(log);
  const names = Array.from({ length: 1000 }, (_, i) => `vnet${i}`);
  selected(twoHosts(), new Map([['hv1', faces(...names)]]));
  expect(lines).toHaveLength(11);
  expect(lines.at(-1)).toBe('990 more ports selected, or no longer');
});

test("a selected port's MTU is held against its segment's, by the selector's line", () => {
  const config = twoHosts();
  config.hosts = [testHost('hv1', { underlay: '10.0.0.1' }), testHost('hv2', { underlay: '10.0.0.2' })];
  config.segments[0]!.overlay = {
    type: 'vxlan',
    vni: 100,
    dstPort: 4789,
    ttl: 64,
    members: undefined,
    perPeer: false,
    headroom: 0,
    options: {},
    bfd: false,
  };
  // A port that nobody selects has the name of the selector's label.
  config.bridges[0]!.ports[0]!.name = 'guests';
  const known = new Map([['hv1', faces('guests', 'vnet1')]]);
  const warnings = mtuWarnings(resolvePorts(config, known), segmentMtu(config, known), known);
  expect(warnings.get('hv1')).toEqual([
    expect.stringMatching(/^br0\/vnet1 has MTU 1500, segment loc carries 1450.*\(f\.yaml:7\)$/),
  ]);
});

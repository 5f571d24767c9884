/** Ages of stations from readings of a switch, and the MAC tables of the file's bridges. */

import { expect, test } from 'vitest';
import segments from '../../apps/segments/index.ts';
import { createAppHost } from '../../src/app/host.ts';
import { stationReader } from '../../src/app/learned-flow.ts';
import { createStationBook } from '../../src/app/station-book.ts';
import { cookieOf, STATE } from '../../src/flow/cookie.ts';
import { MAIN } from '../../src/flow/namespace.ts';
import type { ActualFlow } from '../../src/flow/reconcile/diff.ts';
import { macTables, stationsOf } from '../../src/main/stations.ts';
import { testBridge, testConfig, testHost, testSegment } from '../ovsdb/config.ts';

const host = createAppHost();
host.load([{ definition: segments, config: {}, source: '', sources: {} }]);
const { number, tables } = host.apps.get('segments')!;
const stationOf = stationReader(host);
const cookie = cookieOf(MAIN, number, STATE | 1n);
const metadata = { value: 100n, mask: 0xffffn };

function learned(parts: Partial<ActualFlow>): ActualFlow {
  const none = {
    identity: '',
    content: '',
    tableId: tables.get('seen')!,
    priority: 10,
    flags: [],
    idleTimeout: 0,
    hardTimeout: 300,
  };
  return { ...none, match: {}, instructions: [], cookie, duration: 0, ...parts };
}

const seen = (mac: string, duration: number) => learned({ match: { metadata, ethSrc: mac }, duration });

const address = (mac: string, arpSpa: string) =>
  learned({ tableId: tables.get('addresses')!, match: { metadata, ethSrc: mac, ethType: 0x0806, arpSpa } });

const at = (mac: string, port: number, duration: number, peer?: number) =>
  learned({
    tableId: tables.get('learned')!,
    match: { metadata, ethDst: mac },
    duration,
    instructions: [
      {
        type: 'applyActions',
        actions: [
          { type: 'setField', field: 'reg2', value: port },
          ...(peer === undefined ? [] : [{ type: 'setField' as const, field: 'reg3' as const, value: peer }]),
        ],
      },
    ],
  });

const ONE = '02:00:00:00:00:01';
const TWO = '02:00:00:00:00:02';

const config = testConfig({
  hosts: [testHost('hv1', { underlay: '192.168.50.4' }), testHost('hv2', { underlay: '192.168.50.5' })],
  segments: [testSegment('loc', { vlan: 100, id: 100 })],
  bridges: [testBridge('br0'), testBridge('plain', [], { forwarding: 'normal' })],
});

test('stations by name: segment, port, the host behind a tunnel; what is left of their time', () => {
  const now = Date.now();
  const all = [
    ...[at(TWO, 9, 30, 0xc0a83205), seen(TWO, 30), address(TWO, '10.0.0.2'), address(TWO, '10.0.0.22')],
    ...[at(ONE, 0xfffffffe, 400), seen(ONE, 400)],
  ].map((flow, index) => ({ ...flow, identity: String(index) }));
  const flows = new Map(all.map((flow) => [flow.identity, flow]));
  const book = createStationBook(stationOf, () => undefined);
  for (const flow of all) book.changed(undefined, flow);
  // The counts tell when a station was heard.
  const figures = (identity: string) => {
    const { match, duration } = flows.get(identity)!;
    const installedAt = now - duration * 1000;
    return { movedAt: match.ethSrc === TWO ? installedAt : undefined, installedAt };
  };
  const ports = new Map([
    [9, { name: 'vx4789t64' }],
    [0xfffffffe, { name: 'br0' }],
  ]);
  const dpid = '00000000000000a1';
  const site = { dpid, name: 'hv1/br0', ports, flows, stations: [...book.stations()], others: [], figures };
  const here = { segment: 'loc', dpid, switch: 'hv1/br0' };
  const behind = { port: 'vx4789t64', peer: '192.168.50.5', peerHost: 'hv2' };
  expect(stationsOf(site, config)).toEqual([
    {
      ...{ ...here, mac: ONE, addresses: [], port: 'br0', peer: null, peerHost: null },
      ...{ known: 400, age: null, expires: null },
    },
    { ...here, ...behind, mac: TWO, addresses: ['10.0.0.22', '10.0.0.2'], known: 30, age: 30, expires: 270 },
  ]);
  expect(macTables(config, stationsOf(site, config))).toEqual([
    { switch: 'hv1/br0', keptBy: 'flows', aging: 300, stations: 2, command: null },
    {
      ...{ switch: 'hv1/plain', keptBy: 'open-vswitch', aging: 300, stations: null },
      command: 'ovs-appctl fdb/show plain',
    },
  ]);
});

test('without a file: what an app has found out, by port, with nothing said of what nobody knows', () => {
  const dpid = '00000000000000a1';
  const others = [
    { mac: TWO, dpid, port: 9 },
    { mac: ONE, dpid, port: 4, ip: '10.0.0.1' },
  ];
  const ports = new Map([[9, { name: 'eth9' }]]);
  const site = { dpid, name: dpid, ports, flows: new Map(), stations: [], others, figures: () => undefined };
  const nothing = { segment: null, peer: null, peerHost: null, known: null, age: null, expires: null };
  expect(stationsOf(site, undefined)).toEqual([
    { mac: ONE, addresses: ['10.0.0.1'], dpid, switch: dpid, port: '4', ...nothing },
    { mac: TWO, addresses: [], dpid, switch: dpid, port: 'eth9', ...nothing },
  ]);
});

test("an app that can't read what its switch learned is told once, and Flowloom goes on", () => {
  const lines: string[] = [];
  const broken = createAppHost();
  const station = () => {
    throw new Error('broken');
  };
  broken.load([{ definition: { ...segments, station }, config: {}, source: '', sources: {} }]);
  const read = stationReader(broken, (line) => lines.push(line));
  expect([read(seen(ONE, 1)), read(seen(TWO, 1))]).toEqual([undefined, undefined]);
  expect(lines).toEqual(['app "segments" can\'t say of which station a learned flow is: broken']);
  expect(stationOf(seen(ONE, 1))?.mac).toBe(ONE);
});

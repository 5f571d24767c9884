/** A segment's MTU: what the underlay leaves to its guests. */

import { describe, expect, test } from 'vitest';
import { tunnelPeers, tunnelPortName, tunnelPorts } from '../../src/config/tunnel.ts';
import { desiredHost } from '../../src/ovsdb/desired.ts';
import type { InterfaceView } from '../../src/ovsdb/host-view.ts';
import { segmentMtu } from '../../src/ovsdb/segment-mtu.ts';
import { testBridge, testConfig, testHost, testPort, testSegment } from './config.ts';

const vxlan = { type: 'vxlan', vni: 5000, dstPort: 4789, ttl: 5 } as const;
const view = (name: string, bridge: string, parts: Partial<InterfaceView> = {}): InterfaceView => ({
  name,
  bridge,
  type: '',
  ofport: 1,
  mtu: 1500,
  mac: undefined,
  error: undefined,
  linkUp: true,
  options: new Map(),
  status: new Map(),
  externalIds: new Map(),
  owned: true,
  ...parts,
});
const config = () =>
  testConfig({
    hosts: [testHost('hv1', { underlay: '10.0.0.1' }), testHost('hv2', { underlay: '10.0.0.2' }), testHost('hv3')],
    segments: [
      testSegment('loc', { overlay: vxlan }),
      testSegment('here', { overlay: { ...vxlan, vni: 6 } }),
      testSegment('plain', { vlan: 7 }),
    ],
    bridges: [
      testBridge(
        'br0',
        [
          testPort('web1', { vlans: { mode: 'access', segment: 'loc' } }),
          testPort('web2', { vlans: { mode: 'access', segment: 'plain' } }),
          testPort('web3', { host: 'hv2', vlans: { mode: 'access', segment: 'loc' } }),
        ],
        { hosts: ['hv1', 'hv2', 'hv3'] },
      ),
      testBridge('phy1', [testPort('phy1', { type: 'internal', address: '10.0.0.1/24' })], { forwarding: 'normal' }),
      testBridge('phy2', [], { hosts: ['hv2'], forwarding: 'normal' }),
    ],
  });

describe('tunnel ports', () => {
  test('stand where a segment with an overlay has another host to reach', () => {
    const [br0] = config().bridges;
    expect(tunnelPorts(config(), 'hv1', br0!).map(({ name }) => name)).toEqual(['vx4789t5']);
    expect(tunnelPorts(config(), 'hv2', br0!).map(({ name }) => name)).toEqual(['vx4789t5']);
    // No underlay address, no tunnel.
    expect(tunnelPorts(config(), 'hv3', br0!)).toEqual([]);
    expect(tunnelPeers(config(), 'loc', 'hv1')).toEqual(['hv2']);
    const alone = config();
    alone.hosts.splice(1, 1);
    expect(tunnelPorts(alone, 'hv1', br0!)).toEqual([]);
  });

  test('a router’s interface counts as use', () => {
    const routed = config();
    const [br0] = routed.bridges;
    br0!.ports = [];
    expect(tunnelPorts(routed, 'hv1', br0!)).toEqual([]);
    const face = { name: 'loc', source: 'flowloom.yaml:30', segment: 'loc', zone: 0, addresses: ['10.66.66.1/24'] };
    routed.routers = [
      {
        name: 'edge',
        source: 'flowloom.yaml:29',
        host: 'hv1',
        bridge: 'br0',
        mac: '0e:00:00:00:00:01',
        interfaces: [face],
        routes: [],
      },
    ];
    expect(tunnelPorts(routed, 'hv1', br0!).map(({ name }) => name)).toEqual(['vx4789t5']);
  });

  test('have names that fit an interface', () => {
    expect(tunnelPortName({ type: 'vxlan', dstPort: 65535, ttl: 255 })).toBe('vx65535t255');
  });

  test('need no bridge’s own port to be listed', () => {
    const desired = desiredHost(config(), 'hv2', undefined);
    expect(
      desired.bridges.map((bridge) => [
        bridge.name,
        bridge.controller,
        bridge.ports.map((port) => `${port.type}:${port.name}`),
      ]),
    ).toEqual([
      ['br0', undefined, ['internal:br0', ':web3', 'vxlan:vx4789t5']],
      ['phy2', undefined, ['internal:phy2']],
    ]);
  });
});

describe('segment MTU', () => {
  test('is the least underlay’s, less the tunnel; others are not limited', () => {
    const { segments } = segmentMtu(
      config(),
      new Map([
        ['hv1', [view('phy1', 'phy1', { mtu: 9000 }), view('web1', 'br0')]],
        ['hv2', [view('phy2', 'phy2', { mtu: 9000 })]],
      ]),
    );
    // hv2's device is only guessed, so that it cannot raise the number.
    expect(segments.get('loc')).toEqual({
      mtu: 1450,
      reason: "hv2's underlay is taken to have MTU 1500, less 50 for VXLAN",
    });
    expect(segments.get('plain')).toEqual({ mtu: undefined, reason: 'no tunnel' });
    expect(segments.get('here')?.mtu).toBeUndefined();
  });

  test('finds the device by the file, by the tunnel’s way out, by the only bridge there is', () => {
    const mtu = (hv1: InterfaceView[], hv2: InterfaceView[]) =>
      segmentMtu(
        config(),
        new Map([
          ['hv1', hv1],
          ['hv2', hv2],
        ]),
      ).segments.get('loc');
    expect(mtu([view('phy1', 'phy1', { mtu: 1400 })], [])).toEqual({
      mtu: 1350,
      reason: 'hv1/phy1 has MTU 1400, less 50 for VXLAN',
    });
    expect(mtu([], [view('phy2', 'phy2', { mtu: 1300 })])).toEqual({
      mtu: 1250,
      reason: 'hv2/phy2 has MTU 1300, less 50 for VXLAN',
    });
    const tunnel = view('other', 'brx', {
      options: new Map([['local_ip', '10.0.0.2']]),
      status: new Map([['tunnel_egress_iface', 'eth7']]),
    });
    expect(mtu([], [tunnel, view('eth7', 'brx', { mtu: 1280 })])?.mtu).toBe(1230);
    expect(mtu([], [])?.mtu).toBe(1450);
  });

  test('warns of each port that is larger than its segment', () => {
    const { warnings } = segmentMtu(
      config(),
      new Map([
        ['hv1', [view('web1', 'br0'), view('web2', 'br0')]],
        ['hv2', [view('web3', 'br0', { mtu: 1450 })]],
      ]),
    );
    expect([...warnings]).toEqual([
      [
        'hv1',
        [
          expect.stringMatching(
            /^br0\/web1 has MTU 1500, segment loc carries 1450: .*ip link set DEVICE mtu 1450 \(flowloom.yaml:\d+\)$/,
          ),
        ],
      ],
    ]);
  });
});

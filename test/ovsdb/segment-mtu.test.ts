/** A segment's MTU: what the underlay leaves to its guests. */

import { describe, expect, test } from 'vitest';
import type { Overlay } from '../../src/config/model.ts';
import { tunnelEnds, tunnelPortName, tunnelPorts } from '../../src/config/tunnel.ts';
import { desiredHost } from '../../src/ovsdb/manager/desired.ts';
import type { DesiredRow } from '../../src/ovsdb/manager/desired-row.ts';
import type { InterfaceView } from '../../src/ovsdb/manager/host-view.ts';
import { mtuWarnings } from '../../src/ovsdb/manager/mtu-warnings.ts';
import { segmentMtu, type UnderlayMemory, withMtus } from '../../src/ovsdb/manager/segment-mtu.ts';
import { tunnelOverhead } from '../../src/ovsdb/manager/tunnel-overhead.ts';
import { testBridge, testConfig, testHost, testInterface, testOverlay, testPort, testSegment } from './config.ts';

const vxlan = testOverlay();
const view = (name: string, bridge: string, parts: Partial<InterfaceView> = {}) =>
  testInterface(name, { bridge, owned: true, ...parts });
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
      testBridge('phy1', [testPort('phy1', { type: 'internal', addresses: ['10.0.0.1'] })], { forwarding: 'normal' }),
      testBridge('phy2', [], { hosts: ['hv2'], forwarding: 'normal' }),
    ],
  });

const devices = (port: DesiredRow) => (port.children.interfaces ?? []).map(({ columns }) => columns);

describe('tunnel ports', () => {
  test('stand where a segment with an overlay has another host to reach', () => {
    const [br0] = config().bridges;
    expect(tunnelPorts(config(), 'hv1', br0!).map(({ name }) => name)).toEqual(['vx4789t5']);
    expect(tunnelPorts(config(), 'hv2', br0!).map(({ name }) => name)).toEqual(['vx4789t5']);
    // No underlay address, no tunnel.
    expect(tunnelPorts(config(), 'hv3', br0!)).toEqual([]);
    expect([...tunnelEnds(config(), 'hv1', br0!)]).toEqual([
      ['loc', [{ port: 'vx4789t5', host: 'hv2', address: '10.0.0.2' }]],
    ]);
    const alone = config();
    alone.hosts.splice(1, 1);
    expect(tunnelPorts(alone, 'hv1', br0!)).toEqual([]);
  });

  test('a router’s interface counts as use', () => {
    const routed = config();
    const [br0] = routed.bridges;
    br0!.ports = br0!.ports.filter(({ host }) => host === 'hv2');
    expect(tunnelPorts(routed, 'hv1', br0!)).toEqual([]);
    const face = {
      name: 'loc',
      source: 'flowloom.yaml:30',
      segment: 'loc',
      zone: 0,
      addresses: ['10.66.66.1/24'],
      follow: false,
      mtu: undefined,
      options: [],
    };
    routed.routers = [
      {
        name: 'edge',
        source: 'flowloom.yaml:29',
        host: 'hv1',
        bridge: 'br0',
        mac: '0e:00:00:00:00:01',
        interfaces: [face],
        routes: [],
        self: undefined,
      },
    ];
    expect(tunnelPorts(routed, 'hv1', br0!).map(({ name }) => name)).toEqual(['vx4789t5']);
  });

  test('join the members that the file names, those without a port in the segment too', () => {
    const some = config();
    const [br0] = some.bridges;
    some.hosts[2] = testHost('hv3', { underlay: '10.0.0.3' });
    some.segments[0]!.overlay = testOverlay({ members: ['hv1', 'hv3'] });
    const peersOf = (host: string) =>
      tunnelEnds(some, host, br0!)
        .get('loc')
        ?.map((end) => end.host);
    expect(peersOf('hv1')).toEqual(['hv3']);
    expect(peersOf('hv3')).toEqual(['hv1']);
    // It has a port in the segment, and is no member.
    expect(peersOf('hv2')).toBeUndefined();
    expect(tunnelPorts(some, 'hv2', br0!)).toEqual([]);
    // The same without `members`: whoever has a port.
    some.segments[0]!.overlay = testOverlay();
    expect(['hv1', 'hv2', 'hv3'].map(peersOf)).toEqual([['hv2'], ['hv1'], undefined]);
  });

  test('are of one port for each protocol, UDP port and TTL, and of one for each peer where that needs it', () => {
    const three = config();
    const [br0] = three.bridges;
    three.hosts[2] = testHost('hv3', { underlay: '10.0.0.3' });
    three.segments = [
      testSegment('loc', { overlay: testOverlay() }),
      testSegment('more', { overlay: testOverlay({ vni: 6000 }) }),
      testSegment('gen', { overlay: testOverlay({ type: 'geneve', dstPort: 6081, options: { csum: 'true' } }) }),
      testSegment('safe', {
        overlay: testOverlay({
          type: 'gre',
          dstPort: undefined,
          vni: 0xffff_ffff,
          perPeer: true,
          options: { remote_name: '{peer}.example.net', tos: 'inherit' },
        }),
      }),
    ];
    br0!.ports = three.hosts.flatMap(({ name: host }) =>
      three.segments.map(({ name }) => testPort(`${name}0`, { host, vlans: { mode: 'access', segment: name } })),
    );
    expect(
      tunnelPorts(three, 'hv1', br0!).map(({ name, segments }) => [name, segments.map((each) => each.name)]),
    ).toEqual([
      ['vx4789t5', ['loc', 'more']],
      ['gn6081t5', ['gen']],
      ['gr0a000002', ['safe']],
      ['gr0a000003', ['safe']],
    ]);
    const rows = desiredHost(three, 'hv1', { controllerTarget: undefined }).bridges[0]!.ports.flatMap(devices);
    const tunnels = rows.filter(({ options }) => options instanceof Map && options.size > 0);
    expect(tunnels.map(({ type, options }) => [type, Object.fromEntries(options as Map<string, string>)])).toEqual([
      ['vxlan', { remote_ip: 'flow', local_ip: '10.0.0.1', key: 'flow', dst_port: '4789', ttl: '5' }],
      ['geneve', { remote_ip: 'flow', local_ip: '10.0.0.1', key: 'flow', dst_port: '6081', ttl: '5', csum: 'true' }],
      ...['hv2', 'hv3'].map((peer, i) => [
        'gre',
        {
          remote_ip: `10.0.0.${i + 2}`,
          local_ip: '10.0.0.1',
          key: 'flow',
          ttl: '5',
          remote_name: `${peer}.example.net`,
          tos: 'inherit',
        },
      ]),
    ]);
  });

  test('have names that fit an interface', () => {
    expect(tunnelPortName({ type: 'vxlan', dstPort: 65535, ttl: 255 })).toBe('vx65535t255');
    expect(tunnelPortName({ type: 'gre', dstPort: undefined, ttl: 64 })).toBe('grt64');
    const longest = tunnelPortName({ type: 'geneve', dstPort: 65535, ttl: 255 }, '192.168.50.4');
    expect(longest).toBe('gnc0a83204p1ekf');
    expect(longest.length).toBe(15);
    expect(tunnelPortName({ type: 'vxlan', dstPort: 65535, ttl: 255 }, 'fd00::1')).toMatch(/^vx[0-9a-f]{8}p1ekf$/);
  });

  test('need no bridge’s own port to be listed', () => {
    const desired = desiredHost(config(), 'hv2', { controllerTarget: undefined });
    expect(
      desired.bridges.map((bridge) => [
        bridge.name,
        bridge.row.children.controller,
        bridge.ports.flatMap(devices).map(({ type, name }) => `${type}:${name}`),
      ]),
    ).toEqual([
      ['br0', [], ['internal:br0', ':web3', 'vxlan:vx4789t5']],
      ['phy2', [], ['internal:phy2']],
    ]);
  });
});

describe('segment MTU', () => {
  const forVxlan = '50 for VXLAN (IPv4 20, UDP 8, VXLAN 8, Ethernet 14)';

  test('leaves what each tunnel adds, over IPv4 and over IPv6', () => {
    const bytes = (parts: Partial<Overlay>, family: 4 | 6 = 4, tagged = false) =>
      tunnelOverhead(testOverlay(parts), { family, tagged }).bytes;
    const gre: Partial<Overlay> = { type: 'gre', dstPort: undefined };
    expect([bytes({}), bytes({}, 6)]).toEqual([50, 70]);
    expect([bytes({ type: 'geneve' }), bytes({ type: 'geneve', headroom: 12 }, 6)]).toEqual([50, 82]);
    expect([bytes(gre), bytes(gre, 6)]).toEqual([42, 62]);
    expect(bytes({ ...gre, options: { csum: 'true', seq: 'true' } })).toBe(50);
    // A UDP checksum takes no room of its own.
    expect(bytes({ options: { csum: 'true' } })).toBe(50);
    expect(bytes({}, 4, true)).toBe(54);
    expect(tunnelOverhead(testOverlay({ options: { psk: 'secret' } }), { family: 4, tagged: false })).toEqual({
      bytes: 87,
      words: '87 for VXLAN with IPsec (IPv4 20, ESP 37, UDP 8, VXLAN 8, Ethernet 14)',
    });
  });

  test('is settled when every host has its tunnel, and holds on to what a host told last', () => {
    const tunnel = (status: [string, string][]) =>
      view('vx4789t5', 'br0', { options: new Map([['local_ip', '10.0.0.2']]), status: new Map(status) });
    const jumbo = [view('phy1', 'phy1', { mtu: 9000 }), view('vx4789t5', 'br0')];
    const memory: UnderlayMemory = new Map();
    const at = (hv2: InterfaceView[]) =>
      segmentMtu(
        config(),
        new Map([
          ['hv1', jumbo],
          ['hv2', hv2],
        ]),
        memory,
      ).get('loc');
    expect(at([])).toMatchObject({ mtu: 1450, settled: false });
    const up = [tunnel([['tunnel_egress_iface', 'eth7']]), view('eth7', 'brx', { mtu: 9000 })];
    expect(at(up)).toMatchObject({ mtu: 8950, settled: true });
    // Its link goes down, and Open vSwitch no longer says by which device the tunnel leaves; then the host is away.
    expect(at([tunnel([]), view('eth7', 'brx', { mtu: 9000 })])).toMatchObject({ mtu: 8950, settled: true });
    expect(at([])).toMatchObject({ mtu: 8950, settled: false });
    // What the file says needs nobody to tell it.
    const said = config();
    for (const host of said.hosts) host.underlayMtu = 9000;
    const [vx] = [[view('vx4789t5', 'br0')]];
    expect(
      segmentMtu(
        said,
        new Map([
          ['hv1', vx],
          ['hv2', vx],
        ]),
      ).get('loc'),
    ).toMatchObject({
      mtu: 8950,
      reason: `hv1's underlay has MTU 9000 by the file, less ${forVxlan}`,
      settled: true,
    });
    // What it tells anew counts.
    const less = [tunnel([['tunnel_egress_iface', 'eth7']]), view('eth7', 'brx', { mtu: 1400 })];
    expect(at(less)).toMatchObject({ mtu: 1350, settled: true });
  });

  test('is the least underlay’s, less the tunnel; others are not limited', () => {
    const segments = segmentMtu(
      config(),
      new Map([
        ['hv1', [view('phy1', 'phy1', { mtu: 9000 }), view('web1', 'br0')]],
        ['hv2', [view('phy2', 'phy2', { mtu: 9000 })]],
      ]),
    );
    // hv2's device is only guessed, so that it cannot raise the number.
    expect(segments.get('loc')).toEqual({
      mtu: 1450,
      reason: `hv2's underlay is taken to have MTU 1500, less ${forVxlan}`,
      settled: false,
    });
    expect(segments.get('plain')).toEqual({ mtu: undefined, reason: 'no tunnel', settled: true });
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
      ).get('loc');
    expect(mtu([view('phy1', 'phy1', { mtu: 1400 })], [])).toMatchObject({
      mtu: 1350,
      reason: `hv1/phy1 has MTU 1400, less ${forVxlan}`,
    });
    expect(mtu([], [view('phy2', 'phy2', { mtu: 1300 })])).toMatchObject({
      mtu: 1250,
      reason: `hv2/phy2 has MTU 1300, less ${forVxlan}`,
    });
    const tunnel = view('other', 'brx', {
      options: new Map([['local_ip', '10.0.0.2']]),
      status: new Map([['tunnel_egress_iface', 'eth7']]),
    });
    expect(mtu([], [tunnel, view('eth7', 'brx', { mtu: 1280 })])?.mtu).toBe(1230);
    expect(mtu([], [])?.mtu).toBe(1450);
  });

  test('warns of each port that is larger than its segment', () => {
    const loaded = config();
    const faces = new Map([
      ['hv1', [view('web1', 'br0'), view('web2', 'br0')]],
      ['hv2', [view('web3', 'br0', { mtu: 1450 })]],
    ]);
    expect([...mtuWarnings(loaded, segmentMtu(loaded, faces), faces)]).toEqual([
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

  test('a trunk whose native segment stands among its others is told once', () => {
    const loaded = config();
    const vlans = { mode: 'trunk' as const, segments: ['loc'], native: 'loc', nativeTagged: true };
    loaded.bridges[0]!.ports[0] = testPort('web1', { vlans });
    const faces = new Map([['hv1', [view('web1', 'br0')]]]);
    expect(mtuWarnings(loaded, segmentMtu(loaded, faces), faces).get('hv1')).toHaveLength(1);
  });
});

test('apps are told what the tunnels of a segment leave, once it is settled, and the same object where there is none', () => {
  const tunnelled = testSegment('far', { overlay: testOverlay() });
  const config = testConfig({ segments: [testSegment('near'), tunnelled] });
  expect(withMtus(config, (name) => (name === 'far' ? 1450 : null)).segments.map(({ mtu }) => mtu)).toEqual([
    undefined,
    1450,
  ]);
  expect(withMtus(config, () => undefined).segments.map(({ mtu }) => mtu)).toEqual([undefined, undefined]);
  const plain = testConfig({ segments: [testSegment('near')] });
  expect(withMtus(plain, () => 1450)).toBe(plain);
});

/** Sound files: every short form written out, every default filled in, every name resolved. */

import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeConfig } from '../../src/config/describe.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/model.ts';
import { filteredSegments, zoneAt } from '../../src/config/port-segments.ts';
import { formatProblems } from '../../src/config/problem.ts';
import { fileOf } from './bad-files.ts';

function read(text: string): Config {
  const loaded = parseConfig(text, 'f.yaml');
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  return loaded.config;
}

function warningsOf(text: string): string[] {
  const loaded = parseConfig(text, 'f.yaml');
  return loaded.warnings.map(({ source, message }) => `${source} ${message}`);
}

test('hosts', () => {
  expect(
    read(
      'flowloom: 1\nhosts:\n  a: { ovsdb: tcp:10.0.0.1, controller: "tcp:10.0.0.9" }\n  b: { ovsdb: "unix:/run/x.sock" }\n  c:\n  d: { systemId: x, controller: "tcp:[fd00::1]" }\n',
    ).hosts,
  ).toMatchObject([
    {
      name: 'a',
      source: 'f.yaml:3',
      ovsdb: 'tcp:10.0.0.1:6640',
      systemId: 'a',
      underlay: undefined,
      controller: 'tcp:10.0.0.9:6653',
    },
    {
      name: 'b',
      source: 'f.yaml:4',
      ovsdb: 'unix:/run/x.sock',
      systemId: 'b',
      underlay: undefined,
      controller: undefined,
    },
    { name: 'c', source: 'f.yaml:5', ovsdb: undefined, systemId: 'c', underlay: undefined, controller: undefined },
    {
      name: 'd',
      source: 'f.yaml:6',
      ovsdb: undefined,
      systemId: 'x',
      underlay: undefined,
      controller: 'tcp:[fd00::1]:6653',
    },
  ]);
});

test('segments: the short overlay takes the VLAN as its VNI; ids are VLANs, or above 4095 and stable', () => {
  const { segments } = read(
    'flowloom: 1\nsegments:\n  loc: { vlan: 100, subnet: 10.66.66.0/24, overlay: vxlan }\n  far: { overlay: { type: vxlan, vni: 5000, ttl: 5 } }\n  wan: {}\n  lan:\n',
  );
  expect(segments.map(({ name, id }) => [name, id])).toEqual([
    ['loc', 100],
    ['far', 4_992],
    ['wan', 8_657],
    ['lan', 7_219],
  ]);
  const plain = {
    type: 'vxlan',
    dstPort: 4789,
    ttl: 64,
    members: undefined,
    perPeer: false,
    bfd: false,
    headroom: 0,
    options: {},
  };
  expect(segments[0]!.overlay).toEqual({ ...plain, vni: 100 });
  expect(segments[1]!.overlay).toEqual({ ...plain, vni: 5000, ttl: 5 });
});

test('what is said of every host is written out, with the line that says it', () => {
  const yaml = (more = '') => `flowloom: 1
hosts:
  hv1: { underlay: 10.0.0.1 }
  hv2: { underlay: 10.0.0.2 }
${more}segments: { loc: { vlan: 7, overlay: vxlan }, dmz: { vlan: 8 } }
bridges:
  br0:
    hosts: all
    ports:
      "*/web1": { access: loc }
      "*/vnet*": { access: loc }
      hv2/web1: { access: dmz }
  br1: { hosts: [hv2], ports: { "*/eth1": } }
`;
  const portsOf = ({ bridges }: Config) =>
    bridges.flatMap(({ ports }) =>
      ports.map((port) => [
        `${port.host}/${port.name}`,
        port.source,
        port.vlans?.mode === 'access' && port.vlans.segment,
      ]),
    );
  const config = read(yaml());
  expect(config.bridges.map(({ hosts }) => hosts)).toEqual([['hv1', 'hv2'], ['hv2']]);
  expect(portsOf(config)).toEqual([
    ['hv1/web1', 'f.yaml:10', 'loc'],
    ['hv1/vnet*', 'f.yaml:11', 'loc'],
    ['hv2/vnet*', 'f.yaml:11', 'loc'],
    // The line that is for it alone.
    ['hv2/web1', 'f.yaml:12', 'dmz'],
    ['hv2/eth1', 'f.yaml:13', false],
  ]);
  expect(comparable(read(describeConfig(config)))).toEqual(comparable(config));
  // One line more under `hosts`, and all the rest follows.
  const more = read(yaml('  hv3: { underlay: 10.0.0.3 }\n'));
  expect(portsOf(more).filter(([name]) => String(name).startsWith('hv3/'))).toEqual([
    ['hv3/web1', 'f.yaml:11', 'loc'],
    ['hv3/vnet*', 'f.yaml:12', 'loc'],
  ]);
});

test('overlays: geneve and gre, with what only one of them has; options as texts', () => {
  const { segments } = read(`flowloom: 1
hosts: { hv1: { underlay: 10.0.0.1 }, hv2: { underlay: 10.0.0.2 } }
segments:
  g: { vlan: 7, overlay: geneve }
  h: { vlan: 8, overlay: { type: geneve, port: 6082, headroom: 12, options: { csum: true, egress_pkt_mark: 5 } } }
  r: { vlan: 70, overlay: gre }
  s: { overlay: { type: gre, vni: 4294967295, members: [hv1, hv2] } }
bridges:
  br0: { hosts: [hv1, hv2], ports: { hv1/a: { access: s } } }
`);
  expect(segments.map(({ overlay }) => overlay)).toEqual([
    {
      type: 'geneve',
      vni: 7,
      dstPort: 6081,
      ttl: 64,
      members: undefined,
      perPeer: false,
      bfd: false,
      headroom: 0,
      options: {},
    },
    {
      type: 'geneve',
      vni: 8,
      dstPort: 6082,
      ttl: 64,
      members: undefined,
      perPeer: false,
      bfd: false,
      headroom: 12,
      options: { csum: 'true', egress_pkt_mark: '5' },
    },
    {
      type: 'gre',
      vni: 70,
      dstPort: undefined,
      ttl: 64,
      members: undefined,
      perPeer: false,
      bfd: false,
      headroom: 0,
      options: {},
    },
    {
      type: 'gre',
      vni: 4_294_967_295,
      dstPort: undefined,
      ttl: 64,
      members: ['hv1', 'hv2'],
      perPeer: false,
      bfd: false,
      headroom: 0,
      options: {},
    },
  ]);
});

test('ports in every mode', () => {
  const [bridge] = read(
    fileOf(`bridges:
  br0:
    hosts: [hv1, hv2]
    datapath: netdev
    otherConfig: { mac-aging-time: 60, mac-table-size: 100, x: true }
    ports:
      hv1/web1: { access: loc, address: 10.66.66.67, mac: "02:00:00:AA:00:01" }
      hv1/eth1: { trunk: [loc], native: net }
      hv1/cust: { dot1q-tunnel: loc }
      hv1/tap0: { type: internal, access: loc }
      hv1/plain: {}
      hv2/bare:`),
  ).bridges;
  expect(bridge).toMatchObject({ datapath: 'netdev', forwarding: 'flows' });
  expect(bridge!.otherConfig).toEqual({ 'mac-aging-time': '60', 'mac-table-size': '100', x: 'true' });
  expect(bridge!.ports.map(({ host, name, type, vlans }) => [host, name, type, vlans])).toEqual([
    ['hv1', 'web1', '', { mode: 'access', segment: 'loc' }],
    ['hv1', 'eth1', '', { mode: 'trunk', segments: ['loc'], native: 'net', nativeTagged: false }],
    ['hv1', 'cust', '', { mode: 'dot1q-tunnel', segment: 'loc' }],
    ['hv1', 'tap0', 'internal', { mode: 'access', segment: 'loc' }],
    ['hv1', 'plain', '', undefined],
    ['hv2', 'bare', '', undefined],
  ]);
  expect(bridge!.ports[0]).toMatchObject({ addresses: ['10.66.66.67'], macs: ['02:00:00:aa:00:01'] });
});

test('ports that others create: a pattern as the key, or a label with marks', () => {
  const text = fileOf(`bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/vnet*: { access: loc }
      hv1/web: { select: { name: vnet3 }, access: loc, address: 10.66.66.67 }
      hv1/db: { select: { mac: "52:54:00:12:34:AA", attachedMac: "52:54:00:12:34:BB" }, trunk: [loc], native: net }
      hv2/vm: { select: { ifaceId: "0b1c-1", externalIds: { vm-id: "abc-*", n: 7 } }, dot1q-tunnel: loc }
      hv2/tap?:`);
  const [bridge] = read(text).bridges;
  const none = { name: undefined, mac: undefined, ifaceId: undefined, attachedMac: undefined, externalIds: {} };
  expect(bridge!.ports.map(({ name, select }) => [name, select])).toEqual([
    ['vnet*', { ...none, name: 'vnet*' }],
    ['web', { ...none, name: 'vnet3' }],
    ['db', { ...none, mac: '52:54:00:12:34:aa', attachedMac: '52:54:00:12:34:bb' }],
    ['vm', { ...none, ifaceId: '0b1c-1', externalIds: { 'vm-id': 'abc-*', n: '7' } }],
    ['tap?', { ...none, name: 'tap?' }],
  ]);
  expect(bridge!.ports[1]).toMatchObject({ addresses: ['10.66.66.67'], type: '' });
  expect(comparable(read(describeConfig(read(text))))).toEqual(comparable(read(text)));
  expect(
    read(
      'flowloom: 1\nhosts: { a: , b: }\nbridges:\n  x: { hosts: [a], ports: { a/v*: } }\n  y: { hosts: [a], ports: { a/v*: } }\n',
    ).bridges,
  ).toHaveLength(2);
});

test('a guest that may run on any host has one label and one address', () => {
  const { bridges } = read(
    fileOf(`bridges:
  br0:
    hosts: all
    ports:
      "*/vm7": { select: { ifaceId: x-7 }, access: loc, address: 10.66.66.7, mac: "02:00:00:00:00:07" }
      hv2/vm7: { select: { ifaceId: x-7 }, access: dmz }
      hv1/eth1: { trunk: [loc, net] }`),
  );
  const guest = bridges[0]!.ports.filter(({ name }) => name === 'vm7');
  expect(guest.map(({ host, addresses, select }) => [host, addresses[0], select?.ifaceId])).toEqual([
    ['hv1', '10.66.66.7', 'x-7'],
    ['hv2', undefined, 'x-7'],
  ]);
  const both = fileOf(
    'bridges: { br0: { hosts: all, ports: { "*/vm*": { access: loc, address: 10.66.66.7, mac: "02:00:00:00:00:07" }, hv1/e: { access: net } } } }',
  );
  expect(read(both).bridges[0]!.ports.map(({ host, name }) => `${host}/${name}`)).toEqual([
    'hv1/vm*',
    'hv2/vm*',
    'hv1/e',
  ]);
});

test('routers, NAT and firewall: short and object forms read alike', () => {
  const short = fileOf(`nat:
  - masquerade 10.66.66.0/24 out edge/net ports 2000-3000
  - snat 10.77.0.0/24 to 10.88.88.67 out edge/net
  - forward udp 10.88.88.66:53 to 10.66.66.67:5353
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [loc to net accept, all to all drop]
  rules:
    - accept ssh from net to fw
    - drop tcp 8800 from net:192.0.2.0/24 to loc:10.66.66.67
    - accept all from all to fw`);
  const long = fileOf(`nat:
  - { masquerade: 10.66.66.0/24, out: edge/net, ports: 2000-3000 }
  - { snat: 10.77.0.0/24, to: 10.88.88.67, out: edge/net }
  - { forward: udp, address: "10.88.88.66:53", to: "10.66.66.67:5353" }
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [{ from: loc, to: net, action: accept }, { from: all, to: all, action: drop }]
  rules:
    - { action: accept, service: ssh, from: net, to: fw }
    - { action: drop, service: tcp 8800, from: "net:192.0.2.0/24", to: "loc:10.66.66.67" }
    - { action: accept, service: all, from: all, to: fw }`);
  const config = read(short);
  expect(read(long)).toEqual(config);

  expect(config.routers[0]).toMatchObject({ host: 'hv1', bridge: 'br0', mac: '0e:60:2c:72:00:7c' });
  expect(config.routers[0]!.interfaces.map(({ name, zone, addresses }) => [name, zone, addresses])).toEqual([
    ['loc', 1, ['10.66.66.1/24']],
    ['net', 2, ['10.88.88.66/24', '10.88.88.67/24']],
  ]);
  expect(config.routers[0]!.routes).toEqual([
    {
      source: expect.any(String),
      prefix: '0.0.0.0/0',
      hops: [{ address: '10.88.88.1', interface: 'net' }],
      type: 'unicast',
    },
  ]);
  expect(config.nat.map(({ source: _, ...rule }) => rule)).toEqual([
    {
      kind: 'snat',
      text: 'masquerade 10.66.66.0/24 out edge/net ports 2000-3000',
      router: 'edge',
      interface: 'net',
      from: '10.66.66.0/24',
      to: 'primary',
      ports: [2000, 3000],
    },
    {
      kind: 'snat',
      text: 'snat 10.77.0.0/24 to 10.88.88.67 out edge/net',
      router: 'edge',
      interface: 'net',
      from: '10.77.0.0/24',
      to: ['10.88.88.67', '10.88.88.67'],
      ports: [1024, 65_535],
    },
    {
      kind: 'forward',
      text: 'forward udp 10.88.88.66:53 to 10.66.66.67:5353',
      router: 'edge',
      interface: 'net',
      protocol: 'udp',
      address: '10.88.88.66',
      ports: [53, 53],
      from: undefined,
      toAddress: '10.66.66.67',
      toPorts: [5353, 5353],
    },
  ]);
  const { zones, policy, rules } = config.firewall!;
  const plain = { over: undefined, limit: undefined, log: undefined };
  expect(zones.map(({ name, number }) => [name, number])).toEqual([
    ['loc', 1],
    ['net', 2],
  ]);
  expect(policy.map(({ text, from, to }) => [text, from, to])).toEqual([
    ['loc to net accept', { name: 'loc', number: 1 }, { name: 'net', number: 2 }],
    ['all to all drop', undefined, undefined],
  ]);
  expect(rules.map(({ source: _, ...rule }) => rule)).toEqual([
    {
      text: 'accept ssh from net to fw',
      action: 'accept',
      from: { name: 'net', number: 2 },
      to: { name: 'fw', number: 255 },
      fromAddresses: undefined,
      toAddresses: undefined,
      services: [{ protocol: 6, family: undefined, ports: [[22, 22]], sourcePorts: [], types: [] }],
      ...plain,
    },
    {
      text: 'drop tcp 8800 from net:192.0.2.0/24 to loc:10.66.66.67',
      action: 'drop',
      from: { name: 'net', number: 2 },
      to: { name: 'loc', number: 1 },
      fromAddresses: { prefixes: ['192.0.2.0/24'], sets: [] },
      toAddresses: { prefixes: ['10.66.66.67/32'], sets: [] },
      services: [{ protocol: 6, family: undefined, ports: [[8800, 8800]], sourcePorts: [], types: [] }],
      ...plain,
    },
    {
      text: 'accept all from all to fw',
      action: 'accept',
      from: undefined,
      to: { name: 'fw', number: 255 },
      fromAddresses: undefined,
      toAddresses: undefined,
      services: undefined,
      ...plain,
    },
  ]);
});

test("the router's bridge: the one that carries its segments, else the host's only one", () => {
  const two =
    'bridges:\n  br0: { hosts: [hv1], ports: { hv1/a: { access: dmz } } }\n  br1: { hosts: [hv1], ports: { hv1/b: { access: net } } }';
  expect(read(fileOf(two)).routers[0]!.bridge).toBe('br1');
  const normal = 'bridges:\n  phy: { hosts: [hv1], forwarding: normal }\n  br1: { hosts: [hv1] }';
  expect(read(fileOf(normal)).routers[0]!.bridge).toBe('br1');
});

test('apps keep what was written, and where each key of it stands', () => {
  const { apps } = read('flowloom: 1\napps:\n  table-miss:\n  ./my-app.ts:\n    flows:\n      - match: { a/b: 1 }\n');
  expect(apps).toEqual([
    { name: 'table-miss', source: 'f.yaml:3', config: {}, sources: { '': 'f.yaml:3' } },
    {
      name: './my-app.ts',
      source: 'f.yaml:4',
      config: { flows: [{ match: { 'a/b': 1 } }] },
      sources: {
        '': 'f.yaml:4',
        '/flows': 'f.yaml:5',
        '/flows/0': 'f.yaml:6',
        '/flows/0/match': 'f.yaml:6',
        '/flows/0/match/a~1b': 'f.yaml:6',
      },
    },
  ]);
});

test('a file in one line, as JSON is, has as many keys as any other', () => {
  const ports = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`hv1/v${i}`, { access: 's' }]));
  const file = {
    flowloom: 1,
    hosts: { hv1: null },
    segments: { s: null },
    bridges: { br0: { hosts: ['hv1'], ports } },
  };
  expect(read(JSON.stringify(file)).bridges[0]?.ports).toHaveLength(300);
});

test('anchors', () => {
  const { segments } = read('flowloom: 1\nsegments:\n  a: { overlay: &x { type: vxlan, vni: 7 } }\napps: { y: *x }\n');
  expect(segments[0]!.overlay?.vni).toBe(7);
});

test('warnings: what works, but perhaps not as meant', () => {
  const file = (ports: string, rest = '') =>
    fileOf(`bridges:\n  br0:\n    hosts: [hv1, hv2]\n    ports:\n      ${ports}\n${rest}`);
  expect(warningsOf(file('hv2/a: { access: loc }'))).toEqual([
    expect.stringContaining('segment loc is used on hosts hv2, hv1'),
  ]);
  expect(warningsOf(file('hv2/a: { address: 10.66.66.9 }'))).toEqual([
    expect.stringContaining('its address is not enforced'),
  ]);
  expect(warningsOf(fileOf('firewall:\n  zones: { loc: [edge/loc] }'))).toEqual([
    expect.stringContaining('edge/net is in no firewall zone'),
  ]);
  expect(
    warningsOf(
      fileOf(
        'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  policy: [net to all drop, net to loc accept]',
      ),
    ),
  ).toEqual([expect.stringContaining('never applies')]);
});

test('zones of ports and segments: for what is bridged', () => {
  const zones = 'loc: [edge/loc], net: [edge/net], dmz: [segment dmz], web: [hv1/web1]';
  const config = read(fileOf(`firewall:\n  zones: { ${zones} }`));
  expect(config.segments.map(({ name, zone }) => [name, zone])).toEqual([
    ['loc', 0],
    ['dmz', 3],
    ['net', 0],
  ]);
  expect(config.bridges[0]!.ports.map(({ name, zone }) => [name, zone])).toEqual([
    ['web1', 4],
    ['eth1', 0],
  ]);
  expect(config.routers[0]!.interfaces.map(({ zone }) => zone)).toEqual([1, 2]);
  expect([...filteredSegments(config)]).toEqual(['dmz', 'loc']);
  expect(config.bridges[0]!.ports.map((port) => config.segments.map((segment) => zoneAt(port, segment)))).toEqual([
    [4, 4, 4],
    [0, 3, 0],
  ]);
  expect(warningsOf(fileOf(`firewall:\n  zones: { ${zones} }`))).toEqual([
    expect.stringContaining('segment loc is filtered, and hv1/eth1 on it in no zone'),
  ]);
});

test('a port whose zone nobody behind a tunnel can tell', () => {
  const file = (more: string) => `flowloom: 1
hosts: { hv1: { underlay: 192.0.2.1 }, hv2: { underlay: 192.0.2.2 } }
segments: { loc: { vlan: 10, overlay: vxlan } }
bridges: { br0: { hosts: [hv1, hv2], ports: { hv1/a: { access: loc }, hv2/b: { access: loc, mac: "02:00:00:00:00:02" }, hv2/c: { access: loc${more} } } } }
firewall: { zones: { x: [hv1/a, hv2/b], y: [hv2/c] } }
`;
  expect(warningsOf(file(''))).toEqual([expect.stringContaining('port hv2/c: the ports of host hv2 on segment loc')]);
  expect(warningsOf(file(', address: 10.0.0.3'))).toEqual([]);
});

test('options of interfaces: routeback is the last rule, and what is doubtful is warned of', () => {
  const routers = (options: string) =>
    `routers:\n  edge:\n    host: hv1\n    interfaces:\n      loc: { segment: loc, address: 10.66.66.1/24, options: [${options}] }\n      net: { segment: net, address: 203.0.113.66/24, options: [norfc1918] }`;
  const sound = fileOf(`${routers('routeback')}\nnat:`);
  expect(warningsOf(sound)).toEqual([]);
  const { firewall } = read(sound);
  expect(firewall!.rules.at(-1)).toMatchObject({
    text: 'accept what goes back by edge/loc (routeback)',
    from: { name: 'loc' },
    to: { name: 'loc' },
    back: { router: 'edge', segment: 100 },
  });
  expect(warningsOf(fileOf(`${routers('norfc1918')}\nnat:`))).toEqual([
    expect.stringContaining(
      'its own address 10.66.66.1/24 is private (RFC 1918), and norfc1918 drops what comes for it',
    ),
  ]);
  expect(warningsOf(fileOf(`${routers('routeback')}\nnat:\nfirewall:`))).toEqual([
    expect.stringContaining('the file has no firewall'),
  ]);
  const policy = 'firewall:\n  zones: { loc: [edge/loc], net: [edge/net] }\n  policy: [loc to loc drop]';
  expect(warningsOf(fileOf(`${routers('routeback')}\nnat:\n${policy}`))).toEqual([
    expect.stringContaining('routeback comes before policy `loc to loc drop`'),
  ]);
});

test('what Open vSwitch takes and its userspace datapath does not do is warned of, where that is so alone', () => {
  const bridge = (datapath: string, ports: string, more = '') =>
    `flowloom: 1\nhosts: { hv1: , hv2: }\nsegments: { loc: { vlan: 7 } }\nbridges:\n  br0:\n    hosts: [hv1, hv2]\n    datapath: ${datapath}\n${more}    ports:\n${ports}`;
  const policed = '      hv1/a: { policing: { packetRate: 5 } }\n      hv1/b: { policing: { burst: 5 } }\n';
  expect(warningsOf(bridge('netdev', policed))).toEqual([
    expect.stringMatching(/^f.yaml:9:16 port hv1\/a: .*nothing is limited$/),
  ]);
  expect(warningsOf(bridge('system', policed))).toEqual([]);
  const tunnel = (host: string, type: string) =>
    `      ${host}/${type}: { type: ${type}, options: { remote_ip: 10.0.0.9 } }\n`;
  const gre = tunnel('hv1', 'gre');
  expect(warningsOf(bridge('netdev', gre + tunnel('hv1', 'erspan')))).toEqual([
    expect.stringContaining('f.yaml:10:27 port hv1/erspan: gre on the same host is gre, and Open vSwitch'),
  ]);
  expect(warningsOf(bridge('netdev', gre + tunnel('hv2', 'erspan') + tunnel('hv1', 'vxlan')))).toEqual([]);
  expect(warningsOf(bridge('system', gre + tunnel('hv1', 'erspan') + tunnel('hv1', 'stt')))).toEqual([]);
});

test('VLANs of a mirror on a bridge with flows are those of tagged frames', () => {
  const mirror = (forwarding: string) =>
    `flowloom: 1\nhosts: { hv1: }\nsegments: { loc: { vlan: 7 } }\nbridges:\n  br0:\n    hosts: [hv1]\n    forwarding: ${forwarding}\n    mirrors: { m: { of: all, vlans: [loc], to: hv1/a } }\n    ports: { hv1/a: }\n`;
  expect(warningsOf(mirror('flows'))).toEqual([
    expect.stringContaining('f.yaml:8:30 mirror m: bridge br0 forwards by'),
  ]);
  expect(warningsOf(mirror('normal'))).toEqual([]);
});

const labs = globSync('test/lab/*/flowloom.yaml');

test('there are labs to read', () => expect(labs.length).toBeGreaterThanOrEqual(4));

test.for(labs)('%s is sound, and reads the same once written out', (path) => {
  const loaded = parseConfig(readFileSync(path, 'utf8'), path);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  expect(formatProblems(loaded.warnings)).toBe('');
  expect(comparable(read(describeConfig(loaded.config)))).toEqual(comparable(loaded.config));
});

test('the file written out reads the same', () => {
  const config = read(
    fileOf(
      'hosts:\n  hv1: { underlay: 10.0.0.1 }\n  hv2: { underlay: 10.0.0.2 }\nsegments:\n  loc: { vlan: 100, overlay: vxlan }\n  dmz: { vlan: 2, overlay: { type: geneve, vni: 9, members: [hv1, hv2], options: { tos: inherit, psk: s } } }\n  net: {}',
    ),
  );
  expect(comparable(read(describeConfig(config)))).toEqual(comparable(config));
});

/** Without what tells of the text only. */
function comparable(config: Config): unknown {
  return JSON.parse(
    JSON.stringify(config, (key, value) =>
      ['source', 'sources', 'file', 'text'].includes(key) ? undefined : value instanceof Map ? [...value] : value,
    ),
  );
}

test('warnings: routes by which two routers send packets to each other', () => {
  const file = (a: string, b: string) => `flowloom: 1
hosts: { hv1: }
segments: { x: { vlan: 1 }, y: { vlan: 2 } }
bridges: { br0: { hosts: [hv1], ports: { hv1/p: { trunk: [x, y] } } } }
routers:
  a: { host: hv1, interfaces: { x: { segment: x, address: 10.0.0.1/24 } }, routes: [${a}] }
  b: { host: hv1, interfaces: { x: { segment: x, address: 10.0.0.2/24 }, y: { segment: y, address: 10.2.0.1/16 } }, routes: [${b}] }
`;
  const loop = 'f.yaml:6 router a sends 10.9.0.0/16 to router b, and that one sends it back (f.yaml:7)';
  expect(
    warningsOf(file('10.9.0.0/16 via 10.0.0.2', 'default via 10.0.0.1')).map((each) => each.replace(/:\d+ /, ' ')),
  ).toEqual([loop]);
  expect(warningsOf(file('10.9.0.0/16 via 10.0.0.2', '10.8.0.0/16 via 10.0.0.1'))).toEqual([]);
  expect(warningsOf(file('10.9.0.0/16 via 10.0.0.2', '10.9.1.0/24 via 10.0.0.1'))).toHaveLength(1);
  expect(warningsOf(file('10.2.3.0/24 via 10.0.0.2', 'default via 10.0.0.1'))).toEqual([]);
  expect(warningsOf(file('default via 10.0.0.2', 'default via 10.0.0.1'))).toHaveLength(1);
});

test('warnings: an interface in none of the families of its segment', () => {
  const file = (address: string) => `flowloom: 1
hosts: { hv1: }
segments: { x: { vlan: 1, subnet: 10.0.0.0/24 } }
bridges: { br0: { hosts: [hv1], ports: { hv1/p: { access: x } } } }
routers: { a: { host: hv1, interfaces: { x: { segment: x, address: ${address} } } } }
`;
  expect(warningsOf(file('"2001:db8::1/64"'))).toEqual([
    "f.yaml:5:68 router a, interface x: its address is IPv6, and the subnet of segment x is IPv4: stations with IPv4 don't reach it",
  ]);
  expect(warningsOf(file('["2001:db8::1/64", 10.0.0.1/24]'))).toEqual([]);
});

test('warnings: the host at a followed uplink without IPv6 in its segment', () => {
  const file = (subnet: string) => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 1 }, net: { vlan: 2, subnet: ${subnet} } }
bridges: { br0: { hosts: [hv1], ports: { hv1/p: { access: loc }, hv1/gw0: { type: internal, access: net } } } }
routers:
  a:
    host: hv1
    self: hv1/gw0
    interfaces: { loc: { segment: loc, address: "2001:db8::1/64" }, net: { segment: net, address: follow } }
`;
  expect(warningsOf(file('192.0.2.0/24'))).toEqual([
    expect.stringContaining('router a routes IPv6, and segment net has no IPv6 subnet'),
  ]);
  expect(warningsOf(file('[192.0.2.0/24, "2001:db8:2::/64"]'))).toEqual([]);
  expect(warningsOf(file('"2001:db8:2::/64"'))).toEqual([]);
});

/** What `dhcp` says, written out: defaults from routers and ports, and the forms of its options. */

import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { DhcpSegment } from '../../src/config/model.ts';
import { formatProblems } from '../../src/config/problem.ts';

const file = (dhcp: string) => `flowloom: 1
hosts: { hv1: }
segments:
  loc: { vlan: 10, subnet: [10.66.66.0/24, "2001:db8:66::/64"] }
  dmz: { vlan: 20, subnet: 10.77.0.0/24 }
  net: { vlan: 30 }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/web1: { access: loc, address: 10.66.66.67 }
      hv1/pc: { access: loc }
      hv1/vm: { select: { name: "vnet*" }, access: loc }
      hv1/d: { access: dmz }
routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces:
      loc: { segment: loc, address: [10.66.66.1/24, "2001:db8:66::1/64"] }
      net: { segment: net, address: 192.0.2.1/24 }
dhcp:
${dhcp}
`;

function read(dhcp: string): { dhcp: DhcpSegment[]; warnings: string } {
  const loaded = parseConfig(file(dhcp), 'f.yaml');
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  return { dhcp: loaded.config.dhcp, warnings: formatProblems(loaded.warnings) };
}

test('what is not said follows from the router and the segment', () => {
  const { dhcp } = read('  loc: { range: 10.66.66.100-10.66.66.200 }');
  expect(dhcp[0]!.server).toEqual({
    subnet: '10.66.66.0/24',
    address: '10.66.66.1',
    router: 'edge',
    mac: '02:00:00:00:00:fe',
    ownMac: expect.stringMatching(/^0e:/),
    ranges: [{ source: 'f.yaml:23', first: '10.66.66.100', last: '10.66.66.200' }],
    lease: 3600,
    leasesPerPort: 64,
    routers: ['10.66.66.1'],
    dns: [],
    domain: undefined,
    options: [],
    reservations: [],
  });
});

test('without a router the server has an address and a MAC of its own, and clients get no router', () => {
  const { dhcp } = read('  dmz: { range: 10.77.0.5-10.77.0.9, server: 10.77.0.2 }');
  expect(dhcp[0]!.server).toMatchObject({ address: '10.77.0.2', router: undefined, routers: [] });
  expect(dhcp[0]!.server!.mac).toMatch(/^0e:/);
});

test('a subnet that only the router tells', () => {
  const { dhcp } = read('  net: { range: 192.0.2.5-192.0.2.9 }');
  expect(dhcp[0]!.server).toMatchObject({ subnet: '192.0.2.0/24', address: '192.0.2.1' });
});

test('a segment whose ports have addresses needs no range', () => {
  expect(read('  loc: {}').dhcp[0]!.server).toMatchObject({ ranges: [], reservations: [] });
});

test('reservations of every kind, also for ports that a selector stands for', () => {
  const { dhcp } = read(`  loc:
    reserve:
      pc: 10.66.66.10
      hv1/vnet3: 10.66.66.11
      vm: 10.66.66.12
      "02:00:00:00:00:0A": 10.66.66.13
      hostname Printer: 10.66.66.14
      client-id 01:02:00:00:00:00:0b: 10.66.66.15
      client-id box: 10.66.66.16
      web1: 10.66.66.67`);
  expect(dhcp[0]!.server!.reservations.map(({ client }) => client)).toEqual([
    { by: 'port', host: undefined, port: 'pc', selected: [] },
    { by: 'port', host: 'hv1', port: 'vnet3', selected: ['f.yaml:13'] },
    { by: 'port', host: undefined, port: 'vm', selected: ['f.yaml:13'] },
    { by: 'mac', mac: '02:00:00:00:00:0a' },
    { by: 'hostname', hostname: 'printer' },
    { by: 'client-id', id: '0102000000000b' },
    { by: 'client-id', id: '626f78' },
    { by: 'port', host: undefined, port: 'web1', selected: [] },
  ]);
});

test('options of every kind', () => {
  const { dhcp } = read(
    `  loc:
    range: 10.66.66.100-10.66.66.200
    options:
      next-server: 10.66.66.5
      ntp-server: [10.66.66.1, 10.66.66.2]
      mtu: 1400
      time-offset: -3600
      ip-forwarding: false
      domain-search: [lan, example.net]
      static-routes: [default via 10.66.66.1, 10.9.1.0/16 via 10.66.66.9]
      boot-file: pxelinux.0
      43: hex 01:04 0A
      252: "http://wpad/"
      42: 10.66.66.3`.replace('      42: 10.66.66.3', ''),
  );
  expect(dhcp[0]!.server!.options.map(({ code, kind, values }) => [code, kind, values])).toEqual([
    [43, 'bytes', ['01040a']],
    [252, 'text', ['http://wpad/']],
    [undefined, 'address', ['10.66.66.5']],
    [42, 'addresses', ['10.66.66.1', '10.66.66.2']],
    [26, 'uint16', [1400]],
    [2, 'int32', [-3600]],
    [19, 'boolean', [0]],
    [119, 'domains', ['lan', 'example.net']],
    [121, 'routes', ['0.0.0.0/0', '10.66.66.1', '10.9.0.0/16', '10.66.66.9']],
    [67, 'text', ['pxelinux.0']],
  ]);
});

test('a relay asks from the address of the router', () => {
  expect(read('  loc: { relay: [192.0.2.5, 192.0.2.6] }').dhcp[0]).toMatchObject({
    server: undefined,
    relay: { servers: ['192.0.2.5', '192.0.2.6'], router: 'edge', address: '10.66.66.1' },
  });
});

test("advertisements tell the prefixes of the router's addresses, beside a server or alone", () => {
  const { dhcp } = read(
    '  loc: { range: 10.66.66.100-10.66.66.200, advertise: { dns: "2001:db8:66::1", domain: lan } }',
  );
  expect(dhcp[0]!.server).toBeDefined();
  expect(dhcp[0]!.advertise).toEqual({
    router: 'edge',
    prefixes: [{ prefix: '2001:db8:66::/64', onLink: true, autonomous: true }],
    validLifetime: 86_400,
    preferredLifetime: 14_400,
    lifetime: 1800,
    managed: false,
    other: false,
    mtu: undefined,
    dns: ['2001:db8:66::1'],
    domains: ['lan'],
  });
  expect(read('  loc: { advertise: {} }').dhcp[0]).toMatchObject({ server: undefined, advertise: { lifetime: 1800 } });
});

test('prefixes that stations can make no use of are warned of', () => {
  expect(read('  loc: { advertise: { prefix: "2001:db8:99::/64" } }').warnings).toContain(
    'has no address of 2001:db8:99::/64',
  );
  expect(read('  loc: { advertise: { prefix: "2001:db8::/32" } }').warnings).toContain('length 64 alone');
});

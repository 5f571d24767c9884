/** The stations in `flowloom status`, asked of a real API over HTTP: what is printed, and that there is an end to it. */

import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import type { InterfaceStatus } from '../../src/api/snapshot.ts';
import { started } from '../api/api-support.ts';
import { flowloom } from './program.ts';

test('stations with port, age and time left; behind a tunnel with the host; not heard yet; and who keeps the rest', async () => {
  const { url } = await started();
  const { code, stdout } = await flowloom(['status', '--api', url], tmpdir());
  expect(code).toBe(0);
  const section = stdout.slice(stdout.indexOf('STATION'), stdout.indexOf('\nROUTER'));
  expect(section.trimEnd().split(/\n+/)).toEqual([
    'STATION',
    '02:00:00:00:00:01  10.66.66.7             loc  hv1/br0  port web1              heard 12 s ago, forgotten in 288 s',
    '02:00:00:00:00:02  10.66.66.7             loc  hv1/br0  port vx4789t64 to hv2  heard 12 s ago, forgotten in 288 s',
    '02:00:00:00:00:02  10.66.66.7 and 1 more  loc  hv2/br0  port web2              not heard since Flowloom started',
    '  those of hv2/plain are kept by Open vSwitch itself: ovs-appctl fdb/show plain',
  ]);
});

test('routers with their interfaces and what they know, leases, and what rules do', async () => {
  const { url } = await started();
  const { stdout } = await flowloom(['status', '--api', url], tmpdir());
  const section = stdout.slice(stdout.indexOf('ROUTER'), stdout.indexOf('\nAPP'));
  expect(section.trimEnd().split(/\n+/)).toEqual([
    'ROUTER',
    'edge/loc  segment loc  10.66.66.1/24          MTU 1500  up',
    'edge/net  segment net  no address (followed)            down',
    '  edge: 2 routes, 1 neighbour, 1 asked for',
    '  edge: nobody answers yet at 10.88.88.1, the way to 0.0.0.0/0 (net.yaml:24)',
    'LEASE',
    '10.66.66.100  02:00:00:00:01:00  laptop  loc  hv1/br0 port web1  bound until 2026-01-01T13:00:00.000Z',
    '10.66.66.67   02:00:00:00:00:67          loc                     reserved',
    'RULES',
    '2 firewall rules     6 flows  12 packets    1 never hit  hit last: accept http from net:@admins to loc:10.66.66.67 log (net.yaml:41), 2026-01-01T11:59:00.000Z',
    '2 firewall policies  4 flows  5107 packets               hit last: loc to net accept (net.yaml:36), 2026-01-01T12:00:00.000Z',
    '2 NAT rules          4 flows  5222 packets               hit last: masquerade 10.66.66.0/24 out edge/net (net.yaml:31), 2026-01-01T12:00:00.000Z',
    '  hv1/br0: firewall: accept http … (net.yaml:41): OFPFMFC_TABLE_FULL',
  ]);
});

test('of many stations the first fifty are printed, and all are in the JSON', async () => {
  const { url, source } = await started();
  const [one] = source.snapshot.stations;
  source.snapshot.stations = Array.from({ length: 170 }, () => ({ ...one! }));
  const { stdout } = await flowloom(['status', '--api', url], tmpdir());
  expect(stdout.match(/^02:00:00:00:00:01 /gm)).toHaveLength(50);
  expect(stdout).toContain('  and 120 more: flowloom status --json\n');
  const asJson = await flowloom(['status', '--json', '--api', url], tmpdir());
  expect(JSON.parse(asJson.stdout).stations).toHaveLength(170);
});

test('hosts with their Open vSwitch; interfaces, those in trouble first, others’ left out; drift', async () => {
  const { url, source } = await started();
  const [host] = source.snapshot.hosts;
  const face = (name: string, given: Partial<InterfaceStatus> = {}): InterfaceStatus => ({
    name,
    bridge: 'br0',
    datapath: 'netdev',
    type: 'system',
    ofport: 1,
    link: 'up',
    mtu: 1500,
    mac: null,
    error: null,
    bfd: null,
    owned: true,
    ...given,
  });
  host!.interfaces = [
    face('web1', { ofport: 7 }),
    face('theirs', { owned: false }),
    face('vx1', { type: 'vxlan', bfd: 'down', ofport: 9, mtu: null }),
    face('gone', { ofport: null, link: null, mtu: null, error: 'could not open network device gone' }),
  ];
  host!.dpdk = 'DPDK 22.11';
  host!.drift = {
    mode: 'report',
    seen: 3,
    recent: ['br0: add port eth1', 'br0/web1: clear tag, was 7'],
    left: ['br0/web1: clear tag, was 7'],
  };
  const { stdout } = await flowloom(['status', '--api', url], tmpdir());
  expect(stdout).toMatch(/^hv1 .* Open vSwitch 3\.1\.0, DPDK 22\.11/m);
  expect(stdout).toContain('  hv1 changed by somebody, and left so: br0/web1: clear tag, was 7\n');
  expect(stdout).toContain('  hv1: 2 changes by somebody else put right, the last: br0: add port eth1\n');
  const section = stdout.slice(stdout.indexOf('INTERFACE'), stdout.indexOf('\nSWITCH'));
  expect(
    section
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual([
    'INTERFACE',
    'hv1/br0/gone  system  netdev                                       could not open network device gone',
    'hv1/br0/vx1   vxlan   netdev  port 9  link up            BFD down',
    'hv1/br0/web1  system  netdev  port 7  link up  MTU 1500',
  ]);
});

test('an --api that is no URL is refused before anything is asked: exit 2', async () => {
  for (const api of ['127.0.0.1:8080', 'localhost:8080', 'ftp://127.0.0.1/']) {
    const { code, stderr } = await flowloom(['status', '--api', api], tmpdir());
    expect(stderr).toContain(`argument '${api}' is invalid. give a URL like http://127.0.0.1:8080.`);
    expect(code).toBe(2);
  }
});

/** Overlays on two real hosts, ovsdb-server and ovs-vswitchd each: tunnel ports, secrets, and the MTU of ports of ours. */

import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/model.ts';
import { formatProblems } from '../../src/config/problem.ts';
import { type HostManager, manageHosts } from '../../src/ovsdb/manager/manager.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';

const cleanups: (() => unknown)[] = [];
let lines: string[] = [];
const log = pino(
  { level: 'debug', base: null, timestamp: false },
  { write: (line: string) => lines.push(JSON.parse(line).msg) },
);
let hosts: [OvsdbServer, OvsdbServer];

beforeEach(async () => {
  lines = [];
  hosts = [await startOvsdbServer(), await startOvsdbServer()];
  for (const host of hosts) {
    cleanups.push(() => host.stop());
    await host.startSwitch();
  }
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function file(overlay: string, underlayMtu = ''): Config {
  const [one, two] = hosts;
  const loaded = parseConfig(
    `flowloom: 1
hosts:
  hv1: { ovsdb: "${one.target}", underlay: 10.0.0.1${underlayMtu} }
  hv2: { ovsdb: "${two.target}", underlay: 10.0.0.2${underlayMtu} }
segments: { loc: { vlan: 100, overlay: ${overlay} }, near: { vlan: 200 } }
bridges:
  br0:
    hosts: all
    datapath: netdev
    ports:
      "*/web": { access: loc, type: internal }
      "*/set": { access: loc, type: internal, mtu: 1300 }
      "*/near": { access: near, type: internal }
`,
    'f.yaml',
  );
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  return loaded.config;
}

async function start(config: Config): Promise<HostManager> {
  const manager = await manageHosts({ config, openflowPort: undefined, listen: undefined, log, onChange() {} });
  cleanups.push(() => manager.stop());
  return manager;
}

const requests = (host: OvsdbServer) =>
  Promise.all(['web', 'set', 'near'].map((name) => host.vsctl('get', 'interface', name, 'mtu_request')));

describe('overlays', () => {
  test('IPsec and BFD have a port for each peer; the key is written, and told nowhere', async () => {
    const overlay = (psk: string) => `{ type: geneve, bfd: true, options: { psk: ${psk}, remote_name: "{peer}.net" } }`;
    const manager = await start(file(overlay('first-secret')));
    const [one, two] = hosts;
    await vi.waitFor(async () => {
      const settings = await one.vsctl('get', 'interface', 'gn0a000002p4ox', 'options', 'bfd');
      expect(settings).toBe(
        '{dst_port="6081", key=flow, local_ip="10.0.0.1", psk=first-secret, remote_ip="10.0.0.2", remote_name=hv2.net, ttl="64"}\n{enable="true"}',
      );
    }, SOON);
    manager.setConfig(file(overlay('other-secret')));
    for (const host of [one, two]) {
      const port = host === one ? 'gn0a000002p4ox' : 'gn0a000001p4ox';
      await vi.waitFor(
        async () => expect(await host.vsctl('get', 'interface', port, 'options:psk')).toBe('other-secret'),
        SOON,
      );
      // Open vSwitch took it as a tunnel.
      expect(Number(await host.vsctl('get', 'interface', port, 'ofport'))).toBeGreaterThan(0);
    }
    await vi.waitFor(
      () => expect(lines).toContainEqual(expect.stringMatching(/gn0a000002p4ox: set options:psk \(f\.yaml:5\)/)),
      SOON,
    );
    expect(JSON.stringify([lines, manager.status()])).not.toMatch(/(first|other)-secret/);
  });

  test('ports that Flowloom makes get the MTU of their segment, unless the file says theirs', async () => {
    const manager = await start(file('vxlan'));
    for (const host of hosts)
      await vi.waitFor(async () => expect(await requests(host)).toEqual(['1450', '1300', '[]']), SOON);
    const next = file('gre', ', underlayMtu: 9000');
    const planned = manager.plan(next).flatMap(({ changes }) => changes.filter((line) => /mtu/.test(line)));
    expect(planned).toEqual(Array(2).fill(expect.stringContaining('br0/web: set mtu_request 8958, was 1450')));
    manager.setConfig(next);
    for (const host of hosts)
      await vi.waitFor(async () => expect(await requests(host)).toEqual(['8958', '1300', '[]']), SOON);
    // From the one to the other at once, not by way of a third.
    const written = lines.filter((line) => /set mtu_request/.test(line) && /web/.test(line));
    expect(written.map((line) => /set mtu_request.*(?= \()/.exec(line)?.[0]).sort()).toEqual([
      'set mtu_request 1450',
      'set mtu_request 1450',
      'set mtu_request 8958, was 1450',
      'set mtu_request 8958, was 1450',
    ]);
  });

  test('as long as one host of the segment is away, the MTU of the others’ ports stays as it is', async () => {
    const [one, two] = hosts;
    const first = await start(file('vxlan', ', underlayMtu: 9000'));
    await vi.waitFor(async () => expect((await requests(one))[0]).toBe('8950'), SOON);
    await vi.waitFor(async () => expect((await requests(two))[0]).toBe('8950'), SOON);
    await first.stop();
    await two.kill();
    // Without the file's word for it, and without the other host, 1500 is all that is known.
    const second = await start(file('vxlan'));
    await vi.waitFor(() => expect(second.status()[0]).toMatchObject({ state: 'connected', waiting: [] }), SOON);
    await vi.waitFor(() => expect(second.segmentMtus().get('loc')).toMatchObject({ mtu: 1450, settled: false }), SOON);
    expect(second.status()[0]?.changes).toEqual([]);
    expect((await requests(one))[0]).toBe('8950');
    await two.start();
    for (const host of hosts) await vi.waitFor(async () => expect((await requests(host))[0]).toBe('1450'), SOON);
  });

  test('what is left by `drift: report` stays left where the MTU changes without the file', async () => {
    const [one, two] = hosts;
    const reporting = file('vxlan', ', underlayMtu: 9000');
    reporting.hosts[0]!.drift = 'report';
    const manager = await start(reporting);
    const drift = () => manager.status()[0]!.drift;
    await vi.waitFor(async () => expect(await requests(one)).toEqual(['8950', '1300', '[]']), SOON);
    await one.vsctl('set', 'interface', 'set', 'mtu_request=1200');
    await vi.waitFor(() => expect(drift().left).toEqual([expect.stringMatching(/^br0\/set: set mtu_request/)]), SOON);
    await two.stopSwitch();
    await two.vsctl('clear', 'interface', 'vx4789t64', 'ofport');
    await vi.waitFor(() => expect(manager.segmentMtus().get('loc')?.settled).toBe(false), SOON);
    await one.vsctl('add-br', 'other');
    await vi.waitFor(() => expect(manager.hosts()[0]!.bridges.map(({ name }) => name)).toContain('other'), SOON);
    expect(await requests(one)).toEqual(['8950', '1200', '[]']);
    expect(drift()).toMatchObject({ seen: 1, left: [expect.stringMatching(/^br0\/set: set mtu_request/)] });
    manager.setConfig({ ...reporting });
    await vi.waitFor(async () => expect(await requests(one)).toEqual(['8950', '1300', '[]']), SOON);
  });
});

/** The manager against a real ovsdb-server: dialled, dialling in, restarted, refused. */

import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Config } from '../../src/config/model.ts';
import { type HostManager, manageHosts } from '../../src/ovsdb/manager/manager.ts';
import { formatTarget } from '../../src/transport/target.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { testBridge, testConfig, testHost, testPort, testSegment } from './config.ts';

const cleanups: (() => unknown)[] = [];
let lines: string[];
/** A log whose lines the tests read. */
const log = pino(
  { level: 'debug', base: null, timestamp: false },
  { write: (line: string) => lines.push(JSON.parse(line).msg) },
);

beforeEach(() => {
  lines = [];
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startServer(): Promise<OvsdbServer> {
  const server = await startOvsdbServer();
  cleanups.push(() => server.stop());
  return server;
}
async function start(config: Config, listen?: string): Promise<HostManager & { changed: () => number }> {
  let changes = 0;
  const manager = await manageHosts({ config, openflowPort: 6653, listen, log, onChange: () => changes++ });
  cleanups.push(() => manager.stop());
  return Object.assign(Object.create(null), manager, {
    changed: () => changes,
    status: manager.status,
    listening: manager.listening,
  });
}
const one = (ovsdb: string | undefined, ...ports: string[]) =>
  testConfig({
    hosts: [testHost('hv1', { ovsdb })],
    bridges: [
      testBridge(
        'br0',
        ports.map((name) => testPort(name)),
      ),
    ],
  });

describe('hosts that are dialled', () => {
  test.each([
    'unix',
    'tcp',
  ])('an empty host over %s becomes what the file says; a second start writes nothing', async (kind) => {
    const server = await startServer();
    const config = one(kind === 'unix' ? server.target : server.tcpTarget, 'web1');
    const manager = await start(config);
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    expect(await server.vsctl('get-controller', 'br0')).toBe('tcp:127.0.0.1:6653');
    await vi.waitFor(() => expect(manager.status()[0]?.changes).toHaveLength(2), SOON);
    expect(manager.status()).toMatchObject([
      {
        name: 'hv1',
        source: 'flowloom.yaml:3',
        ovsdb: config.hosts[0]!.ovsdb,
        state: 'connected',
        error: null,
        waiting: [],
      },
    ]);
    expect(lines).toContain('hv1: br0: create bridge (netdev, secure, tcp:127.0.0.1:6653) (flowloom.yaml:10)');
    expect(manager.changed()).toBeGreaterThan(0);
    await manager.stop();
    const before = await server.dump('Open_vSwitch', 'next_cfg');
    const again = await start(config);
    await vi.waitFor(
      () => expect(lines.filter((line) => line === 'hv1: connected to Open vSwitch')).toHaveLength(2),
      SOON,
    );
    expect(again.status()[0]).toMatchObject({ state: 'connected', changes: [] });
    expect(await server.dump('Open_vSwitch', 'next_cfg')).toBe(before);
  });

  test('a real switch: datapath ids, port numbers, a port that waits for its device until it comes', async () => {
    const server = await startServer();
    await server.startSwitch();
    // As Open vSwitch's own start script does.
    await server.vsctl('set', 'Open_vSwitch', '.', 'ovs-version=3.1.0');
    const config = one(server.target, 'web1', 'late0');
    config.bridges[0]!.ports[1]!.type = 'internal';
    const manager = await start(config);
    await vi.waitFor(() => expect(manager.hosts()[0]?.bridges[0]?.datapathId).toMatch(/^[0-9a-f]{16}$/), SOON);
    await vi.waitFor(
      () => expect(manager.hosts()[0]?.interfaces.find(({ name }) => name === 'web1')?.ofport).toBeGreaterThan(0),
      SOON,
    );
    expect(manager.status()[0]).toMatchObject({ ovsVersion: expect.stringMatching(/^\d+\.\d+/), waiting: [] });
    // The dummy datapath opens any name; one that it cannot open is a patch port without a peer.
    const [web1] = config.bridges[0]!.ports;
    await server.vsctl('--no-wait', 'set', 'interface', 'web1', 'type=patch');
    await vi.waitFor(
      () => expect(manager.status()[0]?.changes.at(-1)).toContain('br0/web1: set type system, was patch'),
      SOON,
    );
    await manager.stop();
    await server.vsctl('--no-wait', 'set', 'interface', 'web1', 'type=patch');
    await vi.waitFor(async () => expect(await server.vsctl('get', 'interface', 'web1', 'error')).not.toBe('[]'), SOON);
    await server.stopSwitch();
    const later = await start(config);
    await vi.waitFor(
      () =>
        expect(later.status()[0]?.waiting).toEqual([
          expect.stringMatching(`^br0/web1: web1: .*\\(${web1!.source}\\)$`),
        ]),
      SOON,
    );
    await vi.waitFor(
      () =>
        expect(later.status()[0]?.warnings).toEqual([
          expect.stringContaining('ovs-vswitchd has not taken up the last change'),
        ]),
      SOON,
    );
    expect(lines.some((line) => line.startsWith('hv1: waiting for a device: br0/web1'))).toBe(true);
    await server.startSwitch();
    await vi.waitFor(() => expect(later.status()[0]).toMatchObject({ waiting: [], warnings: [] }), SOON);
    expect(lines).toContain('hv1: br0/web1 waits no longer');
  });

  test('the server is killed and comes back: reconnects, catches up with the file, repairs what was changed', async () => {
    const server = await startServer();
    const manager = await start(one(server.target, 'web1'));
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    await server.kill('SIGKILL');
    await vi.waitFor(() => expect(manager.status()[0]).toMatchObject({ state: 'waiting' }), SOON);
    await vi.waitFor(() => expect(manager.status()[0]?.error).toMatch(/nothing listens there/), SOON);
    manager.setConfig(one(server.target, 'web1', 'web2'));
    await server.start();
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1\nweb2'), SOON);
    await vi.waitFor(() => expect(manager.status()[0]).toMatchObject({ state: 'connected', error: null }), SOON);
    await server.vsctl('del-controller', 'br0');
    await vi.waitFor(async () => expect(await server.vsctl('get-controller', 'br0')).toBe('tcp:127.0.0.1:6653'), SOON);
  });

  test('a server that is not there is retried with one line in the log', async () => {
    const server = await startServer();
    await server.kill();
    const manager = await start(one(server.target));
    await vi.waitFor(
      () => expect(manager.status()[0]).toMatchObject({ state: 'waiting', error: expect.stringContaining('db.sock') }),
      SOON,
    );
    await server.start();
    await vi.waitFor(() => expect(manager.status()[0]?.state).toBe('connected'), SOON);
    expect(lines.filter((line) => line.includes('trying on (flowloom.yaml:3)'))).toHaveLength(1);
  });

  test('a refused transaction is told with the line of the file, changes nothing, and is not hammered', async () => {
    const server = await startServer();
    const config = one(server.target, 'web1', 'bad');
    config.bridges[0]!.forwarding = 'normal';
    config.segments = [testSegment('huge', { vlan: 5000 })];
    const [, bad] = config.bridges[0]!.ports;
    bad!.vlans = { mode: 'access', segment: 'huge' };
    const manager = await start(config);
    const told = expect.stringMatching(
      `^Open vSwitch refused "br0: add port bad access 5000 \\(${bad!.source}\\)", so nothing was changed: insert Port: constraint violation: .*5000`,
    );
    await vi.waitFor(
      () => expect(manager.status()[0]).toMatchObject({ state: 'connected', error: told, changes: [] }),
      SOON,
    );
    expect(await server.vsctl('list-br')).toBe('');
    // Other changes of the database give no new attempt.
    const attempts = () => lines.filter((line) => line.includes('create bridge')).length;
    const before = attempts();
    for (let change = 0; change < 5; change++)
      await server.vsctl('set', 'Open_vSwitch', '.', `external_ids:n=${change}`);
    expect(attempts() - before).toBeLessThan(2);
    config.bridges[0]!.ports.pop();
    manager.setConfig(structuredClone(config));
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    await vi.waitFor(() => expect(manager.status()[0]?.error).toBeNull(), SOON);
  });

  test('what cannot be done without touching another’s rows is told, once', async () => {
    const server = await startServer();
    await server.vsctl('add-br', 'other', '--', 'add-port', 'other', 'stray');
    const manager = await start(one(server.target, 'web1'));
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    expect(manager.status()[0]?.error).toBeNull();
    manager.setConfig(one(server.target, 'web1', 'stray'));
    await vi.waitFor(
      () =>
        expect(manager.status()[0]?.error).toMatch(
          /^br0: port stray is on bridge other and is not Flowloom's \(flowloom.yaml:\d+\)/,
        ),
      SOON,
    );
    expect(manager.status()[0]?.warnings[0]).toBe(manager.status()[0]?.error);
    expect(lines.filter((line) => line.includes('port stray is on bridge other'))).toHaveLength(1);
  });

  test('a host taken out of the file is left as it is', async () => {
    const server = await startServer();
    const manager = await start(one(server.target, 'web1'));
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    manager.setConfig(testConfig({}));
    expect(manager.status()).toEqual([]);
    expect(await server.vsctl('list-ports', 'br0')).toBe('web1');
    expect(lines).toContain('hv1 is no longer in the file; what was configured there stays');
  });

  test('the controller is what the file says, where it says so', async () => {
    const server = await startServer();
    const config = one(server.target);
    config.hosts[0]!.controller = 'tcp:10.250.0.1:6653';
    await start(config);
    await vi.waitFor(async () => expect(await server.vsctl('get-controller', 'br0')).toBe('tcp:10.250.0.1:6653'), SOON);
  });
});

describe('hosts that dial in', () => {
  const targetOf = (manager: HostManager) => {
    const target = manager.listening!;
    return target.kind === 'ptcp' ? `tcp:127.0.0.1:${target.port}` : formatTarget(target).replace('punix', 'unix');
  };

  test('ovs-vsctl set-manager: known by system-id, configured, and again after a restart of Flowloom', async () => {
    const server = await startServer();
    const config = one(undefined, 'web1');
    config.hosts[0]!.systemId = 'abc-123';
    const manager = await start(config, 'ptcp:0:127.0.0.1');
    expect(manager.status()[0]).toMatchObject({ ovsdb: '(dials in)', state: 'waiting', error: null });
    await server.vsctl(
      'set',
      'Open_vSwitch',
      '.',
      'external_ids:system-id=abc-123',
      '--',
      'set-manager',
      targetOf(manager),
    );
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    expect(manager.status()[0]).toMatchObject({ state: 'connected' });
    expect(await server.vsctl('get-controller', 'br0')).toBe('tcp:127.0.0.1:6653');
    expect(await server.vsctl('get-manager')).toBe(targetOf(manager));
    const listening = formatTarget(manager.listening!);
    await manager.stop();
    await server.vsctl('del-controller', 'br0');
    await start(config, listening);
    await vi.waitFor(async () => expect(await server.vsctl('get-controller', 'br0')).toBe('tcp:127.0.0.1:6653'), SOON);
  });

  test('a copy of a machine, with the name of the first and a system-id of its own, is the second', async () => {
    const server = await startServer();
    const config = one(undefined, 'web1');
    config.hosts.push(testHost('hv2'));
    config.bridges.push(testBridge('br2', [], { hosts: ['hv2'] }));
    const manager = await start(config, 'ptcp:0:127.0.0.1');
    const names = ['external_ids:hostname=hv1', 'external_ids:system-id=hv2'];
    await server.vsctl('set', 'Open_vSwitch', '.', ...names, '--', 'set-manager', targetOf(manager));
    await vi.waitFor(async () => expect(await server.vsctl('list-br')).toBe('br2'), SOON);
  });

  test('over punix, known by hostname', async () => {
    const server = await startServer();
    const manager = await start(one(undefined, 'web1'), `punix:${server.folder}/in.sock`);
    await server.vsctl('set', 'Open_vSwitch', '.', 'external_ids:hostname=hv1', '--', 'set-manager', targetOf(manager));
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
  });

  test('a stranger is told once and left alone, and taken when the file names it or it says who it is', async () => {
    const server = await startServer();
    const manager = await start(one(undefined, 'web1'), 'ptcp:0:127.0.0.1');
    await server.vsctl(
      'set',
      'Open_vSwitch',
      '.',
      'external_ids:system-id=who',
      '--',
      'set-manager',
      targetOf(manager),
    );
    const told = () => lines.filter((line) => line.includes("connected (system-id who) that is none of the file's"));
    await vi.waitFor(() => expect(told()).toHaveLength(1), SOON);
    expect(told()[0]).toContain('hosts: { NAME: { systemId: who } }');
    await server.vsctl('set', 'Open_vSwitch', '.', 'external_ids:other=1');
    expect(await server.vsctl('list-br')).toBe('');
    const named = one(undefined, 'web1');
    named.hosts[0]!.systemId = 'who';
    manager.setConfig(named);
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    expect(told()).toHaveLength(1);

    const second = await startServer();
    await second.vsctl('set-manager', targetOf(manager));
    await vi.waitFor(() => expect(lines.some((line) => line.includes('does not say who it is'))).toBe(true), SOON);
    const both = structuredClone(named);
    both.hosts.push(testHost('hv2'));
    both.bridges[0]!.hosts.push('hv2');
    manager.setConfig(both);
    await second.vsctl('set', 'Open_vSwitch', '.', 'external_ids:system-id=hv2');
    await vi.waitFor(async () => expect(await second.vsctl('list-br')).toBe('br0'), SOON);
    expect(manager.status().map(({ name, state }) => [name, state])).toEqual([
      ['hv1', 'connected'],
      ['hv2', 'connected'],
    ]);
  });

  test('garbage on the port ends only its own connection', async () => {
    const server = await startServer();
    const manager = await start(one(undefined, 'web1'), 'ptcp:0:127.0.0.1');
    const { connect } = await import('node:net');
    const target = manager.listening!;
    const socket = connect(target.kind === 'ptcp' ? target.port : 0, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed;
    await vi.waitFor(
      () =>
        expect(lines).toContainEqual(
          expect.stringMatching(
            /^a connection from 127\.0\.0\.1:\d+ is no Open vSwitch database: a JSON object was expected/,
          ),
        ),
      SOON,
    );
    await server.vsctl(
      'set',
      'Open_vSwitch',
      '.',
      'external_ids:system-id=hv1',
      '--',
      'set-manager',
      targetOf(manager),
    );
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
  });

  test('an address that is taken is said at the start', async () => {
    const manager = await start(one(undefined), 'ptcp:0:127.0.0.1');
    await expect(start(one(undefined), formatTarget(manager.listening!))).rejects.toThrow('in use by another program');
  });
});

describe('what others change of ours', () => {
  const managed = (ovsdb: string, drift: 'repair' | 'report', ...ports: string[]) => {
    const config = one(ovsdb, ...ports);
    config.hosts[0]!.drift = drift;
    return config;
  };

  test('is told, counted and put right', async () => {
    const server = await startServer();
    const manager = await start(managed(server.target, 'repair', 'web1'));
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    const status = () => manager.status()[0]!;
    await vi.waitFor(() => expect(status().changes.length).toBeGreaterThan(0), SOON);
    expect(status().drift).toEqual({ mode: 'repair', seen: 0, recent: [], left: [] });
    await server.vsctl('set', 'port', 'web1', 'tag=7');
    await vi.waitFor(async () => expect(await server.vsctl('get', 'port', 'web1', 'tag')).toBe('[]'), SOON);
    await server.vsctl('del-port', 'web1');
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    await vi.waitFor(() => expect(status().drift.seen).toBe(2), SOON);
    expect(status().drift).toMatchObject({
      left: [],
      recent: [
        expect.stringMatching(/^br0\/web1: clear tag, was 7 \(flowloom/),
        expect.stringMatching(/^br0: add port web1/),
      ],
    });
    expect(lines).toContainEqual(
      expect.stringMatching(/^hv1: somebody changed what is Flowloom's: br0\/web1: clear tag/),
    );
    // What is nobody's of ours is no drift.
    await server.vsctl('add-port', 'br0', 'theirs', '--', 'set', 'interface', 'web1', 'external_ids:note=mine');
    await server.vsctl('add-br', 'other');
    await vi.waitFor(() => expect(manager.hosts()[0]!.bridges.map(({ name }) => name)).toContain('other'), SOON);
    expect(status().drift.seen).toBe(2);
    expect(await server.vsctl('get', 'interface', 'web1', 'external_ids:note')).toBe('mine');
  });

  test('what was refused and can be done now is no drift, also with `report`', async () => {
    const server = await startServer();
    await server.vsctl('init', '--', 'add-br', 'other', '--', 'add-port', 'other', 'web1');
    const manager = await start(managed(server.target, 'report', 'web1'));
    const status = () => manager.status()[0]!;
    await vi.waitFor(() => expect(status().warnings.join()).toContain('port web1 is on bridge other'), SOON);
    await vi.waitFor(() => expect(lines.join('\n')).toMatch(/wrote \d+ changes/), SOON);
    await server.vsctl('del-port', 'web1');
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    expect(status().drift).toMatchObject({ seen: 0, left: [] });
  });

  test('is put right after `ovs-vsctl emer-reset`, which also takes the controller and all that tells of it', async () => {
    const server = await startServer();
    const manager = await start(managed(server.target, 'repair', 'web1'));
    const controller = () => server.vsctl('get-controller', 'br0');
    await vi.waitFor(async () => expect(await controller()).toMatch(/^tcp:/), SOON);
    await vi.waitFor(() => expect(lines.join('\n')).toMatch(/wrote \d+ changes/), SOON);
    await server.vsctl('emer-reset');
    await vi.waitFor(async () => expect(await controller()).toMatch(/^tcp:/), SOON);
    expect(await server.vsctl('get', 'bridge', 'br0', 'fail_mode', 'other_config')).toBe(
      'secure\n{disable-in-band="true"}',
    );
    await vi.waitFor(() => expect(manager.status()[0]?.drift.seen).toBeGreaterThan(0), SOON);
    expect(manager.status()[0]?.warnings).not.toContainEqual(expect.stringContaining('adopt'));
  });

  test('is left with `report`, until the file changes', async () => {
    const server = await startServer();
    const manager = await start(managed(server.target, 'report', 'web1'));
    const status = () => manager.status()[0]!;
    await vi.waitFor(() => expect(status().changes.length).toBeGreaterThan(0), SOON);
    await vi.waitFor(() => expect(lines.join('\n')).toMatch(/wrote \d+ changes/), SOON);
    await server.vsctl('set', 'port', 'web1', 'tag=7');
    await vi.waitFor(() => expect(status().drift.left).toEqual([expect.stringMatching(/^br0\/web1: clear tag/)]), SOON);
    await server.vsctl('add-br', 'other');
    await vi.waitFor(() => expect(manager.hosts()[0]!.bridges.map(({ name }) => name)).toContain('other'), SOON);
    expect(await server.vsctl('get', 'port', 'web1', 'tag')).toBe('7');
    expect(status().drift.seen).toBe(1);
    manager.setConfig(managed(server.target, 'report', 'web1', 'web2'));
    await vi.waitFor(async () => expect(await server.vsctl('get', 'port', 'web1', 'tag')).toBe('[]'), SOON);
    await vi.waitFor(() => expect(status().drift.left).toEqual([]), SOON);
  });
});

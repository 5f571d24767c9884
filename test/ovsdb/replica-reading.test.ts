/** How a replica is read: states, snapshots that last, indexes, watchers, and conditions that hold only what is needed. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { InterfaceRow, Operation, PortRow } from '../../proto/ovsdb/index.ts';
import { vswitch } from '../../proto/ovsdb/index.ts';
import type { OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { createReplica, type Replica, ReplicaEmptyError } from '../../src/ovsdb/replica/replica.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { createShadow, dumped, expectSame, sorted, type Tables } from './replica-support.ts';

const cleanups: (() => unknown)[] = [];
let server: OvsdbServer;
let writer: OvsdbClient;
beforeEach(async () => {
  server = await startOvsdbServer();
  cleanups.push(() => server.stop());
  writer = await open();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
async function open(): Promise<OvsdbClient> {
  const client = await connectOvsdb(server.target);
  cleanups.push(() => client.close());
  return client;
}
async function followed(options = {}): Promise<Replica<Tables>> {
  const replica = createReplica(vswitch, options);
  await replica.follow(await open());
  return replica;
}
/** A client whose answer to `monitor` is looked at only when something else has happened. */
function lateReader(client: OvsdbClient, first: () => Promise<unknown>): OvsdbClient {
  return {
    ...client,
    async monitor(database, options) {
      const reply = await client.monitor(database, options);
      await first();
      return reply;
    },
  };
}
const names = (rows: Iterable<{ name: string }>) => Array.from(rows, ({ name }) => name).sort();

describe('a copy', () => {
  test('that is empty is never read, by no way', async () => {
    const replica = createReplica(vswitch);
    const index = replica.index('Port', 'name');
    const added = vi.fn();
    replica.watch('Port', { added });
    for (const read of [
      () => replica.snapshot(),
      () => replica.get('Port', 'x'),
      () => index.get('br0'),
      () => index.one('br0'),
    ]) {
      expect(read).toThrow(ReplicaEmptyError);
      expect(read).toThrow('the copy of Open_vSwitch is not filled yet');
    }
    await server.vsctl('add-br', 'br0');
    await replica.follow(await open());
    expect(index.one('br0')?.name).toBe('br0');
    expect(added).toHaveBeenCalledTimes(1);
  });

  test('is waited for, or not any longer', async () => {
    const replica = createReplica(vswitch);
    const aborted = replica.ready(AbortSignal.timeout(5));
    await expect(aborted).rejects.toThrow('aborted');
    const ready = replica.ready();
    const client = await open();
    await replica.follow(client);
    await ready;
    await replica.ready();
    client.close();
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    const again = replica.ready();
    await replica.follow(await open());
    await again;
    expect(replica.state).toBe('current');
    await expect(replica.ready(AbortSignal.abort())).rejects.toThrow('aborted');
  });

  test('once shown never changes; what is the same is the same object', async () => {
    await server.vsctl('add-br', 'br0', '--', 'add-br', 'br1');
    const replica = await followed();
    const before = replica.snapshot();
    expect(replica.snapshot()).toBe(before);
    const was = sorted(before);
    const port = [...before.Port.values()].find(({ name }) => name === 'br1')!;
    await server.vsctl('set', 'port', 'br1', 'tag=5', '--', 'add-port', 'br0', 'eth0');
    await vi.waitFor(() => expect(replica.snapshot().Port.size).toBe(3), SOON);
    const after = replica.snapshot();
    expect(sorted(before)).toEqual(was);
    expect(before.Port.size).toBe(2);
    expect(after.Controller).toBe(before.Controller);
    expect(after.Port.get(port._uuid)).toMatchObject({ tag: 5 });
    const other = [...before.Port.values()].find(({ name }) => name === 'br0')!;
    expect(after.Port.get(other._uuid)).toBe(other);
    expect(replica.get('Port', port._uuid)).toBe(after.Port.get(port._uuid));
  });

  test('is read only, empty columns too, which rows share', async () => {
    await server.vsctl('add-br', 'br0');
    const replica = await followed();
    const [port] = replica.snapshot().Port.values();
    expect(() => Object.assign(port!, { tag: 5 })).toThrow(TypeError);
    expect(() => (port!.trunks as number[]).push(5)).toThrow(TypeError);
    expect(() => (port!.external_ids as Map<string, string>).set('a', 'b')).toThrow('read only');
    expect(port!.other_config).toBe(port!.external_ids);
  });

  test('that took over another connection follows that one alone', async () => {
    await server.vsctl('add-br', 'br0');
    const replica = createReplica(vswitch);
    const [one, two] = [await open(), await open()];
    const results = await Promise.allSettled([replica.follow(one), replica.follow(two)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    one.close();
    await one.closed;
    expect(replica.state).toBe('current');
    // The one that goes on without us tells nothing more, nor does one whose copy came too late.
    const left = vi.spyOn(two, 'cancelMonitor');
    const three = await open();
    const late = lateReader(three, async () => void (await replica.follow(await open())));
    const dropped = vi.spyOn(late, 'cancelMonitor');
    await expect(replica.follow(late)).rejects.toThrow('another connection took over');
    await expect(left.mock.results[0]?.value).resolves.toBeUndefined();
    await expect(dropped.mock.results[0]?.value).resolves.toBeUndefined();
    expect([left, dropped].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    two.close();
    await two.closed;
    expect(replica.state).toBe('current');
    const shadow = createShadow(replica);
    await server.vsctl('set', 'port', 'br0', 'tag=5');
    await vi.waitFor(() => expect(shadow.told).toHaveLength(1), SOON);
  });
});

test('a copy that follows the same connection again has one monitor there, not two', async () => {
  await server.vsctl('add-br', 'br0');
  const replica = createReplica(vswitch);
  const shadow = createShadow(replica);
  const client = await open();
  const results = await Promise.allSettled([replica.follow(client), replica.follow(client)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  const cancel = vi.spyOn(client, 'cancelMonitor');
  await replica.follow(client);
  expect(cancel).toHaveBeenCalledTimes(1);
  shadow.told.length = 0;
  await server.vsctl('set', 'port', 'br0', 'tag=5');
  await server.vsctl('set', 'port', 'br0', 'tag=6');
  await vi.waitFor(() => expect(shadow.told).toHaveLength(2), SOON);
  expect(shadow.wrong).toEqual([]);
  expect(replica.state).toBe('current');
});

test('updates that come before the answer was looked at are not lost', async () => {
  await server.vsctl('add-br', 'br0');
  const replica = createReplica(vswitch);
  const shadow = createShadow(replica);
  const client = await open();
  let updates = 0;
  const counting: OvsdbClient = {
    ...client,
    monitor: (database, options) =>
      client.monitor(database, {
        ...options,
        onUpdate(...update) {
          options.onUpdate(...update);
          updates++;
        },
      }),
  };
  const late = lateReader(counting, async () => {
    await server.vsctl('set', 'port', 'br0', 'tag=5');
    await server.vsctl('set', 'port', 'br0', 'tag=6', '--', 'add-br', 'br1');
    await vi.waitFor(() => expect(updates).toBe(2), SOON);
  });
  await replica.follow(late);
  await expectSame(replica, shadow, server);
  expect(names(replica.snapshot().Port.values())).toEqual(['br0', 'br1']);
});

test('an early update that cannot be read leaves the copy as it was filled, and not current', async () => {
  await server.vsctl('add-br', 'br0');
  const replica = createReplica(vswitch);
  const client = await open();
  const bad: OvsdbClient = {
    ...client,
    async monitor(database, options) {
      const reply = await client.monitor(database, options);
      const update = { kind: 'modify', row: { tag: 5 } } as const;
      options.onUpdate([{ table: 'Port', uuid: '00000000-0000-4000-8000-000000000001', update }], undefined);
      return reply;
    },
  };
  await expect(replica.follow(bad)).rejects.toThrow('a row that is not there was changed');
  expect([replica.state, names(replica.snapshot().Port.values())]).toEqual(['stale', ['br0']]);
  await replica.follow(await open());
  expect(replica.state).toBe('current');
});

describe('an index', () => {
  test('by name, by an element, by a key and by anything, kept through changes and reconnects', async () => {
    await server.vsctl('add-br', 'br0', '--', 'add-port', 'br0', 'eth0', 'trunks=1,2', 'tag=7');
    const replica = createReplica(vswitch);
    const byName = replica.index('Port', 'name');
    const byTrunk = replica.index('Port', 'trunks');
    const byId = replica.index('Interface', 'external_ids', 'iface-id');
    const byKey = replica.index('Interface', 'external_ids');
    const client = await open();
    await replica.follow(client);
    const byTag = replica.index('Port', ({ tag }: PortRow) => tag);
    expect(replica.index('Port', 'name')).toBe(byName);

    const check = () => {
      const { Port, Interface } = replica.snapshot();
      const ports = [...Port.values()];
      const faces = [...Interface.values()];
      const same = <R>(found: readonly R[], rows: R[]) => expect(new Set(found)).toEqual(new Set(rows));
      for (const name of ['br0', 'eth0', 'eth1', 'eth9']) {
        expect(byName.one(name)).toBe(ports.find((row) => row.name === name));
      }
      for (const vlan of [1, 2, 3])
        same(
          byTrunk.get(vlan),
          ports.filter((row) => row.trunks.includes(vlan)),
        );
      for (const tag of [5, 7])
        same(
          byTag.get(tag),
          ports.filter((row) => row.tag === tag),
        );
      for (const id of ['a', 'b'])
        same(
          byId.get(id),
          faces.filter((row) => row.external_ids.get('iface-id') === id),
        );
      same(
        byKey.get('iface-id'),
        faces.filter((row) => row.external_ids.has('iface-id')),
      );
    };
    check();
    const steps: string[][] = [
      ['add-port', 'br0', 'eth1', 'trunks=2,3', 'tag=7', '--', 'set', 'interface', 'eth1', 'external_ids:iface-id=a'],
      ['set', 'interface', 'eth0', 'external_ids:iface-id=a'],
      ['set', 'interface', 'eth1', 'external_ids:iface-id=b', '--', 'set', 'port', 'eth0', 'trunks=3'],
      ['clear', 'interface', 'eth0', 'external_ids', '--', 'clear', 'port', 'eth1', 'tag'],
      ['del-port', 'br0', 'eth0', '--', 'add-port', 'br0', 'eth9'],
    ];
    for (const [index, step] of steps.entries()) {
      if (index === 3) {
        client.close();
        await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
      }
      await server.vsctl(...step);
      if (index === 3) await replica.follow(await open());
      const truth = sorted(await dumped(server));
      await vi.waitFor(() => expect(sorted(replica.snapshot())).toEqual(truth), SOON);
      check();
    }
    expect(names(byTrunk.get(2))).toEqual(['eth1']);
  });

  test('of two rows under one name says so, and both names may change hands at once', async () => {
    await server.vsctl(
      'add-br',
      'br0',
      '--',
      'add-port',
      'br0',
      'eth0',
      'tag=1',
      '--',
      'add-port',
      'br0',
      'eth1',
      'tag=2',
    );
    const replica = await followed();
    const byTag = replica.index('Port', 'tag');
    await server.vsctl('set', 'port', 'eth0', 'tag=2', '--', 'set', 'port', 'eth1', 'tag=1');
    await vi.waitFor(() => expect(byTag.one(1)?.name).toBe('eth1'), SOON);
    expect(byTag.one(2)?.name).toBe('eth0');
    await server.vsctl('set', 'port', 'eth0', 'tag=1');
    await vi.waitFor(() => expect(names(byTag.get(1))).toEqual(['eth0', 'eth1']), SOON);
    expect(() => byTag.one(1)).toThrow('Port.tag "1": 2 rows, not one');
    expect(byTag.get(2)).toEqual([]);
    expect(() => replica.index('Port', 'nmae' as never)).toThrow('table Port has no column "nmae"');
    expect(() => replica.index('Prot' as never, 'name' as never)).toThrow('Open_vSwitch has no table "Prot"');
  });
});

describe('a watcher', () => {
  test('is told of the rows that are there, then of each that comes, changes and goes, until it stops', async () => {
    await server.vsctl('add-br', 'br0');
    const replica = await followed();
    const told: string[] = [];
    const stop = replica.watch('Port', {
      added: ({ name }) => told.push(`+${name}`),
      changed: ({ name, tag }, old) => told.push(`${name} ${old.tag}→${tag}`),
      removed: ({ name }) => told.push(`-${name}`),
    });
    expect(told).toEqual(['+br0']);
    await server.vsctl('add-port', 'br0', 'eth0');
    await server.vsctl('set', 'port', 'eth0', 'tag=5');
    await server.vsctl('set', 'interface', 'eth0', 'external_ids:a=b');
    await server.vsctl('del-port', 'br0', 'eth0');
    await vi.waitFor(() => expect(told).toEqual(['+br0', '+eth0', 'eth0 undefined→5', '-eth0']), SOON);
    stop();
    await server.vsctl('add-port', 'br0', 'eth1');
    await vi.waitFor(() => expect(replica.snapshot().Port.size).toBe(2), SOON);
    expect(told).toHaveLength(4);
  });

  test('that throws keeps nobody else from being told, nor the copy from going on', async () => {
    await server.vsctl('add-br', 'br0');
    const replica = await followed();
    const uncaught = vi.fn();
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', uncaught);
    cleanups.push(() => {
      process.removeAllListeners('uncaughtException');
      for (const other of others) process.on('uncaughtException', other);
    });
    const stop = replica.onChange(() => {
      stop();
      throw new Error('mine');
    });
    const shadow = createShadow(replica);
    await server.vsctl('set', 'port', 'br0', 'tag=5');
    await vi.waitFor(() => expect(shadow.told).toHaveLength(1), SOON);
    expect(replica.state).toBe('current');
    expect(uncaught.mock.calls[0]?.[0]).toMatchObject({ message: 'mine' });
  });
});

describe('conditions', () => {
  const held = (replica: Replica<Tables>) => names(replica.snapshot().Interface.values());
  const make = (...faces: [name: string, id?: string][]) =>
    server.vsctl(
      ...faces.flatMap(([name, id]) => [
        ...['--', 'add-port', 'br0', name],
        ...(id === undefined ? [] : ['--', 'set', 'interface', name, `external_ids:iface-id=${id}`]),
      ]),
    );
  const withId = (id: string) => ['external_ids', 'includes', new Map([['iface-id', id]])] as const;

  test('hold only rows that meet one of them, as rows come to meet them and cease to', async () => {
    await server.vsctl('add-br', 'br0');
    await make(['eth0', 'a'], ['eth1', 'b'], ['eth2']);
    const replica = await followed({
      where: { Interface: [withId('a'), ['name', '==', 'eth2']], Port: false, Bridge: true },
    });
    expect(held(replica)).toEqual(['eth0', 'eth2']);
    expect([replica.snapshot().Port.size, replica.snapshot().Bridge.size]).toEqual([0, 1]);
    const told: string[] = [];
    replica.watch('Interface', {
      added: ({ name }) => told.push(`+${name}`),
      removed: ({ name }) => told.push(`-${name}`),
    });
    await server.vsctl('set', 'interface', 'eth1', 'external_ids:iface-id=a');
    await vi.waitFor(() => expect(held(replica)).toEqual(['eth0', 'eth1', 'eth2']), SOON);
    await server.vsctl('set', 'interface', 'eth0', 'external_ids:iface-id=b');
    await vi.waitFor(() => expect(held(replica)).toEqual(['eth1', 'eth2']), SOON);
    expect([told.slice(0, 2).sort(), told.slice(2)]).toEqual([
      ['+eth0', '+eth2'],
      ['+eth1', '-eth0'],
    ]);
  });

  test('change without a gap while rows change, and the next connection keeps to them', async () => {
    await server.vsctl('add-br', 'br0');
    await make(...Array.from({ length: 60 }, (_, n): [string, string] => [`eth${n}`, n % 2 === 0 ? 'even' : 'odd']));
    const client = await open();
    const replica = createReplica(vswitch, { where: { Interface: [withId('even')] } });
    const shadow = createShadow(replica);
    await replica.follow(client);
    const rows = [...(await dumped(server)).Interface!.values()] as unknown as InterfaceRow[];
    // Every row changes, one transaction each, while the conditions change to and fro.
    let left = rows.filter(({ name }) => name !== 'br0').length;
    const writing = (async () => {
      for (const { _uuid, name } of rows) {
        if (name === 'br0') continue;
        const update: Operation = {
          op: 'update',
          table: 'Interface',
          where: [['_uuid', '==', ['uuid', _uuid]]],
          row: { mtu_request: 1000 + left },
        };
        await writer.transact('Open_vSwitch', [update]);
        left--;
      }
    })();
    let turns = 0;
    while (left > 0) {
      await replica.setWhere({ Interface: [withId('odd')] });
      expect(held(replica)).toHaveLength(30);
      expect(held(replica)).toContain('eth1');
      await replica.setWhere({ Interface: [withId('odd'), withId('even')] });
      expect(held(replica)).toHaveLength(60);
      await replica.setWhere({ Interface: [withId('even')] });
      expect(held(replica)).not.toContain('eth1');
      turns++;
    }
    await writing;
    expect(turns).toBeGreaterThan(0);
    await replica.setWhere({ Interface: [withId('odd')] });
    const matches = async () => {
      const all = [...(await dumped(server)).Interface!] as unknown as [string, InterfaceRow][];
      const odd = new Map(all.filter(([, row]) => row.external_ids.get('iface-id') === 'odd'));
      expect(sorted({ t: replica.snapshot().Interface })).toEqual(sorted({ t: odd }));
      expect(sorted({ t: shadow.tables.Interface! })).toEqual(sorted({ t: odd }));
      expect(shadow.wrong).toEqual([]);
    };
    await vi.waitFor(matches, SOON);
    client.close();
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    await replica.follow(await open());
    await matches();
    client.close();
    // Without a connection they are the next one's.
    const last = await open();
    await replica.follow(last);
    last.close();
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    await replica.setWhere({ Interface: [['name', '==', 'eth7']] });
    expect(held(replica)).toHaveLength(30);
    await replica.follow(await open());
    expect(held(replica)).toEqual(['eth7']);
  });

  test('that change while a connection is being made hold when it is', async () => {
    await server.vsctl('add-br', 'br0');
    await make(['eth0'], ['eth1']);
    const replica = createReplica(vswitch, { where: { Interface: [['name', '==', 'eth0']] } });
    let changed: Promise<void> | undefined;
    const client = lateReader(await open(), async () => {
      changed = replica.setWhere({ Interface: [['name', '==', 'eth1']] });
    });
    await replica.follow(client);
    await changed;
    expect(held(replica)).toEqual(['eth1']);
  });

  test('that the server refuses change nothing', async () => {
    await server.vsctl('add-br', 'br0');
    await make(['eth0', 'a'], ['eth1']);
    const replica = await followed({ where: { Interface: [withId('a')] } });
    const shadow = createShadow(replica);
    const bad = { Interface: [['name', '<', 'x']], Port: false } as never;
    await expect(replica.setWhere(bad)).rejects.toThrow('monitor_cond_change');
    await vi.waitFor(() => expect(replica.state).toBe('current'), SOON);
    expect(held(replica)).toEqual(['eth0']);
    expect(replica.snapshot().Port.size).toBe(3);
    expect(shadow.told).toEqual([]);
    await make(['eth2', 'a']);
    await vi.waitFor(() => expect(held(replica)).toEqual(['eth0', 'eth2']), SOON);
    expect(names(replica.snapshot().Port.values())).toEqual(['br0', 'eth0', 'eth1', 'eth2']);
    expect(() => replica.setWhere({ Prot: true } as never)).toThrow('Open_vSwitch has no table "Prot"');
    expect(() => replica.setWhere({ Port: [['nmae', '==', 'x']] } as never)).toThrow('no column "nmae"');
  });

  test('are not asked of a server that knows none', async () => {
    const options = { methods: ['monitor'] as const };
    const narrow = createReplica(vswitch, { ...options, where: { Port: false } });
    await expect(narrow.follow(await open())).rejects.toThrow('the plain monitor method knows no conditions');
    const whole = await followed(options);
    await expect(whole.setWhere({ Port: false })).rejects.toThrow('the plain monitor method knows no conditions');
    await whole.setWhere({ Port: true });
    expect(whole.state).toBe('current');
  });
});

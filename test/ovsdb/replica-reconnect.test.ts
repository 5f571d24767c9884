/** A thousand rows change while the replica has no connection, or while it makes one: afterwards it equals `ovsdb-client dump`. */

import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type InterfaceRow, vswitch } from '../../proto/ovsdb/index.ts';
import type { OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { createReplica } from '../../src/ovsdb/replica/replica.ts';
import { type OvsdbServer, type OvsdbServerOptions, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { createShadow, expectSame } from './replica-support.ts';

const run = promisify(execFile);
const program = new URL('write-rows.ts', import.meta.url).pathname;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startServer(options?: OvsdbServerOptions): Promise<OvsdbServer> {
  const server = await startOvsdbServer(options);
  cleanups.push(() => server.stop());
  return server;
}
async function open(server: OvsdbServer): Promise<OvsdbClient> {
  const client = await connectOvsdb(server.target);
  cleanups.push(() => client.close());
  return client;
}
const write = (server: OvsdbServer, ...words: (string | number)[]) =>
  run(process.execPath, [program, server.target, ...words.map(String)]);

describe('a replica that reconnects', () => {
  test('to a standalone server that was killed: made anew, only what differs is told', async () => {
    const server = await startServer();
    await write(server, 'ports', 1000);
    const replica = createReplica(vswitch);
    const shadow = createShadow(replica);
    const first = await open(server);
    await replica.follow(first);
    await expectSame(replica, shadow, server);
    const before = replica.snapshot();

    await server.kill('SIGKILL');
    await first.closed;
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    await server.start();
    await write(server, 'touch', 600, 6);
    shadow.told.length = 0;
    const client = await open(server);
    const monitor = vi.spyOn(client, 'monitor');
    await replica.follow(client);
    expect(await monitor.mock.results[0]!.value).toMatchObject({ found: false });
    await expectSame(replica, shadow, server);
    // A server that starts again has forgotten what is ephemeral: the state of every interface.
    const told = Map.groupBy(shadow.told, ({ table }) => table);
    expect([...told.keys()].sort()).toEqual(['Interface', 'Port']);
    expect([told.get('Port')?.length, told.get('Interface')?.length]).toEqual([600, 1000]);
    expect(told.get('Interface')?.every(({ new: row }) => (row as InterfaceRow).mac_in_use === undefined)).toBe(true);
    // What did not change is the same object, in a table that did.
    const after = replica.snapshot();
    expect([...after.Port].filter(([uuid, row]) => before.Port.get(uuid) === row)).toHaveLength(400);
    expect(after.Bridge).toBe(before.Bridge);
  });

  test('to a cluster that remembers: only what was missed is sent', async () => {
    const server = await startServer({ clustered: true });
    await write(server, 'ports', 1000);
    await write(server, 'touch', 1);
    const replica = createReplica(vswitch);
    const shadow = createShadow(replica);
    const first = await open(server);
    await replica.follow(first);
    first.close();
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    await write(server, 'touch', 1000, 10);
    shadow.told.length = 0;
    const client = await open(server);
    const monitor = vi.spyOn(client, 'monitor');
    await replica.follow(client);
    const { found, updates } = await monitor.mock.results[0]!.value;
    expect([found, updates.length]).toEqual([true, 1000]);
    await expectSame(replica, shadow, server);
    expect(shadow.told).toHaveLength(1000);
  });

  test.each([
    ['standalone', false],
    ['clustered', true],
  ])(
    'again and again while rows change, %s: nothing is lost, nothing told twice',
    async (_, clustered) => {
      const server = await startServer({ clustered });
      await write(server, 'ports', 1000);
      const replica = createReplica(vswitch);
      const shadow = createShadow(replica);
      let writing = true;
      const touch = () => {
        writing = true;
        return write(server, 'touch', 1000, 100).finally(() => {
          writing = false;
        });
      };
      let writer = touch();
      let connections = 0;
      let midway = 0;
      while (writing || connections <= 3 || midway === 0) {
        // A machine that is busy elsewhere may have let too few connections in.
        if (!writing) writer = touch();
        const client = await open(server);
        await replica.follow(client);
        connections++;
        // Some connections end as soon as they are filled, some after a few updates.
        const seen = shadow.told.length;
        if (connections % 2 === 0) {
          await vi.waitFor(() => expect(!writing || shadow.told.length > seen).toBe(true), SOON);
          if (shadow.told.length > seen) midway++;
        }
        client.close();
        await client.closed;
      }
      await writer;
      await replica.follow(await open(server));
      await expectSame(replica, shadow, server);
    },
    120_000,
  );
});

test('a reader that is busy for two seconds while 10,000 rows change catches up', async () => {
  const server = await startServer();
  await write(server, 'ports', 10_000);
  const replica = createReplica(vswitch);
  const shadow = createShadow(replica);
  await replica.follow(await open(server));
  shadow.told.length = 0;
  const writer = spawn(process.execPath, [program, server.target, 'touch', '10000', '100'], { stdio: 'ignore' });
  const exited = new Promise((resolve) => writer.once('exit', resolve));
  await vi.waitFor(() => expect(shadow.told.length).toBeGreaterThan(0), SOON);
  const start = Date.now();
  while (Date.now() - start < 2000);
  const atWake = shadow.told.length;
  expect(await exited).toBe(0);
  await vi.waitFor(() => expect(shadow.told.length).toBe(10_000), SOON);
  expect(atWake).toBeLessThan(10_000);
  await expectSame(replica, shadow, server);
}, 180_000);

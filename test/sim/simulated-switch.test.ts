/** The simulated switch answers our own connection as a real one does: what a controller asks, and what it changes. */

import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { MessageBody } from '../../proto/openflow/message.ts';
import { createBundleSender } from '../../src/openflow/bundle.ts';
import type { Datapath } from '../../src/openflow/datapath.ts';
import { handshake } from '../../src/openflow/handshake.ts';
import { OpenFlowError } from '../../src/openflow/openflow-error.ts';
import { createWindow } from '../../src/openflow/window.ts';
import { connectSwitch, type Link } from './link.ts';
import type { SwitchOptions } from './simulated-switch.ts';

const open: (Server | { close(): void })[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

interface Met {
  datapath: Datapath;
  link: Link;
  errors: OpenFlowError[];
  takeError(take: (error: OpenFlowError) => boolean): void;
}

async function meet(options: Partial<SwitchOptions> = {}): Promise<Met> {
  const errors: OpenFlowError[] = [];
  let take: (error: OpenFlowError) => boolean = () => false;
  const server = createServer();
  open.push(server);
  const met = new Promise<Datapath>((resolve, reject) => {
    server.once('connection', (socket) => {
      const events = {
        packetIn: () => undefined,
        portChanged: () => undefined,
        flowRemoved: () => undefined,
        error(_: Datapath, error: OpenFlowError) {
          if (!take(error)) errors.push(error);
        },
        close: () => undefined,
      };
      handshake(socket, 'simulated', events).then(resolve, reject);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const link = await connectSwitch({ port, host: '127.0.0.1' }, { dpid: 0xabcn, ports: 3, ...options });
  open.push(link);
  return {
    datapath: await met,
    link,
    errors,
    takeError(handler) {
      take = handler;
    },
  };
}

function flowMod(priority: number, more: Partial<FlowMod> = {}): FlowMod {
  return {
    ...{ type: 'flowMod', command: 'add', cookie: 7n, cookieMask: 0n, tableId: 3, priority, match: { inPort: 1 } },
    ...{ idleTimeout: 0, hardTimeout: 0, bufferId: 0xffffffff, outPort: 'any', outGroup: 'any', flags: [] },
    importance: 0,
    instructions: [{ type: 'applyActions', actions: [{ type: 'output', port: 'controller', maxLen: 0xffff }] }],
    ...more,
  } as FlowMod;
}

const everything = {
  tableId: 'all',
  outPort: 'any',
  outGroup: 'any',
  cookie: 0n,
  cookieMask: 0n,
  match: {},
} as const;

test('hello, features, description and ports make it known', async () => {
  const { datapath } = await meet();
  expect(datapath.dpid).toBe('0000000000000abc');
  expect([...datapath.ports.keys()]).toEqual([1, 2, 3]);
  expect(datapath.description).toContain('simulated switch');
});

test('every question has an answer', async () => {
  const { connection } = (await meet()).datapath;
  const any = { portNo: 'any', queueId: 'all' } as const;
  expect(await connection.multipart('portStats', any)).toHaveLength(3);
  expect(await connection.multipart('table', {})).toHaveLength(254);
  expect(await connection.multipart('tableFeatures', [])).toHaveLength(254);
  expect(await connection.multipart('tableDesc', {})).toHaveLength(254);
  expect(await connection.multipart('queueStats', any)).toEqual([]);
  expect(await connection.multipart('group', { groupId: 'all' })).toEqual([]);
  expect(await connection.multipart('groupDesc', {})).toEqual([]);
  expect((await connection.multipart('groupFeatures', {})).types).toContain('select');
  expect(await connection.multipart('meter', { meterId: 'all' })).toEqual([]);
  expect(await connection.multipart('meterConfig', { meterId: 'all' })).toEqual([]);
  expect((await connection.multipart('meterFeatures', {})).maxBands).toBe(8);
  expect(await connection.multipart('aggregate', everything)).toMatchObject({ flowCount: 0 });
  expect(await connection.request({ type: 'getConfigRequest' })).toMatchObject({ missSendLen: 0xffff });
  const role = { type: 'roleRequest', role: 'master', generationId: 4n } as const;
  expect(await connection.request(role)).toMatchObject({ type: 'roleReply', role: 'master', generationId: 4n });
});

test('flows, groups and meters are remembered, changed and deleted as the flow-mods say', async () => {
  const { datapath, link, errors } = await meet();
  const { connection } = datapath;
  const sendAll = (...bodies: MessageBody[]) => bodies.forEach((body) => void connection.send(body));
  sendAll(
    flowMod(5),
    flowMod(6, { cookie: 8n }),
    flowMod(6, { match: { inPort: 2 }, instructions: [] }),
    { type: 'groupMod', command: 'add', groupType: 'all', groupId: 4, buckets: [] },
    { type: 'meterMod', command: 'add', flags: ['pktps'], meterId: 2, bands: [] },
  );
  await connection.barrier();
  expect(await connection.multipart('flow', everything)).toHaveLength(3);
  expect(link.device.punts().map(({ priority }) => priority)).toEqual([5, 6]);
  expect(await connection.multipart('groupDesc', {})).toMatchObject([{ groupId: 4 }]);
  expect(await connection.multipart('meterConfig', { meterId: 'all' })).toMatchObject([{ meterId: 2 }]);

  sendAll(
    flowMod(6, { command: 'deleteStrict', cookieMask: 0xffff_ffff_ffff_ffffn }),
    flowMod(0, { command: 'modify', match: { inPort: 2 }, instructions: [{ type: 'gotoTable', tableId: 9 }] }),
    { type: 'groupMod', command: 'delete', groupType: 'all', groupId: 'all', buckets: [] },
  );
  await connection.barrier();
  const left = await connection.multipart('flow', everything);
  // The strict delete asked for another cookie.
  expect(left.map(({ priority, cookie }) => [priority, cookie])).toEqual([
    [5, 7n],
    [6, 8n],
    [6, 7n],
  ]);
  expect(left[2]?.instructions).toEqual([{ type: 'gotoTable', tableId: 9 }]);
  expect(await connection.multipart('groupDesc', {})).toEqual([]);
  sendAll(flowMod(0, { command: 'delete', tableId: 'all', match: {} }));
  await connection.barrier();
  expect(link.device.flows.flows.size).toBe(0);
  expect(errors).toEqual([]);
});

test('a dump of many flows comes in parts', async () => {
  const { datapath } = await meet();
  for (let priority = 1; priority <= 500; priority++) datapath.connection.send(flowMod(priority));
  await datapath.connection.barrier();
  expect(await datapath.connection.multipart('flow', everything)).toHaveLength(500);
});

test.for(['add', 'commit'] as const)('a bundle with a flow that is refused at its %s changes nothing', async (at) => {
  const met = await meet({
    refuse: ({ priority }, when) =>
      priority % 3 === 0 && when === at ? { errorType: 'flowModFailed', code: 'tableFull' } : undefined,
  });
  const sender = createBundleSender(met.datapath.connection, createWindow(met.datapath.connection));
  met.takeError((error) => sender.takeError(error));
  const { refused } = await sender.commit([1, 2, 3, 4, 5, 6].map((priority) => flowMod(priority)));
  // At the commit the switch names the first alone.
  expect([...refused.keys()]).toEqual(at === 'add' ? [2, 5] : [2]);
  expect(met.link.device.flows.flows.size).toBe(0);
  expect((await sender.commit([flowMod(1), flowMod(2)])).refused.size).toBe(0);
  expect(met.link.device.flows.flows.size).toBe(2);
});

test('a flow that is refused alone is told by its xid', async () => {
  const met = await meet({ refuse: () => ({ errorType: 'flowModFailed', code: 'badPriority' }) });
  const xid = met.datapath.connection.send(flowMod(1));
  await met.datapath.connection.barrier();
  expect(met.errors).toHaveLength(1);
  expect(met.errors[0]).toBeInstanceOf(OpenFlowError);
  expect(met.errors[0]?.xid).toBe(xid);
});

/** The simulated switch and our own connection: what a controller asks and changes, as the controller sees it. */

import { duplexPair } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { MessageBody } from '../../proto/openflow/message.ts';
import { createBundleSender } from '../../src/openflow/bundle.ts';
import type { Datapath } from '../../src/openflow/datapath.ts';
import { handshake } from '../../src/openflow/handshake.ts';
import { OpenFlowError } from '../../src/openflow/openflow-error.ts';
import { createWindow } from '../../src/openflow/window.ts';
import type { Hooks } from '../../src/sim/openflow/connection.ts';
import { createSimulatedSwitch, type SimulatedSwitch } from '../../src/sim/simulated-switch.ts';
import { flowMod as anyFlowMod, applied, groupMod, meterMod, output } from './oracle/messages.ts';

const open: { close(): void }[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

interface Met {
  datapath: Datapath;
  device: SimulatedSwitch;
  errors: OpenFlowError[];
  ports: string[];
  takeError(take: (error: OpenFlowError) => boolean): void;
}

async function meet(hooks: Hooks = {}): Promise<Met> {
  const errors: OpenFlowError[] = [];
  const ports: string[] = [];
  let take: (error: OpenFlowError) => boolean = () => false;
  const [ours, theirs] = duplexPair();
  const device = createSimulatedSwitch({
    dpid: 0xabcn,
    ports: [1, 2, 3].map((portNo) => ({ portNo })),
    clock: { now: () => 0 },
    transmit: () => undefined,
  });
  const connection = device.connect({ write: (bytes) => void theirs.write(Uint8Array.from(bytes)), hooks });
  theirs.on('data', (chunk: Uint8Array) => connection.receive(chunk));
  theirs.on('end', () => theirs.end());
  const datapath = await handshake(ours, 'simulated', {
    packetIn: () => undefined,
    portChanged: (_, change, port) => void ports.push(`${change} ${port.name} ${port.state.join()}`),
    flowRemoved: () => undefined,
    error(_, error) {
      if (!take(error)) errors.push(error);
    },
    close: () => undefined,
  });
  open.push({ close: () => datapath.connection.close('the test ends') });
  return {
    ...{ datapath, device, errors, ports },
    takeError(handler) {
      take = handler;
    },
  };
}

const flowMod = (priority: number, more: Partial<FlowMod> = {}) =>
  anyFlowMod({
    ...{ priority, cookie: 7n, tableId: 3, match: { inPort: 1 } },
    instructions: applied(output('controller', 0xffff)),
    ...more,
  });

const everything = { tableId: 'all', outPort: 'any', outGroup: 'any', cookie: 0n, cookieMask: 0n, match: {} } as const;

test('hello, features, description and ports make it known', async () => {
  const { datapath } = await meet();
  expect(datapath.dpid).toBe('0000000000000abc');
  expect([...datapath.ports.keys()].toSorted((a, b) => a - b).slice(0, 3)).toEqual([1, 2, 3]);
  expect(datapath.description).toContain('Open vSwitch');
});

test('every question has an answer', async () => {
  const { connection } = (await meet()).datapath;
  const any = { portNo: 'any', queueId: 'all' } as const;
  // The switch's own port is one, too.
  expect(await connection.multipart('portStats', any)).toHaveLength(4);
  expect(await connection.multipart('table', {})).toHaveLength(254);
  expect(await connection.multipart('tableFeatures', [])).toHaveLength(254);
  expect(await connection.multipart('tableDesc', {})).toHaveLength(254);
  expect(await connection.multipart('queueStats', any)).toHaveLength(4);
  expect(await connection.multipart('group', { groupId: 'all' })).toEqual([]);
  expect((await connection.multipart('groupFeatures', {})).types).toContain('select');
  expect((await connection.multipart('meterFeatures', {})).maxBands).toBe(8);
  expect(await connection.multipart('aggregate', everything)).toMatchObject({ flowCount: 0 });
  expect(await connection.request({ type: 'getConfigRequest' })).toMatchObject({ missSendLen: 0xffff });
  const role = { type: 'roleRequest', role: 'master', generationId: 4n } as const;
  expect(await connection.request(role)).toMatchObject({ type: 'roleReply', role: 'master', generationId: 4n });
});

test('flows, groups and meters are remembered, changed and deleted as the messages say', async () => {
  const { datapath, device, errors } = await meet();
  const { connection } = datapath;
  const sendAll = (...bodies: MessageBody[]) => bodies.forEach((body) => void connection.send(body));
  sendAll(flowMod(5), flowMod(6, { cookie: 8n }), flowMod(6, { match: { inPort: 2 } }), groupMod(), meterMod());
  await connection.barrier();
  expect(await connection.multipart('flow', everything)).toHaveLength(3);
  expect([device.flowCount(), device.groups.size, device.meters.size]).toEqual([3, 1, 1]);
  sendAll(
    flowMod(6, { command: 'deleteStrict', cookieMask: 0xffff_ffff_ffff_ffffn }),
    flowMod(0, { command: 'modify', match: { inPort: 2 }, instructions: [{ type: 'gotoTable', tableId: 9 }] }),
    groupMod({ command: 'delete', groupId: 'all', buckets: [] }),
  );
  await connection.barrier();
  const left = await connection.multipart('flow', everything);
  // The strict delete asked for another cookie.
  expect(left.map(({ priority, cookie }) => `${priority} ${cookie}`).toSorted()).toEqual(['5 7', '6 7', '6 8']);
  sendAll(flowMod(0, { command: 'delete', tableId: 'all', match: {} }));
  await connection.barrier();
  expect([device.flowCount(), device.groups.size, errors]).toEqual([0, 0, []]);
});

test('a dump of many flows comes in parts, each flow once', async () => {
  const { datapath } = await meet();
  const many = 2000;
  for (let priority = 1; priority <= many; priority++) datapath.connection.send(flowMod(priority));
  await datapath.connection.barrier();
  const flows = await datapath.connection.multipart('flow', everything);
  expect(new Set(flows.map(({ priority }) => priority)).size).toBe(many);
});

test('a port that comes, goes or loses its carrier is told', async () => {
  const { datapath, device, ports } = await meet();
  device.addPort({ portNo: 9, name: 'p9' });
  device.setPortLive(9, false);
  device.setPortLive(9, false);
  device.removePort(9);
  await datapath.connection.barrier();
  expect(ports).toEqual(['added p9 live', 'changed p9 linkDown', 'removed p9 linkDown']);
});

test.for(['add', 'commit'] as const)('a bundle with a flow that is refused at its %s changes nothing', async (at) => {
  const met = await meet({
    // The priority lies in the message inside, behind 16 bytes.
    refuse: (bytes, when) =>
      when === at && bytes[16 + 31]! % 3 === 0 ? { errorType: 'flowModFailed', code: 'tableFull' } : undefined,
  });
  const sender = createBundleSender(met.datapath.connection, createWindow(met.datapath.connection));
  met.takeError((error) => sender.takeError(error));
  const { refused } = await sender.commit([1, 2, 3, 4, 5, 6].map((priority) => flowMod(priority)));
  // At the commit the switch names the first alone.
  expect([...refused.keys()]).toEqual(at === 'add' ? [2, 5] : [2]);
  expect(met.device.flowCount()).toBe(0);
  expect((await sender.commit([flowMod(1), flowMod(2)])).refused.size).toBe(0);
  expect(met.device.flowCount()).toBe(2);
});

test('a flow that is refused alone is told by its xid', async () => {
  const met = await meet({ refuse: () => ({ errorType: 'flowModFailed', code: 'badPriority' }) });
  const xid = met.datapath.connection.send(flowMod(1));
  await met.datapath.connection.barrier();
  expect(met.errors).toHaveLength(1);
  expect(met.errors[0]).toBeInstanceOf(OpenFlowError);
  expect(met.errors[0]?.xid).toBe(xid);
});

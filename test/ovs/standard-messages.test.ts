// The standard's messages live: a real ovs-vswitchd obeys roles, masks, tables, ports and meters, and tells of them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SetAsync } from '../../proto/openflow/async-config.ts';
import type { BundleControl } from '../../proto/openflow/bundle.ts';
import type { ErrorMessage } from '../../proto/openflow/error.ts';
import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { GroupMod } from '../../proto/openflow/group-mod.ts';
import { decodeMessage, encodeMessage, type Message, type MessageBody } from '../../proto/openflow/message.ts';
import type { MeterMod } from '../../proto/openflow/meter-mod.ts';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import { type LiveSwitch, startLiveSwitch } from './live-switch.ts';
import { openRawChannel, type RawChannel } from './raw-channel.ts';

type Typed<T extends Message['type']> = Extract<Message, { type: T }>;

let live: LiveSwitch;
/** Two controllers of the one switch. */
let here: RawChannel;
let there: RawChannel;

beforeAll(async () => {
  live = await startLiveSwitch(
    ['set', 'bridge', 'br0', 'flow_tables:4=@t'],
    ['--id=@t', 'create', 'flow_table', 'flow_limit=10', 'overflow_policy=refuse'],
  );
  here = await openRawChannel(live.socket);
  there = await openRawChannel(live.socket);
  // Whoever comes by the management socket is told things only after it has said how much of a packet it wants.
  for (const channel of [here, there]) channel.send({ type: 'setConfig', flags: 'normal', missSendLen: 128 });
});
afterAll(async () => {
  here.close();
  there.close();
  await live.stop();
});

/** The next message of a type; its bytes are ours too when it is written again. */
async function next<T extends Message['type']>(channel: RawChannel, type: T): Promise<Typed<T>> {
  let found: Message | undefined;
  await channel.next((bytes) => {
    const message = decodeMessage(bytes);
    expect(encodeMessage(message)).toEqual(bytes);
    if (message.type === 'error' && type !== 'error') throw new Error(`refused: ${JSON.stringify(message)}`);
    if (message.type === type) found = message;
    return found !== undefined;
  });
  return found as Typed<T>;
}

/** The answer to a request, which is its reply or an error. */
async function answer<T extends Message['type']>(channel: RawChannel, body: MessageBody, type: T): Promise<Typed<T>> {
  const xid = channel.send(body);
  let reply = await next(channel, type);
  while (reply.xid !== xid) reply = await next(channel, type);
  return reply;
}

/** Sends, and waits until the switch has done it; throws where it answers with an error. Events until then are skipped. */
async function done(channel: RawChannel, body: MessageBody): Promise<void> {
  channel.send(body);
  await answer(channel, { type: 'barrierRequest' }, 'barrierReply');
}

async function refusal(channel: RawChannel, body: MessageBody): Promise<ErrorMessage> {
  return (await answer(channel, body, 'error')) as ErrorMessage;
}

const flow: FlowMod = {
  type: 'flowMod',
  cookie: 0n,
  cookieMask: 0n,
  tableId: 0,
  command: 'add',
  idleTimeout: 0,
  hardTimeout: 0,
  priority: 1,
  bufferId: NO_BUFFER,
  outPort: 'any',
  outGroup: 'any',
  flags: [],
  importance: 0,
  match: {},
  instructions: [],
};

test('features and configuration', async () => {
  expect(await answer(here, { type: 'featuresRequest' }, 'featuresReply')).toMatchObject({
    nTables: 254,
    auxiliaryId: 0,
    capabilities: ['flowStats', 'tableStats', 'portStats', 'groupStats', 'queueStats', 'bundles'],
  });
  await done(here, { type: 'setConfig', flags: 'normal', missSendLen: 77 });
  expect(await answer(here, { type: 'getConfigRequest' }, 'getConfigReply')).toMatchObject({ missSendLen: 77 });
  const data = Uint8Array.from([1, 2, 3]);
  expect(await answer(here, { type: 'echoRequest', data }, 'echoReply')).toMatchObject({ data });
});

test('what is wanted of each kind of event', async () => {
  const properties: SetAsync['properties'] = [
    { type: 'packetInSlave', mask: ['invalidTtl'] },
    { type: 'packetInMaster', mask: ['tableMiss', 'applyAction', 'packetOut'] },
    { type: 'portStatusSlave', mask: ['add'] },
    { type: 'portStatusMaster', mask: ['add', 'delete', 'modify'] },
    { type: 'flowRemovedSlave', mask: ['delete'] },
    { type: 'flowRemovedMaster', mask: ['idleTimeout', 'hardTimeout', 'delete', 'eviction'] },
    { type: 'roleStatusSlave', mask: ['masterRequest', 'experimenter'] },
    { type: 'roleStatusMaster', mask: ['masterRequest', 'config'] },
    { type: 'tableStatusSlave', mask: ['vacancyUp'] },
    { type: 'tableStatusMaster', mask: ['vacancyDown', 'vacancyUp'] },
    { type: 'requestForwardSlave', mask: ['groupMod'] },
    { type: 'requestForwardMaster', mask: ['groupMod', 'meterMod'] },
  ];
  for (const channel of [here, there]) {
    await done(channel, { type: 'setAsync', properties });
    const reply = await answer(channel, { type: 'getAsyncRequest' }, 'getAsyncReply');
    expect(reply.properties.toSorted((a, b) => (a.type < b.type ? -1 : 1))).toEqual(
      properties.toSorted((a, b) => (a.type < b.type ? -1 : 1)),
    );
  }
});

test('groups and meters are told to the other controller', async () => {
  const group: GroupMod = {
    type: 'groupMod',
    command: 'add',
    groupType: 'select',
    groupId: 9,
    buckets: [{ weight: 5, watchPort: 'any', watchGroup: 'any', actions: [{ type: 'output', port: 1, maxLen: 0 }] }],
  };
  const meter: MeterMod = {
    type: 'meterMod',
    command: 'add',
    flags: ['pktps', 'burst', 'stats'],
    meterId: 8,
    bands: [{ type: 'drop', rate: 1000, burstSize: 50 }],
  };
  await done(here, group);
  expect((await next(there, 'requestForward')).request).toMatchObject({ type: 'groupMod', command: 'add', groupId: 9 });
  await done(here, meter);
  expect((await next(there, 'requestForward')).request).toMatchObject(meter);
  expect(await refusal(here, meter)).toMatchObject({ errorType: 'meterModFailed', code: 'meterExists' });
  expect(await refusal(here, group)).toMatchObject({ errorType: 'groupModFailed', code: 'groupExists' });
  const remarks: MeterMod = {
    ...meter,
    meterId: 10,
    bands: [{ type: 'dscpRemark', rate: 1, burstSize: 2, precLevel: 3 }],
  };
  expect(await refusal(here, remarks)).toMatchObject({ errorType: 'meterModFailed', code: 'badBand' });
});

test('roles, and their loss', async () => {
  const role = (name: 'master' | 'slave' | 'equal' | 'noChange', generationId: bigint): MessageBody => ({
    type: 'roleRequest',
    role: name,
    generationId,
  });
  expect(await answer(here, role('master', 7n), 'roleReply')).toMatchObject({ role: 'master', generationId: 7n });
  expect(await answer(there, role('master', 8n), 'roleReply')).toMatchObject({ role: 'master', generationId: 8n });
  expect(await next(here, 'roleStatus')).toMatchObject({
    role: 'slave',
    reason: 'masterRequest',
    generationId: 8n,
    properties: [],
  });
  expect(await answer(here, role('noChange', 0n), 'roleReply')).toMatchObject({ role: 'slave' });
  expect(await refusal(here, role('slave', 6n))).toMatchObject({ errorType: 'roleRequestFailed', code: 'stale' });
  expect(await refusal(here, flow)).toMatchObject({ errorType: 'badRequest', code: 'isSlave' });
  for (const channel of [here, there]) await answer(channel, role('equal', 0n), 'roleReply');
});

test('a table that fills, and empties', async () => {
  await done(here, {
    type: 'tableMod',
    tableId: 4,
    config: ['vacancyEvents'],
    properties: [{ type: 'vacancy', vacancyDown: 30, vacancyUp: 70, vacancy: 0 }],
  });
  for (let priority = 1; priority <= 8; priority++) await done(there, { ...flow, tableId: 4, priority });
  const table = { tableId: 4, config: ['vacancyEvents'] };
  const down = await next(here, 'tableStatus');
  expect(down).toMatchObject({ reason: 'vacancyDown', table });
  expect(down.table.properties).toEqual([
    { type: 'eviction', flags: ['other', 'importance', 'lifetime'] },
    { type: 'vacancy', vacancyDown: 30, vacancyUp: 70, vacancy: 20 },
  ]);
  await done(there, { ...flow, tableId: 4, command: 'delete' });
  expect(await next(here, 'tableStatus')).toMatchObject({ reason: 'vacancyUp', table });
});

test('a port that is changed', async () => {
  const parts = await here.ask({ type: 'multipartRequest', flags: [], kind: 'portDesc', request: {} });
  const ports = decodeMessage(parts[0]!);
  if (ports.type !== 'multipartReply' || ports.kind !== 'portDesc') throw new Error('no description of ports came');
  const port = ports.reply.find(({ name }) => name === 'p2');
  if (port === undefined) throw new Error('there is no p2');
  const change: MessageBody = {
    type: 'portMod',
    portNo: port.portNo,
    hwAddr: port.hwAddr,
    config: ['portDown', 'noFwd'],
    mask: ['portDown', 'noRecv', 'noFwd'],
    properties: [{ type: 'ethernet', advertise: [] }],
  };
  await done(here, change);
  const desc = (await next(there, 'portStatus')).desc;
  expect(desc).toMatchObject({ portNo: port.portNo, name: 'p2', config: expect.arrayContaining(['noFwd']) });
  expect(await refusal(here, { ...change, hwAddr: '02:00:00:00:00:99' })).toMatchObject({
    errorType: 'portModFailed',
    code: 'badHwAddr',
  });
});

test('a flow that goes', async () => {
  const match = { ethType: 0x0800, ipv4Dst: { value: '192.0.2.0', mask: '255.255.255.0' } };
  await done(here, { ...flow, tableId: 2, cookie: 0xabcn, match, idleTimeout: 100, flags: ['sendFlowRem'] });
  await done(there, { ...flow, tableId: 2, command: 'delete' });
  expect(await next(here, 'flowRemoved')).toMatchObject({
    cookie: 0xabcn,
    priority: 1,
    reason: 'delete',
    tableId: 2,
    idleTimeout: 100,
    packetCount: 0n,
    match,
  });
});

test('a message of a bundle that is refused', async () => {
  const bundle = (): Pick<BundleControl, 'bundleId' | 'flags' | 'properties'> => ({
    bundleId: 3,
    flags: ['atomic', 'ordered'],
    properties: [],
  });
  expect(
    await answer(here, { type: 'bundleControl', ...bundle(), control: 'openRequest' }, 'bundleControl'),
  ).toMatchObject({ bundleId: 3, control: 'openReply' });
  // The inner xid is not the bundle's.
  const xid = here.send({ type: 'bundleAdd', ...bundle(), message: { ...flow, xid: 0 } });
  expect(await next(here, 'error')).toMatchObject({ errorType: 'bundleFailed', code: 'msgBadXid', xid });
});

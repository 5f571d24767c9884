// A real Open vSwitch asked every multipart: what it answers decodes with nothing unknown, to what it was told, and encodes to its bytes.
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type MessageBody, type MessageOf } from '../../proto/openflow/message.ts';
import type { MultipartKind, MultipartReplyBody, MultipartRequestBody } from '../../proto/openflow/multipart.ts';
import type { TableFeatureProperty } from '../../proto/openflow/table-features.ts';
import { type LiveSwitch, startLiveSwitch } from './live-switch.ts';
import { openRawChannel, type RawChannel, xidOf } from './raw-channel.ts';

let ovs: LiveSwitch;
let channel: RawChannel;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Decodes what came, which must encode to the very same bytes. */
function read(bytes: Uint8Array) {
  const message = decodeMessage(bytes);
  expect(hex(encodeMessage(message))).toBe(hex(bytes));
  return message;
}

/** Every part of the answer. */
async function partsOf<K extends MultipartKind>(kind: K, request: MultipartRequestBody<K>) {
  const replies = await channel.ask({ type: 'multipartRequest', flags: [], kind, request } as MessageBody);
  return replies.map((bytes) => {
    const message = read(bytes);
    if (message.type !== 'multipartReply') throw new Error(`Open vSwitch answered ${JSON.stringify(message)}`);
    expect(message.kind).toBe(kind);
    return (message as unknown as { reply: MultipartReplyBody<K> }).reply;
  });
}

/** The answer, joined. */
async function ask<K extends MultipartKind>(kind: K, request: MultipartRequestBody<K>): Promise<MultipartReplyBody<K>> {
  const parts = await partsOf(kind, request);
  return (Array.isArray(parts[0]) ? parts.flat() : parts[0]) as MultipartReplyBody<K>;
}

/** Names of what the codec has no schema for, wherever they stand. */
function strange(value: unknown): string[] {
  const found: string[] = [];
  JSON.stringify(value, (name, inner: unknown) => {
    if (name.startsWith('oxm:') || inner === 'unknown' || inner === 'experimenter') found.push(name);
    if (name === 'field' && typeof inner === 'string' && inner.startsWith('oxm:')) found.push(inner);
    return typeof inner === 'bigint' ? inner.toString() : inner;
  });
  return found;
}

const everything = { tableId: 'all', outPort: 'any', outGroup: 'any', cookie: 0n, cookieMask: 0n, match: {} } as const;
const flows = (extra: object = {}) => ({ ...everything, match: {}, ...extra });

beforeAll(async () => {
  ovs = await startLiveSwitch(
    ['set', 'port', 'p1', 'qos=@q', '--', '--id=@q', 'create', 'qos', 'type=linux-htb', 'queues:0=@q0'],
    ['--id=@q0', 'create', 'queue', 'other_config:min-rate=1000'],
    ['set', 'bridge', 'br0', 'flow_tables:4=@t'],
    ['--id=@t', 'create', 'flow_table', 'name=classify', 'flow_limit=1000', 'overflow_policy=evict'],
    ['--id=@i', 'create', 'ipfix', 'targets="127.0.0.1:9"', '--', 'set', 'bridge', 'br0', 'ipfix=@i'],
    ['--id=@b', 'get', 'bridge', 'br0', '--', '--id=@j', 'create', 'ipfix', 'targets="127.0.0.1:9"'],
    ['create', 'flow_sample_collector_set', 'id=9', 'bridge=@b', 'ipfix=@j'],
  );
  await ovs.ofctl('add-group', 'group_id=5,type=select,bucket=weight:3,output:2,bucket=weight:4,output:3');
  await ovs.ofctl('add-group', 'group_id=6,type=ff,bucket=watch_port:2,output:2,bucket=watch_group:5,group:5');
  await ovs.ofctl('add-group', 'group_id=7,type=all');
  await ovs.ofctl('add-meter', 'meter=3,kbps,burst,stats,bands=type=drop,rate=1000,burst_size=77');
  await ovs.ofctl('add-meter', 'meter=4,pktps,bands=type=drop,rate=9');
  await ovs.ofctl('mod-table', '3', 'evict');
  await ovs.ofctl('mod-table', '3', 'vacancy:20,80');
  await ovs.ofctl('add-flow', 'actions=meter:3,resubmit(,1)');
  await ovs.ofctl('add-flow', 'table=1,cookie=0x17,actions=group:5');
  await ovs.ofctl(
    'add-flow',
    'table=2,priority=7,cookie=0x27,importance=8,idle_timeout=60,in_port=1,tcp,nw_dst=10.0.0.0/8,tp_dst=80,' +
      'actions=ct(commit,zone=5,nat(src=192.0.2.1)),set_field:1->reg3,output:2,goto_table:9',
  );
  channel = await openRawChannel(ovs.socket);
});

afterAll(async () => {
  channel?.close();
  await ovs?.stop();
});

test('what every multipart answers encodes to the same bytes, with nothing in it that has no schema', async () => {
  const queues = { portNo: 'any', queueId: 'all' } as const;
  const answers = {
    desc: await ask('desc', {}),
    flow: await ask('flow', flows()),
    aggregate: await ask('aggregate', flows()),
    table: await ask('table', {}),
    portStats: await ask('portStats', { portNo: 'any' }),
    queueStats: await ask('queueStats', queues),
    group: await ask('group', { groupId: 'all' }),
    groupDesc: await ask('groupDesc', {}),
    groupFeatures: await ask('groupFeatures', {}),
    meter: await ask('meter', { meterId: 'all' }),
    meterConfig: await ask('meterConfig', { meterId: 'all' }),
    meterFeatures: await ask('meterFeatures', {}),
    tableFeatures: await ask('tableFeatures', []),
    portDesc: await ask('portDesc', {}),
    tableDesc: await ask('tableDesc', {}),
    queueDesc: await ask('queueDesc', queues),
    ipfixBridge: await ask('ipfixBridge', {}),
    ipfixFlow: await ask('ipfixFlow', {}),
  };
  // Open vSwitch's own counters of ports stand under Intel's number.
  for (const { properties } of answers.portStats) {
    const others = properties.filter(({ type }) => type === 'experimenter');
    expect(others.map((each) => 'experimenter' in each && each.experimenter)).toEqual(others.map(() => 0xaa01));
  }
  expect(strange({ ...answers, portStats: [] })).toEqual([]);
  expect(answers.desc).toMatchObject({ mfrDesc: 'Nicira, Inc.', hwDesc: 'Open vSwitch' });
  expect(answers.portDesc.map(({ name }) => name).sort()).toEqual(['br0', 'p1', 'p2', 'p3', 'p4']);
  expect(answers.queueStats.map(({ queueId }) => queueId)).toEqual([0, 0, 0, 0, 0]);
  expect(answers.queueDesc.map(({ portNo }) => portNo).sort()).toEqual([1, 2, 3, 4, 'local']);
  expect(answers.ipfixFlow.map(({ collectorSetId }) => collectorSetId)).toEqual([9]);
});

describe('what was configured is what the answer says:', () => {
  test('flows, and those alone that a request selects', async () => {
    const cookies = async (extra: object) => (await ask('flow', flows(extra))).map(({ cookie }) => cookie).sort();
    expect(await cookies({})).toEqual([0n, 0x17n, 0x27n]);
    expect(await cookies({ cookie: 0x7n, cookieMask: 0xfn })).toEqual([0x17n, 0x27n]);
    expect(await cookies({ tableId: 2 })).toEqual([0x27n]);
    expect(await cookies({ outGroup: 5 })).toEqual([0x17n]);
    expect(await cookies({ outPort: 2 })).toEqual([0x27n]);
    expect(await cookies({ match: { inPort: 1 } })).toEqual([0x27n]);
    expect(await ask('aggregate', flows({ cookie: 0x7n, cookieMask: 0xfn }))).toMatchObject({ flowCount: 2 });
    expect((await ask('flow', flows({ tableId: 2 })))[0]).toMatchObject({
      tableId: 2,
      priority: 7,
      idleTimeout: 60,
      hardTimeout: 0,
      importance: 8,
      match: { inPort: 1, ethType: 0x0800, ipProto: 6, tcpDst: 80, ipv4Dst: { value: '10.0.0.0', mask: '255.0.0.0' } },
    });
  });

  test('counters of flows, tables, groups and meters after a packet', async () => {
    const packet = 'in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0806)';
    const before = await ask('aggregate', flows({ tableId: 1 }));
    expect(before.packetCount).toBe(0n);
    const [p1] = (await ask('portDesc', {})).filter(({ name }) => name === 'p1');
    await ovs.appctl('netdev-dummy/receive', 'p1', packet, '--len', '100');
    await ovs.appctl('revalidator/wait');
    expect(await ask('aggregate', flows({ tableId: 1 }))).toMatchObject({ packetCount: 1n, byteCount: 100n });
    expect((await ask('table', {}))[1]).toMatchObject({
      tableId: 1,
      activeCount: 1,
      lookupCount: 1n,
      matchedCount: 1n,
    });
    const [group] = await ask('group', { groupId: 5 });
    expect(group).toMatchObject({ groupId: 5, refCount: 1, packetCount: 1n, byteCount: 100n });
    expect(group!.bucketStats.map(({ packetCount }) => packetCount).sort()).toEqual([0n, 1n]);
    expect(await ask('meter', { meterId: 3 })).toMatchObject([
      { meterId: 3, flowCount: 1, packetInCount: 1n, byteInCount: 100n, bandStats: [{ packetBandCount: 0n }] },
    ]);
    expect(await ask('portStats', { portNo: p1!.portNo })).toMatchObject([
      { portNo: p1!.portNo, rxPackets: 1n, rxBytes: 100n, properties: [{ type: 'ethernet' }, {}, {}] },
    ]);
  });

  test('groups and meters', async () => {
    const action = (port: number) => [{ type: 'output', port, maxLen: 0 }];
    const bucket = { weight: 0, watchPort: 'any', watchGroup: 'any' };
    const groups = await ask('groupDesc', {});
    expect(groups.toSorted((a, b) => a.groupId - b.groupId)).toEqual([
      {
        groupType: 'select',
        groupId: 5,
        buckets: [
          { ...bucket, weight: 3, actions: action(2) },
          { ...bucket, weight: 4, actions: action(3) },
        ],
      },
      {
        groupType: 'fastFailover',
        groupId: 6,
        buckets: [
          { ...bucket, watchPort: 2, actions: action(2) },
          { ...bucket, watchGroup: 5, actions: [{ type: 'group', groupId: 5 }] },
        ],
      },
      { groupType: 'all', groupId: 7, buckets: [] },
    ]);
    const types = ['all', 'select', 'indirect', 'fastFailover'];
    expect(await ask('groupFeatures', {})).toMatchObject({ types, capabilities: expect.arrayContaining(['chaining']) });
    const configs = await ask('meterConfig', { meterId: 'all' });
    expect(configs.toSorted((a, b) => Number(a.meterId) - Number(b.meterId))).toEqual([
      { flags: ['kbps', 'burst', 'stats'], meterId: 3, bands: [{ type: 'drop', rate: 1000, burstSize: 77 }] },
      { flags: ['pktps'], meterId: 4, bands: [{ type: 'drop', rate: 9, burstSize: 9 }] },
    ]);
    expect(await ask('meterFeatures', {})).toMatchObject({ bandTypes: ['drop'], maxMeter: 262_144, maxBands: 8 });
  });

  test('tables, in as many parts as they need', async () => {
    const eviction = { type: 'eviction', flags: ['other', 'importance', 'lifetime'] };
    expect((await ask('tableDesc', {})).slice(2, 5)).toEqual([
      { tableId: 2, config: [], properties: [eviction] },
      {
        tableId: 3,
        config: ['eviction', 'vacancyEvents'],
        properties: [eviction, { type: 'vacancy', vacancyDown: 20, vacancyUp: 80, vacancy: 100 }],
      },
      { tableId: 4, config: [], properties: [eviction] },
    ]);
    const parts = await partsOf('tableFeatures', []);
    expect(parts.length).toBeGreaterThan(1);
    const tables = parts.flat();
    expect(tables.map(({ tableId }) => tableId)).toEqual(Array.from({ length: 254 }, (_, i) => i));
    const classify = tables[4]!;
    expect(classify).toMatchObject({ name: 'classify', metadataMatch: 2n ** 64n - 1n, maxEntries: 1000 });
    const property = <T extends string>(type: T) =>
      classify.properties.find((each) => each.type === type) as Extract<TableFeatureProperty, { type: T }>;
    expect(property('instructions').instructionIds.map(({ type }) => type)).toEqual([
      'gotoTable',
      'writeMetadata',
      'writeActions',
      'applyActions',
      'clearActions',
      'meter',
    ]);
    expect(property('nextTables').tableIds).toEqual(Array.from({ length: 249 }, (_, i) => i + 5));
    expect(property('applyActions').actionIds).toContainEqual({ type: 'setField' });
    const matched = property('match').oxmIds;
    expect(matched).toContainEqual({ field: 'ethType', hasMask: false });
    expect(matched).toContainEqual({ field: 'ipv4Src', hasMask: true });
    expect(matched).toContainEqual({ field: 'reg7', hasMask: true });
    expect(matched).toContainEqual({ field: 'tcpFlags', hasMask: true });
    expect(matched.length).toBeGreaterThan(150);
    // It takes no order of how its tables should be, but understands one.
    const [refused] = await channel.ask({
      type: 'multipartRequest',
      flags: [],
      kind: 'tableFeatures',
      request: [{ ...classify, name: 'other' }],
    });
    expect(read(refused!)).toMatchObject({ type: 'error', errorType: 'tableFeaturesFailed', code: 'eperm' });
  });
});

describe('a flow monitor', () => {
  type Request = MultipartRequestBody<'flowMonitor'>[number];
  const monitor = (extra: Partial<Request>): Request => ({
    monitorId: 1,
    outPort: 'any',
    outGroup: 'any',
    flags: ['add', 'removed', 'modify', 'instructions'],
    tableId: 10,
    command: 'add',
    match: {},
    ...extra,
  });
  const shown = { tableId: 10, idleTimeout: 0, hardTimeout: 0, reason: 0 };

  /** The updates that come next, unasked for. */
  async function updates() {
    const message = read(await channel.next((bytes) => xidOf(bytes) === 0)) as MessageOf<'multipartReply'>;
    if (message.kind !== 'flowMonitor') throw new Error(`not an update: ${message.kind}`);
    return message.reply;
  }

  const flow = (priority: number): MessageBody => ({
    type: 'flowMod',
    cookie: 0x51n,
    cookieMask: 0n,
    tableId: 10,
    command: 'add',
    idleTimeout: 0,
    hardTimeout: 0,
    priority,
    bufferId: 0xffffffff,
    outPort: 'any',
    outGroup: 'any',
    flags: [],
    importance: 0,
    match: { inPort: 3 },
    instructions: [],
  });

  test('tells of the flows that there are, and of every change by whom it is', async () => {
    await ovs.ofctl('add-flow', 'table=10,priority=5,cookie=0x50,ip,idle_timeout=70,hard_timeout=80,actions=output:2');
    const output = (port: number) => [{ type: 'applyActions', actions: [{ type: 'output', port, maxLen: 0 }] }];
    const first = {
      ...shown,
      idleTimeout: 70,
      hardTimeout: 80,
      priority: 5,
      cookie: 0x50n,
      match: { ethType: 0x0800 },
    };
    expect(
      await ask('flowMonitor', [monitor({ flags: ['initial', 'add', 'removed', 'modify', 'instructions'] })]),
    ).toEqual([{ type: 'initial', ...first, instructions: output(2) }]);
    const xid = channel.send(flow(6));
    expect(await updates()).toEqual([{ type: 'abbrev', xid }]);
    const second = { ...shown, priority: 7, cookie: 0x52n, match: { inPort: 4 } };
    await ovs.ofctl('add-flow', 'table=10,priority=7,cookie=0x52,in_port=4,actions=output:3');
    expect(await updates()).toEqual([{ type: 'added', ...second, instructions: output(3) }]);
    await ovs.ofctl('mod-flows', 'table=10,in_port=4,actions=output:4');
    expect(await updates()).toEqual([{ type: 'modified', ...second, instructions: output(4) }]);
    await ovs.ofctl('del-flows', 'table=10,in_port=4');
    expect(await updates()).toEqual([{ type: 'removed', ...second, reason: 'delete', instructions: output(4) }]);
    // ONLY_OWN is not what it says.
    const own: Request['flags'] = ['add', 'removed', 'onlyOwn'];
    expect(await ask('flowMonitor', [monitor({ command: 'modify', flags: own })])).toEqual([]);
    channel.send(flow(8));
    const third = { ...shown, priority: 8, cookie: 0x51n, match: { inPort: 3 } };
    expect(await updates()).toEqual([{ type: 'added', ...third, instructions: [] }]);
    await ovs.ofctl('del-flows', 'table=10,in_port=3');
    expect((await updates()).map(({ type }) => type)).toEqual(['removed', 'removed']);
    expect(await ask('flowMonitor', [monitor({ command: 'delete', flags: [] })])).toEqual([]);
    await ovs.ofctl('add-flow', 'table=10,priority=9,actions=drop');
    const after = channel.send({ type: 'barrierRequest' });
    expect(read(await channel.next(() => true))).toEqual({ type: 'barrierReply', xid: after });
  });

  test('is refused with an error of another version and xid', async () => {
    const request = [monitor({ flags: ['add', 'noAbbrev'] })];
    channel.send({ type: 'multipartRequest', flags: [], kind: 'flowMonitor', request });
    expect(read(await channel.next(() => true))).toMatchObject({ type: 'error', version: 1, xid: 0 });
  });

  test('pauses where nobody reads, and tells all after that', async () => {
    const many = Array.from(
      { length: 8000 },
      (_, i) => `table=10,priority=${i + 100},tcp,tp_dst=${i},actions=output:2`,
    );
    const file = join(dirname(ovs.socket), 'many.flows');
    await writeFile(file, `${many.join('\n')}\n`);
    expect(await ask('flowMonitor', [monitor({ monitorId: 2 })])).toEqual([]);
    channel.pause();
    await ovs.ofctl('add-flows', file);
    channel.resume();
    const seen = new Map<string, number>();
    const priorities = new Set<number>();
    while (!seen.has('resumed')) {
      for (const update of await updates()) {
        seen.set(update.type, (seen.get(update.type) ?? 0) + 1);
        if (update.type === 'added') priorities.add(update.priority);
      }
    }
    expect(Object.fromEntries(seen)).toEqual({ added: 8000, paused: 1, resumed: 1 });
    expect(priorities.size).toBe(8000);
  });
});

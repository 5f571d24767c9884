/** The WebSocket stream: snapshots, deltas, slow readers, bad input, and who may connect. */
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { FlowStatus, StreamMessage } from '../../src/api/snapshot.ts';
import { buffersInUse } from '../support/memory.ts';
import { SOON } from '../support/soon.ts';
import { connected, started } from './api-support.ts';
import { flow } from './sample-source.ts';

const both = JSON.stringify({ subscribe: ['status', 'flows'] });
const flowsOnly = JSON.stringify({ subscribe: ['flows'] });

/** What a reader knows after these messages. */
function replay(messages: StreamMessage[]): Map<string, FlowStatus> {
  const known = new Map<string, FlowStatus>();
  for (const message of messages) {
    if (message.topic !== 'flows') continue;
    if (message.type === 'snapshot') known.clear();
    for (const one of message.type === 'snapshot' ? message.data : message.upsert) known.set(one.id, one);
    for (const id of message.type === 'delta' ? message.remove : []) known.delete(id);
  }
  return known;
}

/** The answer to a WebSocket that is not let in. */
function refusal(address: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${address}${path}`, { headers });
    socket.on('unexpected-response', (_request, answer) => {
      resolve(answer.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('open', () => reject(new Error('it was let in')));
    socket.on('error', () => undefined);
  });
}

test('a subscriber gets one snapshot per topic, then only what changed', async () => {
  const { api, source } = await started();
  const client = await connected(api.address);
  client.socket.send(both);
  expect(await client.next()).toEqual({ topic: 'status', type: 'snapshot', data: source.snapshot });
  expect(await client.next()).toEqual({ topic: 'flows', type: 'snapshot', data: source.flowList });
  expect(source.watchers).toBe(1);

  const moved = { ...source.flowList[6]!, packets: 18, bytes: 1_764 };
  const added = flow({ match: 'icmp', priority: 60 });
  const removed = source.flowList[4]!.id;
  source.flowList = [...source.flowList.slice(0, 4), source.flowList[5]!, moved, added];
  source.changed();
  expect(await client.next()).toEqual({ topic: 'flows', type: 'delta', upsert: [moved, added], remove: [removed] });

  source.snapshot.switches[0]!.state = 'down';
  source.changed();
  expect(await client.next()).toEqual({ topic: 'status', type: 'snapshot', data: source.snapshot });
});

test('rules, events and what apps publish are lists of their own, each with its changes', async () => {
  const { api, source } = await started();
  const client = await connected(api.address);
  client.socket.send(JSON.stringify({ subscribe: ['rules', 'events', 'leases'] }));
  expect(await client.next()).toEqual({ topic: 'rules', type: 'snapshot', data: source.ruleList });
  expect(await client.next()).toEqual({ topic: 'events', type: 'snapshot', data: source.eventList });
  expect(await client.next()).toEqual({ topic: 'leases', type: 'snapshot', data: source.publishedRows.leases });
  expect(source.watchedFor).toEqual(['events,leases,rules']);

  source.ruleList[0]!.packets += 1;
  source.eventList = [...source.eventList.slice(1), { ...source.eventList[2]!, id: 4 }];
  source.changed();
  const [rule] = source.ruleList;
  expect(await client.next()).toEqual({ topic: 'rules', type: 'delta', upsert: [rule], remove: [] });
  const added = source.eventList.slice(-1);
  expect(await client.next()).toEqual({ topic: 'events', type: 'delta', upsert: added, remove: [1] });
});

test('age alone is no change; a flow installed anew is', async () => {
  const { api, source } = await started();
  const client = await connected(api.address);
  client.socket.send(flowsOnly);
  await client.next();
  source.flowList = source.flowList.map((one) => ({ ...one, duration: one.duration + 1 }));
  source.changed();
  source.flowList = source.flowList.map((one, index) => (index === 1 ? { ...one, duration: 0 } : one));
  source.changed();
  expect(await client.next()).toEqual({ topic: 'flows', type: 'delta', upsert: [source.flowList[1]], remove: [] });
});

test('the source knows which topics are watched, and has one watcher for all readers', async () => {
  const { api, source } = await started();
  const one = await connected(api.address);
  one.socket.send(flowsOnly);
  await one.next();
  const two = await connected(api.address);
  two.socket.send(both);
  await two.next();
  await two.next();
  expect(source.watchers).toBe(1);
  source.flowList = source.flowList.slice(1);
  source.changed();
  expect(await one.next()).toMatchObject({ topic: 'flows', type: 'delta' });
  two.socket.close();
  await vi.waitFor(() => expect(source.watchedFor).toEqual(['flows', 'flows,status', 'flows']), SOON);
  one.socket.close();
  await vi.waitFor(() => expect(source.watchers).toBe(0), SOON);
});

test('the source is watched only while somebody subscribes', async () => {
  const { api, source } = await started();
  const one = await connected(api.address);
  expect(source.watchers).toBe(0);
  one.socket.send(both);
  await one.next();
  const two = await connected(api.address);
  two.socket.send(flowsOnly);
  await two.next();
  expect(source.watchers).toBe(1);
  two.socket.close();
  one.socket.send(JSON.stringify({ subscribe: [] }));
  await vi.waitUntil(() => source.watchers === 0, SOON);
  one.socket.send(flowsOnly);
  await one.next();
  expect(await one.next()).toMatchObject({ topic: 'flows', type: 'snapshot' });
  expect(source.watchers).toBe(1);
});

test('bad messages end the connection with the reason', async () => {
  const { api } = await started();
  const cases: [string | Buffer, number, RegExp][] = [
    ['{"subscribe": [', 1007, /not JSON/],
    ['{"subscribe": ["everything"]}', 1008, /topics of status, flows, rules, events/],
    ['{"subscribe": "flows"}', 1008, /subscribe/],
    ['{"subscribe": [], "also": 1}', 1008, /subscribe/],
    ['null', 1008, /subscribe/],
    [Buffer.from([1, 2, 3]), 1003, /send text/],
    [`{"subscribe": ["${'x'.repeat(5_000)}"]}`, 1009, /^/],
  ];
  for (const [message, code, reason] of cases) {
    const client = await connected(api.address);
    client.socket.send(message);
    const closed = await client.closed;
    expect(closed.code, String(message).slice(0, 40)).toBe(code);
    expect(closed.reason).toMatch(reason);
  }
  const flooding = await connected(api.address);
  for (let count = 0; count < 100; count += 1) flooding.socket.send('{"subscribe": []}');
  expect(await flooding.closed).toMatchObject({ code: 1008, reason: expect.stringContaining('too many') });
});

test('who may not connect is told so: token, other sites, other hosts, other paths', async () => {
  const { api } = await started({ token: 'correct horse' });
  const path = '/api/v1/stream';
  expect(await refusal(api.address, path)).toBe(401);
  expect(await refusal(api.address, `${path}?token=wrong`)).toBe(401);
  const right = `${path}?token=correct%20horse`;
  expect(await refusal(api.address, right, { origin: 'http://evil.example' })).toBe(403);
  expect(await refusal(api.address, right, { origin: 'null' })).toBe(403);
  expect(await refusal(api.address, right, { host: 'evil.example' })).toBe(403);
  expect(await refusal(api.address, '/other?token=correct%20horse')).toBe(404);
  expect(await refusal(api.address, '//?token=correct%20horse')).toBe(404);
  const client = await connected(api.address, right);
  client.socket.send(flowsOnly);
  expect(await client.next()).toMatchObject({ type: 'snapshot' });
  const own = new WebSocket(`ws://${api.address}${right}`, { origin: `http://${api.address}` });
  onTestFinished(() => own.terminate());
  await new Promise((resolve) => own.once('open', resolve));
});

test('a reader too many is sent away', async () => {
  const { api } = await started({ stream: { maxReaders: 1 } });
  await connected(api.address);
  expect(await (await connected(api.address)).closed).toMatchObject({ code: 1013 });
});

test('a reader that answers no ping is dropped, one that does stays', async () => {
  const { api } = await started({ stream: { pingInterval: 40 } });
  const alive = await connected(api.address);
  const dead = await rawReader(api.address);
  await new Promise((resolve) => dead.once('close', resolve));
  expect(alive.socket.readyState).toBe(WebSocket.OPEN);
});

test('a slow reader costs a bounded buffer, and when it reads again it has the latest state', async () => {
  const { api, source } = await started({ stream: { highWater: 50_000 } });
  const text = 'x'.repeat(500);
  const many = (round: number) =>
    Array.from({ length: 200 }, (_, index) => flow({ match: `reg2=${index}`, actions: text, packets: round }));
  source.flowList = many(0);
  const slow = await connected(api.address);
  slow.socket.send(flowsOnly);
  await slow.next();
  slow.socket.pause();

  // Each round is some 150 kB; unread, 400 of them would be 60 MB.
  const fast = await connected(api.address);
  fast.socket.send(flowsOnly);
  await fast.next();
  const before = buffersInUse();
  for (let round = 1; round <= 400; round += 1) {
    source.flowList = many(round).slice(0, 200 - (round % 100));
    source.changed();
    if (round % 50 === 0)
      await vi.waitUntil(() => replay(fast.messages).get(source.flowList[0]!.id)?.packets === round, SOON);
  }
  expect(buffersInUse() - before).toBeLessThan(10_000_000);

  slow.socket.resume();
  const expected = new Map(source.flowList.map((one) => [one.id, one]));
  await vi.waitUntil(() => replay(slow.messages).get(source.flowList[0]!.id)?.packets === 400, SOON);
  expect(replay(slow.messages)).toEqual(expected);
  expect(slow.messages.length).toBeLessThan(200);
});

test('closing tells the readers', async () => {
  const { api, source } = await started();
  const client = await connected(api.address);
  client.socket.send(both);
  await client.next();
  await api.close();
  expect(await client.closed).toEqual({ code: 1001, reason: 'Flowloom is stopping' });
  expect(source.watchers).toBe(0);
});

test('a source that throws leaves its readers with the last state', async () => {
  const { api, source } = await started();
  const client = await connected(api.address);
  client.socket.send(flowsOnly);
  await client.next();
  const good = source.flows;
  source.flows = () => {
    throw new Error('no');
  };
  // The API was given the object itself, so it meets the replacement.
  source.changed();
  source.flows = good;
  source.flowList = source.flowList.slice(1);
  source.changed();
  expect(await client.next()).toMatchObject({ type: 'delta', remove: [expect.any(String)] });
});

/** A WebSocket by hand that never answers anything. */
async function rawReader(address: string): Promise<Socket> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  onTestFinished(() => void socket.destroy());
  socket.write(
    `GET /api/v1/stream HTTP/1.1\r\nHost: ${address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

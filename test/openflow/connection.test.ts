/** One connection over an in-memory pair: replies find their requests, errors theirs, and its end ends all. */

import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import type { Message, MessageBody } from '../../proto/openflow/message.ts';
import { EncodeError } from '../../proto/wire/encode-error.ts';
import { type ConnectionLimits, createConnection } from '../../src/openflow/connection.ts';
import { ConnectionClosed, OpenFlowError, RequestFailed } from '../../src/openflow/openflow-error.ts';
import { labMessages } from '../oracle/lab-messages.ts';
import { createPeer } from './peer.ts';

afterEach(() => {
  vi.useRealTimers();
});

function connect(probeSeconds?: number, limits: Partial<ConnectionLimits> = {}) {
  const peer = createPeer();
  const seen = { messages: [] as Message[], errors: [] as OpenFlowError[], closes: [] as string[] };
  const connection = createConnection(
    peer.ours,
    'peer',
    {
      message: (message) => seen.messages.push(message),
      error: (error) => seen.errors.push(error),
      close: (reason) => seen.closes.push(reason),
    },
    { limits, ...(probeSeconds === undefined ? {} : { probeSeconds }) },
  );
  return { peer, connection, seen };
}

const BAD_PORT = { type: 'error', errorType: 'badAction', code: 'badOutPort', data: new Uint8Array(0) } as const;

test('each reply goes to the request with its xid, whatever their order', async () => {
  const { peer, connection, seen } = connect();
  const first = connection.request({ type: 'barrierRequest' });
  const second = connection.request({ type: 'getConfigRequest' });
  const { xid: one } = await peer.next('barrierRequest');
  const { xid: two } = await peer.next('getConfigRequest');
  peer.send({ type: 'getConfigReply', flags: 'normal', missSendLen: 128, xid: two });
  peer.send({ type: 'barrierReply', xid: one });
  expect(await second).toMatchObject({ type: 'getConfigReply', missSendLen: 128 });
  expect(await first).toMatchObject({ type: 'barrierReply', xid: one });
  expect(seen.messages).toEqual([]);
});

test('an echo request is answered with its data and its xid', async () => {
  const { peer, seen } = connect();
  peer.send({ type: 'echoRequest', data: Uint8Array.of(1, 2, 3), xid: 77 });
  const reply = await peer.next('echoReply');
  expect(reply.xid).toBe(77);
  expect([...reply.data]).toEqual([1, 2, 3]);
  expect(seen.messages).toEqual([]);
});

test('an error rejects the request with its xid; any other goes to the owner', async () => {
  const { peer, connection, seen } = connect();
  const request = connection.request({ type: 'barrierRequest' });
  const { xid } = await peer.next('barrierRequest');
  peer.send({ ...BAD_PORT, xid: 4711 });
  peer.send({ ...BAD_PORT, xid });
  const error = await request.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OpenFlowError);
  expect(error).toMatchObject({ reason: 'BAD_ACTION/BAD_OUT_PORT', xid });
  expect(seen.errors.map((each) => each.xid)).toEqual([4711]);
});

test('an error of another version is one: so Open vSwitch refuses what it does not know', async () => {
  const { peer, connection, seen } = connect();
  const request = connection.request({ type: 'barrierRequest' });
  const { xid } = await peer.next('barrierRequest');
  peer.send({ ...BAD_PORT, version: 1, xid });
  await expect(request).rejects.toThrow(OpenFlowError);
  expect(seen.closes).toEqual([]);
});

test("a packet-in whose xid equals a request's is not its answer", async () => {
  const { peer, connection, seen } = connect();
  const request = connection.request({ type: 'barrierRequest' });
  const { xid } = await peer.next('barrierRequest');
  const packetIn = { type: 'packetIn', bufferId: 0xffffffff, totalLen: 0, reason: 'applyAction', tableId: 0 } as const;
  peer.send({ ...packetIn, cookie: 0n, match: { inPort: 1 }, data: new Uint8Array(14), xid });
  peer.send({ type: 'barrierReply', xid });
  expect(await request).toMatchObject({ type: 'barrierReply' });
  expect(seen.messages.map(({ type }) => type)).toEqual(['packetIn']);
});

test('the parts of a multipart reply are joined', async () => {
  const { peer, connection } = connect();
  const answer = connection.multipart('groupDesc', {});
  const { xid } = await peer.next('multipartRequest');
  const part = (groupId: number, flags: 'more'[]): Message =>
    ({
      type: 'multipartReply',
      flags,
      kind: 'groupDesc',
      reply: [{ groupType: 'all', groupId, buckets: [] }],
      xid,
    }) as Message;
  peer.send(part(1, ['more']));
  peer.send(part(2, ['more']));
  peer.send(part(3, []));
  expect((await answer).map(({ groupId }) => groupId)).toEqual([1, 2, 3]);
});

test('an answer of another kind than was asked fails its request alone', async () => {
  const { peer, connection, seen } = connect();
  const answer = connection.multipart('portDesc', {});
  const { xid } = await peer.next('multipartRequest');
  peer.send({ type: 'multipartReply', flags: [], kind: 'groupDesc', reply: [], xid });
  await expect(answer).rejects.toThrow(new RequestFailed('the switch answered a request of portDesc with groupDesc'));
  const other = connection.multipart('portDesc', {});
  peer.send({ type: 'barrierReply', xid: (await peer.next('multipartRequest')).xid });
  await expect(other).rejects.toThrow('a request of portDesc with barrierReply');
  expect(seen.closes).toEqual([]);
});

test('a reply that never ends is given up when it has too many bytes, empty parts too', async () => {
  const { peer, connection, seen } = connect(undefined, { replyBytes: 4096 });
  for (const parts of [1, 100]) {
    const buckets = Array.from({ length: 3000 / parts }, () => ({
      weight: 0,
      watchPort: 0,
      watchGroup: 0,
      actions: [],
    }));
    const group = { groupType: 'all' as const, groupId: 1, buckets };
    const part = {
      type: 'multipartReply',
      flags: ['more'],
      kind: 'groupDesc',
      reply: parts === 1 ? [group] : [],
    } as const;
    const answer = connection.multipart('groupDesc', {});
    const { xid } = await peer.next('multipartRequest');
    for (let i = 0; i < parts; i++) peer.send({ ...part, flags: ['more'], xid } as Message);
    await expect(answer).rejects.toThrow(new RequestFailed("the switch's reply of groupDesc has more than 4 KiB"));
  }
  const barrier = connection.barrier();
  peer.send({ type: 'barrierReply', xid: (await peer.next('barrierRequest')).xid });
  await barrier;
  expect(seen.closes).toEqual([]);
});

test('a reply of 100,000 flows passes', async () => {
  const { peer, connection } = connect();
  const answer = connection.multipart('flow', {
    tableId: 'all',
    outPort: 'any',
    outGroup: 'any',
    cookie: 0n,
    cookieMask: 0n,
    match: {},
  });
  const { xid } = await peer.next('multipartRequest');
  const flow = Buffer.alloc(56);
  flow.writeUInt16BE(56);
  flow.set([0, 1, 0, 4, 0, 0, 0, 0], 48);
  const flows = Buffer.alloc(1000 * 56, flow);
  for (let i = 0; i < 100; i++) {
    const head = Buffer.from([5, 19, 0, 0, 0, 0, 0, 0, 0, 1, 0, i < 99 ? 1 : 0, 0, 0, 0, 0]);
    head.writeUInt16BE(head.length + flows.length, 2);
    head.writeUInt32BE(xid, 4);
    peer.sendBytes(Buffer.concat([head, flows]));
  }
  expect(await answer).toHaveLength(100_000);
});

test('more requests than are allowed to wait are refused, and those that wait go on', async () => {
  const { peer, connection } = connect(undefined, { requests: 2 });
  const waiting = [connection.barrier(), connection.barrier()];
  await expect(connection.barrier()).rejects.toThrow(RequestFailed);
  await expect(connection.multipart('desc', {})).rejects.toThrow('2 requests wait');
  for (const _ of waiting) peer.send({ type: 'barrierReply', xid: (await peer.next('barrierRequest')).xid });
  await Promise.all(waiting);
  const again = connection.barrier();
  peer.send({ type: 'barrierReply', xid: (await peer.next('barrierRequest')).xid });
  await again;
});

test('a request that cannot be encoded fails and does not wait', async () => {
  const { connection } = connect(undefined, { requests: 1 });
  const wrong = { type: 'roleRequest', role: 'king', generationId: 0n } as unknown as MessageBody;
  for (let i = 0; i < 3; i++) await expect(connection.request(wrong)).rejects.toThrow(EncodeError);
});

test('a switch that does not read is left before what waits for it has no bound', async () => {
  const [ours, theirs] = duplexPair();
  theirs.pause();
  const closes: string[] = [];
  const ignore = () => undefined;
  const events = { message: ignore, error: ignore, close: (reason: string) => closes.push(reason) };
  const connection = createConnection(ours, 'peer', events, { limits: { unsentBytes: 1 << 20 } });
  const packetOut: MessageBody = {
    type: 'packetOut',
    bufferId: 0xffffffff,
    inPort: 'any',
    actions: [],
    data: new Uint8Array(60_000),
  };
  const waiting = connection.barrier();
  for (let i = 0; i < 100; i++) {
    connection.send(packetOut);
    // Its end is not told within a call of send.
    expect(closes).toEqual([]);
  }
  await expect(waiting).rejects.toThrow(ConnectionClosed);
  expect(closes).toEqual([expect.stringMatching(/^the switch does not read: 1\d{6} bytes wait to be sent$/)]);
  expect(ours.destroyed).toBe(true);
});

test('messages of one turn leave in one write, one that cannot be encoded among them takes none with it', async () => {
  const peer = createPeer();
  const writes: number[] = [];
  const write = peer.ours.write.bind(peer.ours) as (chunk: Uint8Array) => boolean;
  peer.ours.write = ((chunk: Uint8Array) => {
    writes.push(chunk.length);
    return write(chunk);
  }) as typeof peer.ours.write;
  const ignore = () => undefined;
  const connection = createConnection(peer.ours, 'peer', { message: ignore, error: ignore, close: ignore });
  connection.send({ type: 'barrierRequest' });
  expect(() => connection.send({ type: 'echoRequest', data: 7 as never })).toThrow('is not bytes');
  connection.send({ type: 'echoRequest', data: new Uint8Array(5000) });
  await peer.next('barrierRequest');
  expect((await peer.next('echoRequest')).data.length).toBe(5000);
  expect(writes).toEqual([8 + 8 + 5000]);
  connection.close('done');
});

test('its end rejects what waits, tells why once, and refuses what comes later', async () => {
  const { peer, connection, seen } = connect();
  const waiting = [connection.request({ type: 'barrierRequest' }), connection.multipart('desc', {})];
  connection.close('enough');
  connection.close('again');
  for (const each of waiting) await expect(each).rejects.toThrow(ConnectionClosed);
  await expect(connection.barrier()).rejects.toThrow('it is closed');
  connection.send({ type: 'barrierRequest' });
  await peer.closed;
  expect(seen.closes).toEqual(['enough']);
});

test.for([
  ['no OpenFlow at all', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /^garbage: version byte 71/],
  ['a message that is cut short inside', Buffer.from('050a000c0000000100000000', 'hex'), /^garbage: packetIn.*byte/],
] as const)('%s: closed with one reason', async ([, bytes, reason]) => {
  const { peer, connection, seen } = connect();
  const waiting = connection.barrier();
  peer.sendBytes(bytes);
  await expect(waiting).rejects.toThrow(ConnectionClosed);
  await peer.closed;
  expect(seen.closes).toEqual([expect.stringMatching(reason)]);
});

test('silence: an echo request, then the end; an answer keeps it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  const { peer, seen } = connect(3);
  vi.advanceTimersByTime(4000);
  const { xid } = await peer.next('echoRequest');
  peer.send({ type: 'echoReply', data: new Uint8Array(0), xid });
  peer.send({ type: 'echoRequest', data: new Uint8Array(0), xid: 9 });
  await peer.next('echoReply');
  vi.advanceTimersByTime(4000);
  await peer.next('echoRequest');
  expect(seen.closes).toEqual([]);
  vi.advanceTimersByTime(4000);
  expect(seen.closes).toEqual(['silent for 6 s, no answer to an echo request']);
});

test('messages of the labs with bytes changed: never more than one end, and what goes on still works', async () => {
  const corpus = labMessages().filter((bytes) => bytes.length < 400);
  const byte = fc.integer({ min: 0, max: 255 });
  const changes = fc.array(fc.tuple(fc.nat(), byte), { minLength: 1, maxLength: 4 });
  const changed = (first: number) =>
    fc.tuple(fc.constantFrom(...corpus), changes).map(([bytes, each]) => {
      const copy = Buffer.from(bytes);
      for (const [at, value] of each) if (copy.length > first) copy[first + (at % (copy.length - first))] = value;
      return copy;
    });
  // Where only bytes behind the header change, the stream stays in step.
  const streams = fc
    .constantFrom(0, 8)
    .chain((first) => fc.tuple(fc.constant(first), fc.array(changed(first), { minLength: 1, maxLength: 6 })));
  await fc.assert(
    fc.asyncProperty(streams, fc.boolean(), async ([first, messages], goOn) => {
      const peer = createPeer();
      const closes: string[] = [];
      const connection = createConnection(peer.ours, 'peer', {
        message: () => undefined,
        error: () => undefined,
        unreadable: () => goOn,
        close: (reason) => closes.push(reason),
      });
      // An error with its xid may be among them.
      const waiting = connection.barrier().catch(() => undefined);
      peer.send({ type: 'hello', elements: [], xid: 0 });
      for (const message of messages) peer.sendBytes(message);
      const { xid } = await peer.next('barrierRequest');
      peer.send({ type: 'barrierReply', xid });
      if (first > 0) await waiting;
      else await new Promise(setImmediate);
      if (first > 0 && goOn) expect(closes).toEqual([]);
      connection.close('the test ends');
      expect(closes).toHaveLength(1);
    }),
    { numRuns: 400, seed: 20260131 },
  );
});

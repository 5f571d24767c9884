/** What a switch is told when it sends no OpenFlow 1.4: seen on a real socket, and read by Open vSwitch. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { decodeMessage, encodeMessage, type Message } from '../../proto/openflow/message.ts';
import type { Datapath, DatapathEvents } from '../../src/openflow/datapath.ts';
import { createFramer } from '../../src/openflow/framer.ts';
import { handshake } from '../../src/openflow/handshake.ts';
import { ofpPrint } from '../oracle/ofctl.ts';
import { SOON } from '../support/soon.ts';
import { introduce } from './introduce.ts';
import type { Peer } from './peer.ts';

let server: Server;
let log: string[];
let known: Datapath[];
let client: Socket;

beforeEach(async () => {
  log = [];
  known = [];
  const events: DatapathEvents = {
    packetIn: () => log.push('packetIn'),
    portChanged: () => undefined,
    flowRemoved: () => undefined,
    error: (_, error) => log.push(error.reason),
    unreadable: (_, reason) => log.push(reason),
    close: (_, reason) => log.push(`closed: ${reason}`),
  };
  server = createServer((socket) => {
    handshake(socket, 'peer', events).then(
      (datapath) => known.push(datapath),
      (error: Error) => log.push(error.message),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  client = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  client.on('error', (error) => log.push(`the client: ${error.message}`));
  await once(client, 'connect');
});

afterEach(() => {
  client.destroy();
  for (const { connection } of known) connection.close('the test ends');
  server.close();
});

/** Everything that we send it, until we close. */
async function heard(): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  const framer = createFramer({ frame: (bytes) => frames.push(bytes), broken: ({ reason }) => expect.fail(reason) });
  client.on('data', (chunk: Uint8Array) => framer.push(chunk));
  await once(client, 'close');
  return frames;
}

/** The client's end as a Peer. */
function peerOf(socket: Socket): Pick<Peer, 'next' | 'send'> & { all: readonly Message[] } {
  const all: Message[] = [];
  let seen = 0;
  const framer = createFramer({
    frame: (bytes) => all.push(decodeMessage(bytes)),
    broken: ({ reason }) => expect.fail(reason),
  });
  socket.on('data', (chunk: Uint8Array) => framer.push(chunk));
  return {
    all,
    send: (message) => void socket.write(encodeMessage(message)),
    next: (type) =>
      vi.waitFor(() => {
        for (;;) {
          const message = all[seen];
          if (message === undefined) throw new Error(`no ${type} came`);
          seen++;
          if (message.type === type) return message as never;
        }
      }, SOON),
  };
}

const HELLO = '0500000800000001';

test.for([
  ['HTTP', '474554202f20485454502f312e310d0a0d0a', 'HELLO_FAILED/INCOMPATIBLE', 'version byte 71', 0x2f204854],
  ['a length of 4 at once', '0500000400000001', 'HELLO_FAILED/INCOMPATIBLE', '4 bytes is shorter', 1],
  ['no hello first', '0514000800000009', 'HELLO_FAILED/INCOMPATIBLE', 'the first message is no hello', 9],
  ['a packet-in of 1.3 at once', '040a0008000000ff', 'HELLO_FAILED/INCOMPATIBLE', 'version byte 4', 255],
  ['a hello that is broken', '0500000a0000000100', 'HELLO_FAILED/INCOMPATIBLE', 'hello', 1],
  ['a length of 7', `${HELLO}0515000700000002`, 'BAD_REQUEST/BAD_LEN', '7 bytes is shorter', 2],
  ['another version after the hello', `${HELLO}040600200000000300`, 'BAD_REQUEST/BAD_VERSION', 'version byte 4', 3],
  ['a type of 1.5', `${HELLO}0523000800000004`, 'BAD_REQUEST/BAD_TYPE', 'message type 35', 4],
  ['features that are cut short', `${HELLO}0506000c0000000500000000`, 'BAD_REQUEST/BAD_LEN', 'featuresReply', 5],
] as const)('%s: the error, then the end', async ([, sent, name, reason, xid]) => {
  const bytes = Buffer.from(sent, 'hex');
  // One byte more where the hello's length says so.
  const all = heard();
  client.write(sent.startsWith('0500000a') ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes);
  const frames = await all;
  const last = frames.at(-1)!;
  expect(decodeMessage(frames[0]!)).toMatchObject({ type: 'hello' });
  const error = decodeMessage(last);
  expect(error).toMatchObject({ type: 'error', xid });
  const printed = await ofpPrint(last);
  const [type, code] = name.split('/') as [string, string];
  // Below it Open vSwitch shows the offender, as far as it can read it.
  const said = type === 'HELLO_FAILED' ? `OFPHFC_${code}` : `OFPBRC_${code}`;
  expect(printed.split('\n')[0]).toBe(`OFPT_ERROR (OF1.4) (xid=0x${xid.toString(16)}): ${said}`);
  if (type === 'HELLO_FAILED') expect(printed).toContain(reason);
  const { data } = error as Extract<Message, { type: 'error' }>;
  if (type === 'HELLO_FAILED') expect(Buffer.from(data).toString()).toContain(reason);
  else expect(bytes.subarray(8).equals(data)).toBe(true);
  expect(log).toEqual([expect.stringMatching(/^garbage: /)]);
  expect(log[0]).toContain(reason);
});

test('of a long offender the error shows the first 64 bytes, also to one that goes on sending', async () => {
  const long = Buffer.alloc(60_000, 0xab);
  long.set([4, 10, 0xea, 0x60, 0, 0, 0, 9]);
  const all = heard();
  client.write(Buffer.concat([Buffer.from(HELLO, 'hex'), long]));
  const more = setInterval(() => client.write(long), 1);
  const error = decodeMessage((await all).at(-1)!);
  clearInterval(more);
  expect(error).toMatchObject({ type: 'error', code: 'badVersion', xid: 9 });
  expect(long.subarray(0, 64).equals((error as Extract<Message, { type: 'error' }>).data)).toBe(true);
  expect(log.filter((line) => !line.startsWith('the client'))).toEqual([expect.stringContaining('version byte 4')]);
});

test('once a switch is known, a message that cannot be read is told to it and to us, and lost alone', async () => {
  const peer = peerOf(client);
  peer.send({ type: 'hello', elements: [], xid: 1 });
  await introduce(peer);
  const datapath = await vi.waitFor(() => known[0] ?? Promise.reject(new Error('it is not known yet')), SOON);
  const broken = Buffer.from('050a000c0000000700000000', 'hex');
  for (let i = 0; i < 5; i++) client.write(broken);
  for (let i = 0; i < 5; i++) {
    const error = await peer.next('error');
    expect(error).toMatchObject({ errorType: 'badRequest', code: 'badLen', xid: 7 });
    expect(broken.equals(error.data)).toBe(true);
  }
  const barrier = datapath.connection.barrier();
  peer.send({ type: 'barrierReply', xid: (await peer.next('barrierRequest')).xid });
  await barrier;
  const said = "a message can't be read: packetIn.totalLen: needs 2 bytes, 0 are left (at byte 12)";
  expect(log).toEqual([said, `${said}, 2 such messages so far`, `${said}, 4 such messages so far`]);

  // An answer: its request fails, the next one does not.
  const wrong = datapath.connection.multipart('portDesc', {});
  const { xid } = await peer.next('multipartRequest');
  const reply = Buffer.from('05130014000000000000000d0000000000000000', 'hex');
  reply.writeUInt16BE(13, 8);
  reply.writeUInt16BE(0, 10);
  reply.writeUInt32BE(xid, 4);
  client.write(reply);
  await expect(wrong).rejects.toThrow(/^the answer can't be read: multipartReply/);
  expect(await peer.next('error')).toMatchObject({ code: 'badLen', xid });

  // An error of its own that is broken is not answered.
  client.write(Buffer.from('0501000900000007ff', 'hex'));
  const again = datapath.connection.barrier();
  peer.send({ type: 'barrierReply', xid: (await peer.next('barrierRequest')).xid });
  await again;
  expect(peer.all.filter(({ type }) => type === 'error')).toHaveLength(6);
});

test('a flood of packets before it is known costs little; of anything else, the connection', async () => {
  const packetIn: Message = {
    type: 'packetIn',
    bufferId: 0xffffffff,
    totalLen: 0,
    reason: 'applyAction',
    tableId: 0,
    cookie: 0n,
    match: {},
    data: new Uint8Array(0),
    xid: 0,
  };
  const peer = peerOf(client);
  peer.send({ type: 'hello', elements: [], xid: 1 });
  client.write(Buffer.concat(Array.from({ length: 5000 }, () => encodeMessage(packetIn))));
  await introduce(peer);
  await vi.waitFor(() => expect(known).toHaveLength(1), SOON);
  expect(log.length).toBe(256);

  const second = connect((server.address() as { port: number }).port, '127.0.0.1');
  second.resume();
  second.write(encodeMessage({ type: 'hello', elements: [], xid: 1 }));
  const change = encodeMessage({ type: 'barrierReply', xid: 0xffff });
  second.write(Buffer.concat(Array.from({ length: 4097 }, () => change)));
  await once(second, 'close');
  expect(log.at(-1)).toBe('more than 4096 messages before it said who it is');
});

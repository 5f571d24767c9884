/** A multipart reply taken part by part: undecoded, in order, refused where it is not what was asked. */

import { expect, test } from 'vitest';
import { scanFlowStats } from '../../proto/openflow/flow-stats-scan.ts';
import type { Message } from '../../proto/openflow/message.ts';
import { createConnection } from '../../src/openflow/connection.ts';
import { OpenFlowError, RequestFailed } from '../../src/openflow/openflow-error.ts';
import { createPeer } from './peer.ts';

const ALL = { tableId: 'all', outPort: 'any', outGroup: 'any', cookie: 0n, cookieMask: 0n, match: {} } as const;

function connect() {
  const peer = createPeer();
  const messages: Message[] = [];
  const events = { message: (each: Message) => messages.push(each), error: () => undefined, close: () => undefined };
  return { peer, messages, connection: createConnection(peer.ours, 'peer', events) };
}

const flow = (tableId: number) => ({
  ...{ tableId, durationSec: 1, durationNsec: 0, priority: 9, idleTimeout: 0, hardTimeout: 0, flags: [] },
  ...{ importance: 0, cookie: 1n, packetCount: 2n, byteCount: 3n, match: {}, instructions: [] },
});

const part = (xid: number, more: boolean, tables: number[], kind = 'flow') =>
  ({
    ...{ type: 'multipartReply', flags: more ? ['more'] : [], kind },
    ...{ reply: kind === 'flow' ? tables.map(flow) : [], xid },
  }) as unknown as Message;

test('each part is handed on as it comes; the last resolves', async () => {
  const { peer, connection, messages } = connect();
  const taken: number[][] = [];
  const reading = connection.parts('flow', ALL, (body) => {
    const tables: number[] = [];
    scanFlowStats(body, ({ tableId }) => tables.push(tableId));
    taken.push(tables);
  });
  const { xid } = await peer.next('multipartRequest');
  const barrier = connection.barrier();
  peer.send(part(xid, true, [1, 2]));
  peer.send(part(xid, true, []));
  peer.send({ type: 'barrierReply', xid: (await peer.next('barrierRequest')).xid });
  await barrier;
  expect(taken).toEqual([[1, 2], []]);
  peer.send(part(xid, false, [3]));
  await reading;
  expect(taken).toEqual([[1, 2], [], [3]]);
  expect(messages).toEqual([]);
});

test('another kind, an entry that is cut off, an error: the request fails and the connection goes on', async () => {
  const { peer, connection } = connect();
  const read = () => connection.parts('flow', ALL, (body) => scanFlowStats(body, () => undefined));
  const wrong = read();
  peer.send(part((await peer.next('multipartRequest')).xid, false, [], 'portStats'));
  await expect(wrong).rejects.toThrow(new RequestFailed('the switch answered a request of flow with multipart 4'));

  const cut = read();
  const { xid } = await peer.next('multipartRequest');
  const bytes = new Uint8Array(16 + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0513_0018);
  view.setUint32(4, xid);
  view.setUint16(8, 1);
  peer.sendBytes(bytes);
  await expect(cut).rejects.toThrow("the answer can't be read: flow: an entry is cut off");

  const refused = read();
  const data = new Uint8Array(0);
  const error = { type: 'error', errorType: 'badRequest', code: 'badMultipart', data } as const;
  peer.send({ ...error, xid: (await peer.next('multipartRequest')).xid });
  await expect(refused).rejects.toThrow(OpenFlowError);

  const last = read();
  connection.close('the test ends');
  await expect(last).rejects.toThrow('the test ends');
});

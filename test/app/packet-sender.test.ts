/** Packet-outs put together in place are what the codec writes; a switch that is behind gets none. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { createPacketSender } from '../../src/app/packet-sender.ts';
import { normal, output, popVlan, punt, resubmit, set } from '../../src/flow/actions.ts';
import { compileActions, type Scope } from '../../src/flow/weave/compile.ts';

let table = 130;
const scope = { table: () => table, neededTable: () => table } as unknown as Scope;

function start(window = { sent: () => undefined, full: false }) {
  const writer = new Writer(8);
  let xid = 100;
  let wrote = 0;
  const connection = {
    begin(length: number) {
      writer.room(length);
      return writer;
    },
    wrote(length: number) {
      wrote += length;
    },
    nextXid: () => xid++,
  };
  const sender = createPacketSender(connection, window);
  return {
    sender,
    wrote: () => wrote,
    sent: () => {
      const bytes = writer.finish().slice();
      writer.position = 0;
      return bytes;
    },
  };
}

const lists = [
  [],
  [output(3)],
  [output('flood')],
  [output(1), output(2)],
  [normal()],
  [punt(64)],
  [...set({ ethDst: '02:00:00:00:00:01' }), output(2)],
  [popVlan(), output('inPort')],
  [...set({ metadata: 7n }), resubmit('output')],
];

test('whatever the packet and its actions, what the codec writes; equal lists too', () => {
  const { sender, sent, wrote } = start();
  const aList = fc.constantFrom(...lists);
  const aPort = fc.oneof(fc.nat(0xffff_ff00), fc.constant('controller' as const));
  let total = 0;
  fc.assert(
    fc.property(aList, aPort, fc.uint8Array({ maxLength: 600 }), (actions, inPort, data) => {
      sender.send(data, inPort, actions, scope);
      const bytes = sent();
      total += bytes.length;
      const { xid } = decodeMessage(bytes);
      const body = { type: 'packetOut', bufferId: NO_BUFFER, inPort, actions: compileActions(actions, scope), data };
      expect(Buffer.from(bytes)).toEqual(Buffer.from(encodeMessage({ ...body, xid } as Message)));
    }),
  );
  expect(wrote()).toBe(total);
});

test('what is sent on is cut out of the bytes that came', () => {
  const { sender, sent } = start();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(20), fc.nat(0xffff), (bytes, from, inPort) => {
      const begin = Math.min(from, bytes.length);
      // A part of more bytes, as what a socket reads may be.
      const chunk = Uint8Array.from([1, 2, 3, ...bytes]).subarray(3);
      sender.forward(5, inPort, chunk, begin, bytes.length);
      const message = decodeMessage(sent());
      expect(message).toMatchObject({ type: 'packetOut', inPort, actions: [{ type: 'output', port: 5, maxLen: 0 }] });
      expect(Buffer.from((message as { data: Uint8Array }).data)).toEqual(Buffer.from(bytes.subarray(begin)));
    }),
  );
});

test('actions that name a table go by where it is now', () => {
  const { sender, sent } = start();
  const actions = [resubmit('output')];
  for (const id of [130, 150]) {
    table = id;
    sender.send(new Uint8Array(14), 1, actions, scope);
    expect(decodeMessage(sent())).toMatchObject({ actions: [{ type: 'resubmitTable', table: id }] });
  }
});

test('a switch that is behind gets no more, and it is counted', () => {
  const { sender, sent } = start({ sent: () => undefined, full: true });
  sender.forward(1, 2, new Uint8Array(60), 0, 60);
  sender.send(new Uint8Array(60), 1, [output(1), output(2)], scope);
  expect(sent()).toHaveLength(0);
  expect(sender.dropped).toBe(2);
});

test('a packet that fits into no message is refused', () => {
  const { sender } = start();
  expect(() => sender.send(new Uint8Array(65_500), 1, [output(1)], scope)).toThrow(RangeError);
});

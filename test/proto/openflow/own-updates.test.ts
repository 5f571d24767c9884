/** A flow monitor's word of our own changes, told from any other as it lies in its bytes. */

import { expect, test } from 'vitest';
import { encodeMessage, type Message } from '../../../proto/openflow/message.ts';
import { tellsOnlyOf } from '../../../proto/openflow/own-updates.ts';

const below10 = (xid: number) => xid < 10;
const abbrev = (xid: number) => ({ type: 'abbrev', xid });
const reply = (...updates: object[]) =>
  encodeMessage({
    ...{ type: 'multipartReply', flags: [], kind: 'flowMonitor', xid: 0 },
    reply: updates,
  } as unknown as Message).slice();

test('changes that are known, and nothing else', () => {
  expect(tellsOnlyOf(below10, reply(abbrev(1)))).toBe(true);
  expect(tellsOnlyOf(below10, reply(abbrev(1), abbrev(9), abbrev(2)))).toBe(true);
  expect(tellsOnlyOf((xid) => xid === 0xffff_fffe, reply(abbrev(0xffff_fffe)))).toBe(true);
});

test('one that is not known, one of another kind, none at all', () => {
  expect(tellsOnlyOf(below10, reply(abbrev(1), abbrev(10)))).toBe(false);
  expect(tellsOnlyOf(below10, reply(abbrev(1), { type: 'paused' }))).toBe(false);
  expect(tellsOnlyOf(below10, reply({ type: 'resumed' }))).toBe(false);
  const removed = {
    ...{ type: 'removed', reason: 'delete', tableId: 0, idleTimeout: 0, hardTimeout: 0, priority: 1, cookie: 1n },
    ...{ match: {}, instructions: [] },
  };
  expect(tellsOnlyOf(() => true, reply(abbrev(1), removed))).toBe(false);
  expect(tellsOnlyOf(() => true, reply())).toBe(false);
});

test('messages of other types', () => {
  const one = reply(abbrev(1));
  const other = (at: number, value: number) => one.with(at, value);
  expect(tellsOnlyOf(below10, other(1, 18))).toBe(false);
  expect(tellsOnlyOf(below10, other(9, 1))).toBe(false);
  expect(tellsOnlyOf(below10, one.subarray(0, 20))).toBe(false);
  expect(tellsOnlyOf(below10, encodeMessage({ type: 'barrierReply', xid: 1 }))).toBe(false);
});

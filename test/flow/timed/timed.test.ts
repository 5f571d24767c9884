/** Flows with a timeout on one switch, message by message: sent as they are set, told when refused, given up when they end. */

import { expect, test } from 'vitest';
import { goto } from '../../../src/flow/actions.ts';
import { number, one, pair, removedOf, start, station } from './one-switch.ts';

test('each set is sent, each delete too; a flow that has ended is told by its numbers, once', async () => {
  const { template, weave, peer, sent, timed, ended } = start();
  const pairs = template();
  weave();
  expect([pairs.set(3, number, 4), pairs.set(3, number, 5)]).toEqual([true, true]);
  const first = await peer.next('flowMod');
  expect(first).toMatchObject({ command: 'add', priority: 10, idleTimeout: 60, flags: ['sendFlowRem'] });
  expect(first.match).toEqual({ inPort: 3, ethSrc: station });
  const second = await peer.next('flowMod');
  expect(second.instructions).toEqual([{ type: 'applyActions', actions: [{ type: 'output', port: 5, maxLen: 0 }] }]);
  expect([pairs.size, pairs.standing(), sent.flowMods]).toEqual([1, [[3, number, 5]], 2]);
  // Of somebody else, or of an app that is no more.
  expect(timed.flowRemoved(removedOf({ ...first, cookie: first.cookie ^ 1n }))).toBeUndefined();
  const end = timed.flowRemoved(removedOf(first));
  expect(end).toMatchObject({ app: 'test', numbers: [3, number, 5] });
  expect(timed.flowRemoved(removedOf(first))).toBeUndefined();
  expect([pairs.size, ended]).toEqual([0, []]);
  pairs.delete(3, number);
  expect(await peer.next('flowMod')).toMatchObject({
    command: 'deleteStrict',
    cookie: first.cookie,
    match: first.match,
  });
});

test('all with a number in a slot go by one message: by the match, or by the port that they send to', async () => {
  const { template, weave, peer } = start();
  const pairs = template();
  weave();
  for (const [a, b, c] of [
    [1, 7, 2],
    [2, 7, 1],
    [3, 8, 1],
  ] as const) {
    pairs.set(a, b, c);
    await peer.next('flowMod');
  }
  pairs.deleteWhere(2, 1);
  const byPort = await peer.next('flowMod');
  expect(byPort).toMatchObject({ command: 'delete', outPort: 1, cookieMask: 0xffff_ffff_ffff_ffffn, match: {} });
  expect(pairs.standing()).toEqual([[1, 7, 2]]);
  pairs.deleteWhere(1, 7);
  const bySource = await peer.next('flowMod');
  expect(bySource).toMatchObject({ command: 'delete', outPort: 'any', match: { ethSrc: '00:00:00:00:00:07' } });
  expect(pairs.size).toBe(0);
  expect(() => pairs.deleteWhere(3, 1)).toThrow("slot(3) is none of the template's");
});

test('two templates of one instance with one intent are refused; another instance takes the place of the earlier', () => {
  const { app, timed, weave } = start();
  const user = { maySend: () => true, ended: undefined };
  const first = timed.template(app, 'a', pair, user);
  weave();
  expect(timed.template(app, 'a', pair, user)).toBe(first);
  const other = { ...pair, priority: 11 };
  expect(() => timed.template(app, 'a', other, user)).toThrow('another template with the intent "a pair"');
  timed.template(app, 'a', { ...other, intent: 'another pair' }, user);
  expect(timed.template(app, 'a', other, { ...user, maySend: () => true })).not.toBe(first);
});

test('numbers that do not fit are refused before anything is sent', () => {
  const { template, weave, sent } = start();
  const pairs = template();
  weave();
  for (const numbers of [
    [1.5, 0, 1],
    [-1, 0, 1],
    [1, 2 ** 48, 1],
    [1, 0, 2 ** 32],
    [1, Number.NaN, 1],
    [1, 2],
  ]) {
    expect(() => pairs.set(...numbers)).toThrow(/in slot\(\d\), which stands for/);
  }
  expect(sent.flowMods).toBe(0);
});

test('a refused flow is forgotten and told by its intent, also one whose xid is long forgotten', async () => {
  const { template, weave, peer, timed, told, app } = start();
  const pairs = template();
  weave();
  pairs.set(1, number, 2);
  timed.set(app, 'b', 'k', one);
  const { xid } = await peer.next('flowMod');
  const single = await peer.next('flowMod');
  const refuse = (of: number, data = new Uint8Array(0)) =>
    peer.send({ type: 'error', errorType: 'flowModFailed', code: 'tableFull', data, xid: of });
  refuse(xid);
  refuse(single.xid);
  refuse(4711);
  await expect.poll(() => told).toHaveLength(3);
  expect(told[0]).toMatch(/^test: a pair: .*TABLE_FULL/);
  expect(told[1]).toMatch(/^test: a single one: .*TABLE_FULL/);
  expect(told[2]).toMatch(/^nobody's/);
  expect([pairs.size, [...timed.flows()]]).toEqual([0, []]);
  expect(timed.problems()).toHaveLength(2);
});

test('by key: set again it is sent again, with another match the former one goes; one that ended is told by its key', async () => {
  const { weave, peer, timed, app } = start();
  timed.set(app, 'b', 'k', one);
  weave();
  const first = await peer.next('flowMod');
  timed.set(app, 'b', 'k', one);
  expect(await peer.next('flowMod')).toEqual({ ...first, xid: expect.any(Number) });
  timed.set(app, 'b', 'k', { ...one, match: { inPort: 2 } });
  expect(await peer.next('flowMod')).toMatchObject({ command: 'deleteStrict', match: { inPort: 1 } });
  const moved = await peer.next('flowMod');
  expect(moved).toMatchObject({ command: 'add', match: { inPort: 2 } });
  expect(timed.flowRemoved(removedOf(first))).toBeUndefined();
  expect(timed.flowRemoved(removedOf(moved))).toEqual({ app: 'test', table: 'b', key: 'k' });
  expect([...timed.flows()]).toEqual([]);
});

test('a switch that is behind gets no more; of an app that leaves, all go by its cookie', async () => {
  const { template, weave, peer, timed, app, sent } = start();
  const pairs = template();
  weave();
  let count = 0;
  while (pairs.set(1 + (count & 0xffff), number + (count >>> 16), 2)) count++;
  expect(count).toBeGreaterThan((4 << 20) / 100);
  expect([pairs.size, sent.flowMods, timed.dropped]).toEqual([count, count, 1]);
  expect(timed.window.full).toBe(true);
  timed.forget(app);
  for (;;) {
    const mod = await peer.next('flowMod');
    if (mod.command !== 'delete') continue;
    expect(mod).toMatchObject({ tableId: 'all', match: {}, cookie: 0xf100_0780_0000_0000n });
    expect(mod.cookieMask).toBe(0xffff_ff80_0000_0000n);
    break;
  }
  expect([...timed.flows()]).toEqual([]);
});

test('by key: one that can no longer be takes what it was along, and the place is free for others', async () => {
  const { app, timed, weave, peer, told } = start();
  timed.set(app, 'a', 'k', one);
  weave();
  const first = await peer.next('flowMod');
  timed.set(app, 'a', 'k', { ...one, actions: [goto('nowhere')] });
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/flow "k": .*nowhere/);
  expect(await peer.next('flowMod')).toMatchObject({ command: 'deleteStrict', match: first.match });
  timed.set(app, 'a', 'other', one);
  expect(await peer.next('flowMod')).toMatchObject({ command: 'add', match: first.match });
  expect(told).toHaveLength(1);
});

test('reasons of flows that came and went are forgotten beyond a number; those of flows that stand are not', () => {
  const { app, timed, weave } = start();
  timed.set(app, 'a', 'stays', one);
  weave();
  const cookieOf = () => [...timed.flows()].at(-1)!.cookie;
  const stays = cookieOf();
  timed.set(app, 'a', 'goes', { ...one, priority: 6, intent: 'the first' });
  const goes = cookieOf();
  timed.delete(app, 'a', 'goes');
  expect([timed.whose(stays)?.intent.text, timed.whose(goes)?.intent.text]).toEqual(['a single one', 'the first']);
  for (let each = 0; each < 16_384; each++) {
    timed.set(app, 'a', 'goes', { ...one, priority: 6, intent: `number ${each}` });
    timed.delete(app, 'a', 'goes');
  }
  expect([timed.whose(stays)?.intent.text, timed.whose(goes)]).toEqual(['a single one', undefined]);
});

/** Flows with a timeout on one switch, message by message: sent as they are set, told when refused, given up when they end. */

import { afterEach, describe, expect, test } from 'vitest';
import type { MessageOf } from '../../../proto/openflow/message.ts';
import { ct, goto, next, output } from '../../../src/flow/actions.ts';
import { createTablePlan } from '../../../src/flow/allocate/table-plan.ts';
import { flowContent } from '../../../src/flow/flow-bytes.ts';
import { createFlowIndex } from '../../../src/flow/flow-index.ts';
import { MAIN } from '../../../src/flow/namespace.ts';
import type { ActualFlow } from '../../../src/flow/reconcile/diff.ts';
import { slot } from '../../../src/flow/timed/template.ts';
import { createTimedFlows } from '../../../src/flow/timed/timed.ts';
import { type DesiredFlow, desiredFlow } from '../../../src/flow/weave/desired.ts';
import { createWeaver, type WeaverApp } from '../../../src/flow/weave/weaver.ts';
import { type Connection, createConnection } from '../../../src/openflow/connection.ts';
import { createPeer } from '../../openflow/peer.ts';
import { plainFlow } from '../plain-flow.ts';

const open: Connection[] = [];
afterEach(() => {
  for (const connection of open.splice(0)) connection.close('the test ends');
});

const pair = {
  priority: 10,
  match: { inPort: slot(0), ethSrc: slot(1) },
  actions: [output(slot(2))],
  idleTimeout: 60,
  intent: 'a pair',
};
const one = { priority: 5, match: { inPort: 1 }, actions: [output(2)], hardTimeout: 9, intent: 'a single one' };
const station = '02:00:00:00:00:07';
const number = 0x020000000007;

function start(standing: ActualFlow[] = []) {
  const plan = createTablePlan();
  const tables = plan.allocate('test', { a: { stage: 'admit' }, b: { stage: 'switching' }, c: { stage: 'switching' } });
  const app: WeaverApp = { name: 'test', number: 7, tables };
  const peer = createPeer();
  const told: string[] = [];
  const index = createFlowIndex<DesiredFlow, ActualFlow>();
  const actual = index.standing;
  for (const flow of standing) actual.set(flow.identity, flow);
  const connection: Connection = createConnection(peer.ours, 'peer', {
    message: () => undefined,
    error(error) {
      if (!timed.takeError(error)) told.push(`nobody's: ${error.reason}`);
    },
    close: () => undefined,
  });
  open.push(connection);
  const weaver = createWeaver(plan, undefined, index);
  const sent = { flowMods: 0 };
  let tablesChanged = 0;
  const timed = createTimedFlows({
    namespace: MAIN,
    ...{ connection, weaver, actual, sent, refused: (text: string) => void told.push(text) },
    changed: () => void tablesChanged++,
  });
  const ended: number[][] = [];
  const template = (spec = pair) =>
    timed.template(app, 'a', spec, { maySend: () => true, ended: (...numbers) => void ended.push(numbers) });
  const weave = () => {
    weaver.weave();
    timed.follow();
  };
  return {
    app,
    tables,
    peer,
    told,
    actual,
    weaver,
    sent,
    timed,
    ended,
    template,
    weave,
    tablesChanged: () => tablesChanged,
  };
}

const removedOf = (mod: MessageOf<'flowMod'>, reason: 'idleTimeout' | 'delete' = 'idleTimeout') => ({
  ...{ type: 'flowRemoved' as const, cookie: mod.cookie, priority: mod.priority, reason, tableId: Number(mod.tableId) },
  ...{ durationSec: 1, durationNsec: 0, idleTimeout: 60, hardTimeout: 0, packetCount: 1n, byteCount: 60n },
  ...{ match: mod.match, xid: 0 },
});

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

test('what is set before the pipeline is known waits for it; what goes by tables that come follows them', async () => {
  const { template, weave, peer, weaver, app, tables, tablesChanged } = start();
  const pairs = template({
    ...pair,
    actions: [goto('next')] as never,
    match: { inPort: slot(0), ethSrc: slot(1) },
  } as never);
  expect(tablesChanged()).toBe(1);
  pairs.set(1, number);
  weave();
  const first = await peer.next('flowMod');
  expect(first.instructions).toEqual([]);
  weaver.set(app, 'b', 'k', { priority: 1, match: {}, actions: [output(1)], intent: 'x' });
  weave();
  const again = await peer.next('flowMod');
  expect(again).toMatchObject({ match: first.match, instructions: [{ type: 'gotoTable', tableId: tables.get('b') }] });
});

test('what is withdrawn before the pipeline is known does not come with it; what is too much is not kept', async () => {
  const { template, weave, peer, timed, app } = start();
  const pairs = template();
  for (const numbers of [
    [1, 7, 2],
    [2, 7, 1],
    [3, 8, 1],
    [4, 9, 5],
  ])
    pairs.set(...numbers);
  pairs.delete(4, 9);
  pairs.deleteWhere(2, 1);
  expect(await peer.next('flowMod')).toMatchObject({ command: 'deleteStrict', match: { inPort: 4 } });
  expect(await peer.next('flowMod')).toMatchObject({ command: 'delete', outPort: 1 });
  // One of an earlier run may stand.
  timed.set(app, 'b', 'k', one);
  timed.delete(app, 'b', 'k');
  expect(await peer.next('flowMod')).toMatchObject({ command: 'deleteStrict', match: one.match });
  weave();
  expect([...timed.flows()]).toHaveLength(1);
  expect(pairs.standing()).toEqual([[1, 7, 2]]);
  expect(await peer.next('flowMod')).toMatchObject({ command: 'add', match: { inPort: 1 } });

  const others = start();
  const many = others.template();
  const kept = Array.from({ length: 5000 }, (_, i) => many.set(1, i, 2)).filter(Boolean).length;
  others.weave();
  expect([many.size, others.timed.dropped, timed.dropped]).toEqual([kept, 5000 - kept, 0]);
  expect(kept).toBeLessThan(5000);
});

test('by key: what is withdrawn and set again before the pipeline is known stands afterwards', async () => {
  const first = start();
  first.timed.set(first.app, 'b', 'k', one);
  first.weave();
  const [standing] = [...first.timed.flows()];
  const { identity, content } = standing!;
  const { timed, app, weave, peer } = start([
    { ...plainFlow(standing!), identity, content, duration: 1 } as ActualFlow,
  ]);
  timed.set(app, 'b', 'old', one);
  timed.set(app, 'b', 'new', one);
  timed.delete(app, 'b', 'old');
  weave();
  expect(await peer.next('flowMod')).toMatchObject({ command: 'deleteStrict', match: one.match });
  expect(await peer.next('flowMod')).toMatchObject({ command: 'add', match: one.match });
  expect([...timed.flows()].map((flow) => flow.key)).toEqual(['new']);
});

test('those of an earlier run are its own again, and nothing is sent; a foreign one in the way is left alone and told', async () => {
  const { app, tables } = start();
  const place = { app, tableId: tables.get('a')!, key: '' };
  const flowOf = (inPort: number) => {
    const flow = { ...pair, match: { inPort, ethSrc: station }, actions: [output(9)] };
    const made = desiredFlow(MAIN, place, flow, {} as never);
    return { ...plainFlow(made), identity: made.identity, content: made.content, duration: 1 };
  };
  const foreign = { ...flowOf(2), cookie: 1n, content: flowContent({ ...flowOf(2), cookie: 1n }) };
  const { template, weave, timed, sent, told } = start([flowOf(1), foreign, { ...flowOf(3), idleTimeout: 59 }]);
  const pairs = template();
  weave();
  expect(pairs.standing()).toEqual([[1, number, 9]]);
  expect(timed.standing(app).map(({ match }) => match.inPort)).toEqual([1, 3]);
  expect(pairs.set(2, number, 4)).toBe(false);
  expect(told).toEqual([expect.stringMatching(/^test: a pair: a foreign flow \(cookie 0x1\) stands/)]);
  expect(sent.flowMods).toBe(0);
  expect(pairs.set(4, number, 4)).toBe(true);

  // Where none of ours stands, too.
  const other = start([foreign]);
  const others = other.template();
  other.weave();
  expect([others.set(2, number, 4), others.set(4, number, 4)]).toEqual([false, true]);
});

describe('what goes on to the next table', () => {
  const led = { ...pair, match: { inPort: slot(0), ethSrc: slot(1) }, actions: [next()] } as never;
  const known = { priority: 1, match: {}, actions: [output(1)], intent: 'x' };

  /** The switch as a run leaves it. */
  async function earlier(spec: never, ...numbers: number[]): Promise<ActualFlow[]> {
    const first = start();
    first.weaver.set(first.app, 'b', 'k', known);
    const flows = first.template(spec);
    first.weave();
    flows.set(...numbers);
    return [...first.weaver.woven.flows.values(), ...first.timed.flows()].map((flow) => ({
      ...{ ...plainFlow(flow), identity: flow.identity, content: flow.content, duration: 1 },
    })) as ActualFlow[];
  }

  test('is its own again at once, as apps are put on the switch, and nothing is sent', async () => {
    const { template, weave, weaver, app, sent } = start(await earlier(led, 1, number));
    const flows = template(led);
    expect(flows.standing()).toEqual([[1, number]]);
    weaver.set(app, 'b', 'k', known);
    weave();
    expect([flows.standing(), sent.flowMods]).toEqual([[[1, number]], 0]);
  });

  test('is led to the table that is the next one now', async () => {
    const { template, weave, peer, weaver, app, tables } = start(await earlier(led, 1, number));
    const flows = template(led);
    weaver.set(app, 'c', 'k', known);
    weave();
    expect(flows.standing()).toEqual([[1, number]]);
    expect((await peer.next('flowMod')).instructions).toEqual([{ type: 'gotoTable', tableId: tables.get('c') }]);
  });

  test('is led there also where another one was set in the meantime', async () => {
    const { template, peer, weaver, app, tables, timed } = start();
    weaver.set(app, 'c', 'k', known);
    const flows = template(led);
    weaver.weave();
    timed.follow();
    flows.set(1, number);
    await peer.next('flowMod');
    weaver.set(app, 'b', 'k', known);
    weaver.weave();
    // While what was woven is on its way.
    flows.set(2, number);
    timed.followMoved();
    const sent = [await peer.next('flowMod'), await peer.next('flowMod'), await peer.next('flowMod')];
    const goto = { type: 'gotoTable', tableId: tables.get('b') };
    expect(sent.map(({ match, instructions }) => [match.inPort, instructions])).toEqual([
      [2, [goto]],
      [1, [goto]],
      [2, [goto]],
    ]);
  });

  test('also where it was set before there was one', async () => {
    const standing = (await earlier(led, 1, number)).map((flow) => {
      const content = flowContent({ ...flow, instructions: [] });
      return flow.match.inPort === 1 ? ({ ...flow, instructions: [], content } as never) : flow;
    });
    const { template, weave, peer, weaver, app, tables } = start(standing);
    const flows = template(led);
    expect(flows.standing()).toEqual([[1, number]]);
    weaver.set(app, 'b', 'k', known);
    weave();
    expect((await peer.next('flowMod')).instructions).toEqual([{ type: 'gotoTable', tableId: tables.get('b') }]);
  });

  test('may be said before it is known which tables there are', async () => {
    const through = { ...(led as object), actions: [ct({ zone: 7, table: 'next' })] } as never;
    const { template, weave, peer, weaver, app, tables } = start();
    const flows = template(through);
    flows.set(1, number);
    weaver.set(app, 'b', 'k', known);
    weave();
    const [apply] = (await peer.next('flowMod')).instructions;
    expect(apply).toMatchObject({ type: 'applyActions', actions: [{ type: 'ct', table: tables.get('b') }] });
  });

  test('is refused, and goes, where there is none any more that it needs', async () => {
    const through = { ...(led as object), actions: [ct({ zone: 7, table: 'next' })] } as never;
    const { template, weave, peer, weaver, app, told, sent } = start();
    const flows = template(through);
    weaver.set(app, 'b', 'k', known);
    weave();
    flows.set(1, number);
    const set = await peer.next('flowMod');
    weaver.delete(app, 'b', 'k');
    weave();
    expect(told).toEqual([expect.stringContaining('there is no table "next"')]);
    expect(await peer.next('flowMod')).toMatchObject({ command: 'delete', cookie: set.cookie, match: {} });
    expect([flows.set(2, number), flows.size, told.length, sent.flowMods]).toEqual([false, 0, 1, 2]);
    weaver.set(app, 'b', 'k', known);
    weave();
    expect(flows.set(2, number)).toBe(true);
  });
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

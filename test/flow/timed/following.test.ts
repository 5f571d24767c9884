/** Flows with a timeout and the pipeline they go by: set before it is known, left by an earlier run, or when it moves. */

import { describe, expect, test } from 'vitest';
import type { MessageOf } from '../../../proto/openflow/message.ts';
import { ct, goto, next, output } from '../../../src/flow/actions.ts';
import { flowContent } from '../../../src/flow/flow-bytes.ts';
import { MAIN } from '../../../src/flow/namespace.ts';
import type { ActualFlow } from '../../../src/flow/reconcile/diff.ts';
import { slot } from '../../../src/flow/timed/template.ts';
import { desiredFlow } from '../../../src/flow/weave/desired.ts';
import { plainFlow } from '../plain-flow.ts';
import { number, one, pair, start, station } from './one-switch.ts';

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

  test('is led there in parts where the switch is behind', async () => {
    const { template, peer, weaver, app, tables, timed, weave } = start();
    const mods: MessageOf<'flowMod'>[] = [];
    async function serve(): Promise<never> {
      for (;;) {
        const message = await peer.next('flowMod', 'barrierRequest');
        if (message.type === 'flowMod') mods.push(message);
        else peer.send({ type: 'barrierReply', xid: message.xid });
      }
    }
    weaver.set(app, 'c', 'k', known);
    const flows = template(led);
    weave();
    let count = 0;
    while (flows.set(1 + count, number)) count++;
    void serve();
    await expect.poll(() => [mods.length, timed.window.full]).toEqual([count, false]);
    weaver.set(app, 'b', 'k', known);
    weave();
    expect(timed.window.full).toBe(true);
    await expect.poll(() => mods.length).toBe(2 * count);
    const again = mods.slice(count);
    expect(new Set(again.map(({ match }) => match.inPort)).size).toBe(count);
    const goto = { type: 'gotoTable', tableId: tables.get('b') };
    expect(again.find(({ instructions: [first] }) => first?.type !== 'gotoTable')).toBeUndefined();
    expect(again.at(-1)?.instructions).toEqual([goto]);
  });

  test('is nothing to wait for where the connection has ended', async () => {
    const { template, connection, weaver, app, weave } = start();
    const flows = template(led);
    weave();
    flows.set(1, number);
    connection.close('the switch is gone');
    weaver.set(app, 'b', 'k', known);
    weave();
    // The loop goes on.
    await new Promise((resolve) => setImmediate(resolve));
    expect(flows.size).toBe(1);
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

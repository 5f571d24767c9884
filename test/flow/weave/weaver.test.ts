/** The weaver: names become tables, tables get their misses, and what cannot be is left out and told. */

import { expect, test } from 'vitest';
import {
  actions,
  ct,
  drop,
  goto,
  group,
  meter,
  next,
  normal,
  output,
  resubmit,
  set,
} from '../../../src/flow/actions.ts';
import { createTablePlan } from '../../../src/flow/allocate/table-plan.ts';
import { appOf, isOurs, isReactive } from '../../../src/flow/cookie.ts';
import type { AppFlow } from '../../../src/flow/flow.ts';
import { MAIN } from '../../../src/flow/namespace.ts';
import { atOnce } from '../../../src/flow/slices.ts';
import type { Stage } from '../../../src/flow/stages.ts';
import { formatMatch } from '../../../src/flow/text/format-match.ts';
import { formatInstructions } from '../../../src/flow/text/instructions.ts';
import { createWeaver, type WeaverApp } from '../../../src/flow/weave/weaver.ts';

function setUp(apps: Record<string, Record<string, Stage>>) {
  const plan = createTablePlan();
  const weaver = createWeaver(plan);
  const byName: Record<string, WeaverApp> = {};
  for (const [index, [name, tables]] of Object.entries(apps).entries()) {
    const specs = Object.fromEntries(Object.entries(tables).map(([table, stage]) => [table, { stage }]));
    byName[name] = { name, number: index + 1, tables: plan.allocate(name, specs) };
  }
  const set = (app: string, table: string, key: string, flow: Partial<AppFlow>) =>
    weaver.set(byName[app]!, table, key, { priority: 10, match: {}, actions: drop(), intent: key, ...flow });
  const lines = () => {
    const { flows, errors } = weaver.weave();
    const woven = [...flows.values()].toSorted((a, b) => a.tableId - b.tableId || b.priority - a.priority);
    return [
      ...woven.map(
        ({ tableId, priority, match, instructions, app }) =>
          `${tableId},${priority} ${formatMatch(match)} actions=${formatInstructions(instructions)} (${app})`,
      ),
      ...errors,
    ];
  };
  return { weaver, byName, set, lines };
}

test('tables that exist are linked by their misses; the last one drops by having none', () => {
  const { set, lines } = setUp({ a: { admit: 'admit' }, b: { switching: 'switching' }, c: { miss: 'miss' } });
  set('a', 'admit', 'x', { match: { inPort: 1 }, actions: [next()] });
  set('c', 'miss', 'x', { match: { inPort: 2 } });
  expect(lines()).toEqual([
    '0,0  actions=goto_table:24 (weaver)',
    '24,10 in_port=1 actions=goto_table:240 (a)',
    '24,0  actions=goto_table:240 (weaver)',
    '240,10 in_port=2 actions=drop (c)',
  ]);
  // A table comes in between: what went by it now goes to it.
  set('b', 'switching', 'all', { priority: 0, actions: [normal()] });
  expect(lines()).toEqual([
    '0,0  actions=goto_table:24 (weaver)',
    '24,10 in_port=1 actions=goto_table:184 (a)',
    '24,0  actions=goto_table:184 (weaver)',
    '184,0  actions=NORMAL (b)',
    '240,10 in_port=2 actions=drop (c)',
  ]);
});

test('an app that has its own miss keeps it; next at the end of the pipeline drops', () => {
  const { set, lines } = setUp({ a: { classify: 'classify' }, c: { miss: 'miss' } });
  set('a', 'classify', 'miss', { priority: 0 });
  set('c', 'miss', 'x', { actions: actions(output(1), next()) });
  expect(lines()).toEqual(['0,0  actions=drop (a)', '240,10  actions=output:1 (c)']);
});

test("goto and resubmit: the app's own tables, and stages, or what follows where a stage is empty", () => {
  const { set, lines } = setUp({ a: { first: 'switching', second: 'switching' }, b: { out: 'output' } });
  set('a', 'first', 'own', { match: { inPort: 1 }, actions: [resubmit('second'), goto('second')] });
  set('a', 'first', 'stage', { match: { inPort: 2 }, actions: [goto('output')] });
  set('a', 'first', 'empty stage', { match: { inPort: 3 }, actions: [goto('flood')] });
  set('a', 'first', 'ct', { match: { inPort: 4 }, actions: [ct({ zone: 7, nat: 'follow', table: 'next' })] });
  set('a', 'second', 'x', {});
  set('b', 'out', 'x', {});
  expect(lines().filter((line) => line.startsWith('184,10'))).toEqual([
    '184,10 in_port=1 actions=resubmit(,186),goto_table:186 (a)',
    '184,10 in_port=2 actions=goto_table:228 (a)',
    '184,10 in_port=3 actions=goto_table:228 (a)',
    '184,10 in_port=4 actions=ct(table=186,zone=7,nat) (a)',
  ]);
});

test('what cannot be is left out and told with its app, its flow and its intent; the rest stands', () => {
  const { set, lines } = setUp({ a: { t: 'miss' } });
  set('a', 't', 'good', { match: { inPort: 9 } });
  const source = 'f.yaml:7';
  const bad: [string, Partial<AppFlow>, string][] = [
    ['tcp', { match: { tcpDst: 80 } }, 'tcpDst in a match needs ethType 0x0800 or 0x86dd and ipProto 6 beside it'],
    ['arp', { match: { ethType: 0x0800, arpOp: 1 } }, 'arpOp in a match needs ethType 0x0806 or 0x8035 beside it'],
    ['field', { match: { tcpPort: 80 } as never }, 'the match names "tcpPort", which is no field'],
    ['table', { actions: [goto('tabel')] }, '"tabel" is neither a stage nor a table of app "a"'],
    ['group', { actions: [group('g')] }, 'app "a" has no group "g"'],
    ['middle', { actions: [next(), output(1)] }, 'goto("next") and next() stand only at the end'],
    ['nowhere', { actions: [resubmit('next')] }, 'there is no table "next" on this switch, and nothing after it'],
    ['value', { match: { inPort: 5 }, actions: set_({ vlanVid: 0x12345 }) }, 'vlanVid'],
  ];
  for (const [key, flow] of bad) set('a', 't', key, { ...flow, intent: { text: `why ${key}`, source } });
  const woven = lines();
  expect(woven.slice(0, 2)).toEqual(['0,0  actions=goto_table:240 (weaver)', '240,10 in_port=9 actions=drop (a)']);
  for (const [index, [key, , reason]] of bad.entries()) {
    expect(woven[index + 2]).toMatch(`app "a", flow "${key}" (why ${key} (f.yaml:7)): `);
    expect(woven[index + 2]).toContain(reason);
  }
});

const set_ = set;

test('two flows with one match and priority: the second is refused and both are named; it stands when the first goes', () => {
  const { weaver, byName, set, lines } = setUp({ a: { t: 'miss' } });
  set('a', 't', 'one', { match: { reg0: { value: 5, mask: 0xff } } });
  set('a', 't', 'two', { match: { reg0: { value: 0x105, mask: 0xff } }, actions: [output(2)] });
  expect(lines().slice(1)).toEqual([
    '240,10 reg0=0x5/0xff actions=drop (a)',
    'app "a", flow "two" (two): it matches the same as flow "one" (one) at the same priority',
  ]);
  weaver.delete(byName.a!, 't', 'one');
  expect(lines().slice(1)).toEqual(['240,10 reg0=0x5/0xff actions=output:2 (a)']);
});

test('a group that cannot be takes only what uses it with it', () => {
  const { weaver, byName, set, lines } = setUp({ a: { t: 'miss' }, b: { t: 'switching' } });
  weaver.setGroup(byName.a!, 'bad', { type: 'all', buckets: [{ actions: [goto('nowhere')] }] });
  weaver.setGroup(byName.a!, 'good', { type: 'all', buckets: [{ actions: [output(1)] }] });
  set('a', 't', 'uses bad', { actions: [group('bad')] });
  set('a', 't', 'uses good', { match: { inPort: 1 }, actions: [group('good')] });
  set('b', 't', 'other', {});
  const woven = lines();
  expect(woven.slice(-2)).toEqual([
    expect.stringMatching(/^app "a", group "bad": goto/),
    `app "a", flow "uses bad" (uses bad): its group "bad" can't be`,
  ]);
  expect(woven).toHaveLength(6);
  expect([...weaver.weave().groups.values()].map(({ key }) => key)).toEqual(['good']);
});

test('fields of the pipeline, and of apps, are joined in one register', () => {
  const { set, lines, byName } = setUp({ a: { t: 'miss' } });
  byName.a!.fields = new Map([['r.state', { field: 'reg6', offset: 0, bits: 32 }]]);
  set('a', 't', 'x', {
    match: { segment: 100, ingressZone: 2, fromTunnel: 1, 'r.state': { value: 8, mask: 8 } },
    actions: set_({ segment: 7, outPort: 3, fromTunnel: 0, metadata: 9n }),
  });
  expect(lines()[1]).toBe(
    '240,10 reg0=0x1/0x1,reg1=0x2,reg6=0x8/0x8,metadata=0x64/0xffff actions=load:0x7->OXM_OF_METADATA[0..15],set_field:0x3->reg2,load:0->NXM_NX_REG0[0],set_field:0x9->metadata (a)',
  );
});

test('cookies: ours, of the app, the same for the same intent whatever its line, marked where a timeout ends the flow', () => {
  const cookies = (line: string, idleTimeout: number) => {
    const { weaver, set } = setUp({ a: { t: 'miss' } });
    set('a', 't', 'x', { intent: { text: 'why', source: line }, idleTimeout });
    set('a', 't', 'y', { match: { inPort: 1 }, intent: 'another' });
    return [...weaver.weave().flows.values()].map(({ cookie }) => cookie);
  };
  const [weavers, first, second] = cookies('f.yaml:1', 0);
  expect(cookies('f.yaml:9', 0)).toEqual([weavers, first, second]);
  expect(new Set([first, second, weavers]).size).toBe(3);
  expect(
    [first, second, weavers].map((cookie) => [isOurs(MAIN, cookie!), appOf(cookie!), isReactive(cookie!)]),
  ).toEqual([
    [true, 1, false],
    [true, 1, false],
    [true, 0, false],
  ]);
  expect(isReactive(cookies('f.yaml:1', 5)[1]!)).toBe(true);
  expect(isOurs(MAIN, 1n)).toBe(false);
});

test('what a flow says since its weaving began, and the group and meter that it goes by then, come in the next', () => {
  const { weaver, byName, set } = setUp({ a: { admit: 'admit' } });
  const a = byName.a!;
  const groupOf = (port: number) => ({ type: 'all' as const, buckets: [{ actions: [output(port)] }] });
  const meterOf = (rate: number) => ({ unit: 'packets' as const, rate });
  weaver.setMeter(a, 'old', meterOf(1));
  for (let port = 1; port <= 200; port++) set('a', 'admit', `f${port}`, { match: { inPort: port } });
  set('a', 'admit', 'metered', { match: { inPort: 201 }, actions: [meter('old'), output(9)] });
  weaver.weave();
  const instructionsOf = (key: string) => {
    for (const flow of weaver.woven.flows.values()) if (flow.key === key) return formatInstructions(flow.instructions);
    return undefined;
  };

  for (let port = 1; port <= 200; port++)
    set('a', 'admit', `f${port}`, { match: { inPort: port }, actions: [output(7)] });
  set('a', 'admit', 'metered', { match: { inPort: 201 }, actions: [meter('old'), output(8)] });
  const work = weaver.weaving();
  work.next();
  weaver.setGroup(a, 'g', groupOf(1));
  weaver.setMeter(a, 'new', meterOf(2));
  weaver.deleteMeter(a, 'old');
  set('a', 'admit', 'f200', { match: { inPort: 200 }, actions: [group('g')] });
  set('a', 'admit', 'metered', { match: { inPort: 201 }, actions: [meter('new'), output(8)] });
  const woven = atOnce(work);
  const [old] = [...woven.meters.values()].filter(({ key }) => key === 'old');
  expect(woven.errors).toEqual([]);
  expect(woven.groups.size).toBe(0);
  expect(Array.from(woven.meters.values(), ({ key }) => key)).toEqual(['old']);
  expect([instructionsOf('f200'), instructionsOf('metered')]).toEqual(['output:7', `meter:${old?.meterId},output:8`]);

  const after = weaver.weave();
  expect(after.errors).toEqual([]);
  expect(Array.from(after.meters.values(), ({ key }) => key)).toEqual(['new']);
  expect(instructionsOf('f200')).toBe(`group:${[...after.groups.keys()][0]}`);
  expect(instructionsOf('metered')).toBe(`meter:${[...after.meters.keys()][0]},output:8`);
});

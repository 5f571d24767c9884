/** The apps that are loaded: their configs checked at their lines, all or none, and what a reload leaves as it is. */

import { expect, test } from 'vitest';
import { z } from 'zod';
import type { AppRequest } from '../../src/app/app-request.ts';
import { type AnyApp, defineApp } from '../../src/app/define-app.ts';
import { createAppHost } from '../../src/app/host.ts';
import type { Config } from '../../src/config/model.ts';
import { createStore } from '../../src/store/store.ts';

const request = (definition: AnyApp, config: unknown = {}, sources: Record<string, string> = {}): AppRequest => ({
  definition,
  config,
  source: 'f.yaml:3',
  sources,
});

const plain = (name: string): AnyApp => defineApp({ name, attach: () => undefined });
const at = (name: string, stage: 'save' | 'switching', tables: string[]): AnyApp =>
  defineApp({ name, tables: Object.fromEntries(tables.map((table) => [table, { stage }])), attach: () => undefined });

const configured = defineApp({
  name: 'configured',
  config: z.strictObject({ limit: z.int().max(9).default(3), names: z.array(z.string()).default([]) }),
  counters: { seen: 'What was seen' },
  attach: () => undefined,
});

test("what is wrong with an app's config is told at its line", () => {
  const sources = { '/limit': 'f.yaml:5', '/names': 'f.yaml:6', '/names/1': 'f.yaml:8' };
  const host = createAppHost();
  expect(host.load([request(configured, { limit: 10, names: ['a', 7] }, sources)])).toEqual([
    { source: 'f.yaml:5', message: expect.stringMatching(/^app "configured" at limit: .*9/), fix: 'mend it' },
    { source: 'f.yaml:8', message: expect.stringMatching(/^app "configured" at names\.1: .*string/), fix: 'mend it' },
  ]);
  expect(host.load([request(plain('bare'), { anything: 1 })])).toMatchObject([{ source: 'f.yaml:3' }]);
  expect(host.apps.size).toBe(0);
});

test('what an app finds wrong beside the file is told at its line; what is missing, at the line of what lacks it', () => {
  const checking = defineApp({
    name: 'checking',
    config: z.strictObject({ on: z.array(z.strictObject({ name: z.string() })).default([]) }),
    check: ({ on }, network) =>
      on.flatMap(({ name }, i) =>
        network?.bridges.some((bridge) => bridge.name === name) === true
          ? []
          : [{ path: ['on', i, 'name'], message: `no ${name}`, fix: 'name another' }],
      ),
    attach: () => undefined,
  });
  const host = createAppHost();
  const sources = { '/on': 'f.yaml:5', '/on/0': 'f.yaml:6', '/on/1': 'f.yaml:7' };
  const at = (on: unknown[], bridges: string[]) => ({
    ...request(checking, { on }, sources),
    network: { bridges: bridges.map((name) => ({ name })) } as Config,
  });
  expect(host.load([at([{ name: 'a' }, { name: 'b' }], ['a'])])).toEqual([
    { source: 'f.yaml:7', message: 'app "checking" at on.1.name: no b', fix: 'name another' },
  ]);
  expect(host.load([at([{}, { name: 'b' }], ['a'])])).toMatchObject([{ source: 'f.yaml:6' }]);
  expect(host.apps.size).toBe(0);
  expect(host.load([at([{ name: 'a' }, { name: 'b' }], ['a', 'b'])])).toEqual([]);
  const broken = defineApp({ name: 'broken', check: () => [...(undefined as never)], attach: () => undefined });
  expect(host.load([request(broken)])).toEqual([
    {
      source: 'f.yaml:3',
      message: expect.stringMatching(/^app "broken" can't read its config: ./),
      fix: 'mend the check of app "broken"',
    },
  ]);
});

test("unknown and missing keys of an app's config are told as those of the file are, each at its own line", () => {
  const rule = z.union([z.literal('none'), z.strictObject({ port: z.int(), kind: z.enum(['tcp', 'udp']) })]);
  const nested = defineApp({
    name: 'nested',
    config: z.strictObject({
      name: z.string(),
      why: z.string('write why it is there'),
      rules: z.array(rule).default([]),
      byPort: z.record(z.string(), z.strictObject({ limit: z.int().optional() })).optional(),
    }),
    attach: () => undefined,
  });
  const told = (config: object, sources: Record<string, string> = {}, app: AnyApp = nested) =>
    createAppHost()
      .load([request(app, config, sources)])
      .map(({ source, message, fix }) => `${message}: ${fix} (${source})`);
  const given = { name: 'a', why: 'b' };
  expect(told({ ...given, naem: 1 }, { '': 'f.yaml:3', '/naem': 'f.yaml:5' })).toEqual([
    'app "nested": unknown key `naem`: did you mean `name`? (f.yaml:5)',
  ]);
  expect(told({ ...given, other: 1 })).toEqual([
    'app "nested": unknown key `other`: use one of name, why, rules, byPort (f.yaml:3)',
  ]);
  expect(told({})).toEqual([
    'app "nested": `name` is missing: add it, of type string (f.yaml:3)',
    'app "nested": `why` is missing: write why it is there (f.yaml:3)',
  ]);
  const places = { '/rules/0': 'f.yaml:6', '/rules/0/prot': 'f.yaml:7', '/byPort/a~1b/limits': 'f.yaml:9' };
  expect(told({ ...given, rules: [{ prot: 1, kind: 'tcp', port: 1 }, 'none'] }, places)).toEqual([
    'app "nested": unknown key `prot` in rules.0: did you mean `port`? (f.yaml:7)',
  ]);
  expect(told({ ...given, rules: [{ port: 1 }] }, places)).toEqual([
    'app "nested": `rules.0.kind` is missing: add it, one of tcp, udp (f.yaml:6)',
  ]);
  expect(told({ ...given, byPort: { 'a/b': { limits: 1 } } }, places)).toEqual([
    'app "nested": unknown key `limits` in byPort.a/b: did you mean `limit`? (f.yaml:9)',
  ]);
  expect(told({ anything: 1 }, {}, plain('bare'))).toEqual([
    'app "bare": unknown key `anything`: remove it (f.yaml:3)',
  ]);
});

test('defaults are filled in, and counters count', () => {
  const host = createAppHost();
  expect(host.load([request(configured)])).toEqual([]);
  const app = host.apps.get('configured')!;
  expect(app.config).toEqual({ limit: 3, names: [] });
  app.counters.seen!.add();
  app.counters.seen!.add(4);
  expect(app.counters.seen!.value).toBe(5);
  expect(host.byNumber(app.number)).toBe(app);
});

test('a reload keeps an app whose config is unchanged; one with another config keeps all but that', () => {
  const host = createAppHost();
  const other = at('other', 'switching', ['one', 'two']);
  host.load([request(configured, { limit: 1 }), request(other)]);
  const [before, standing] = [host.apps.get('configured')!, host.apps.get('other')!];
  before.counters.seen!.add();
  before.errors = 2;
  host.load([request(other), request(configured, { limit: 2 })]);
  expect(host.apps.get('other')).toBe(standing);
  const after = host.apps.get('configured')!;
  expect(after).toBe(before);
  expect(after).toMatchObject({ config: { limit: 2 }, errors: 2, error: null });
  expect(after.counters.seen!.value).toBe(1);
  // Instances tell by it whether they were given it.
  const { config } = after;
  host.load([request(other), request(configured, { limit: 2, names: [] })]);
  expect(after.config).toBe(config);
});

test('an app that comes back with more tables and counters has them', () => {
  const host = createAppHost();
  const first = defineApp({
    name: 'grown',
    tables: { a: { stage: 'admit' } },
    counters: { x: '' },
    attach: () => undefined,
  });
  host.load([request(first)]);
  host.apps.get('grown')!.counters.x!.add();
  const tables = { a: { stage: 'admit' }, b: { stage: 'switching' } } as const;
  const grown = defineApp({ name: 'grown', tables, counters: { x: '', y: '' }, attach: () => undefined });
  expect(host.load([request(grown)])).toEqual([]);
  const app = host.apps.get('grown')!;
  expect([...app.tables]).toEqual([
    ['a', 24],
    ['b', 184],
  ]);
  expect([app.counters.x!.value, app.counters.y!.value]).toEqual([1, 0]);
});

/** As many names of tables. */
const tables = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`);

test('two apps that want one stage: both are named, and nothing has changed', () => {
  const host = createAppHost();
  const first = at('first', 'save', tables(7));
  const second = at('second', 'save', tables(6));
  host.load([request(first)]);
  const owners = [...host.plan.owners];
  expect(host.load([request(plain('new')), request(first), request(second)])).toEqual([
    {
      source: 'f.yaml:3',
      message: 'app "second" wants 6 tables in stage "save", which is full: it belongs to first',
      fix: 'load only one of them',
    },
  ]);
  expect([...host.apps.keys()]).toEqual(['first']);
  expect([...host.plan.owners]).toEqual(owners);
  // In place of the first it fits.
  expect(host.load([request(second)])).toEqual([]);
  expect([...host.plan.owners.values()].map(({ app, table, id }) => [app, table, id])).toEqual(
    tables(6).map((table, n) => ['second', table, 116 + 2 * n]),
  );
  expect(host.load([request(at('greedy', 'save', tables(13)))]).map(({ message }) => message)).toEqual([
    'app "greedy" wants 13 tables in stage "save", which has 12',
  ]);
});

test('tables stand two apart; then between those, but not between several of one app', () => {
  const host = createAppHost();
  const load = (...apps: AnyApp[]) => host.load(apps.map((app) => request(app))).map(({ message }) => message);
  const ids = (name: string) => [...host.plan.owners.values()].flatMap(({ app, id }) => (app === name ? [id] : []));
  const single = tables(8).map((name) => at(name, 'save', ['t']));
  const several = at('several', 'save', ['a', 'b', 'c']);
  expect(load(single[0]!, several, ...single.slice(1, 7))).toEqual([]);
  expect(ids('several')).toEqual([118, 120, 122]);
  // Nobody at 119 and 121: from 118 it may send what comes to 122 past them.
  expect(single.flatMap(({ name }) => ids(name))).toEqual([116, 124, 126, 117, 123, 125, 127]);
  expect(load(single[0]!, several, ...single.slice(1))).toEqual([
    'app "t7" wants a table in stage "save", which is full: it belongs to t0, several, t1, t2, t3, t4, t5, t6',
  ]);
});

test('an app that is put back has the tables and fields that it had, wherever its new version got them', () => {
  const host = createAppHost();
  const version = (names: string[], bits: number) =>
    defineApp({
      name: 'a',
      tables: Object.fromEntries(names.map((name) => [name, { stage: 'save' as const }])),
      fields: { f: { bits, text: 'F' } },
      attach: () => undefined,
    });
  const one = version(['x'], 4);
  const rival = at('rival', 'save', ['t']);
  host.load([request(one), request(rival)]);
  const first = host.apps.get('a')!;
  // Two tables have no room beside each other before the other app's.
  host.load([request(version(['w', 'x'], 12)), request(rival)]);
  const second = host.apps.get('a')!;
  expect(second.tables.get('x')).not.toBe(first.tables.get('x'));
  host.putBack(first, second, 'it failed');
  expect(host.apps.get('a')).toBe(first);
  const mine = [...host.plan.owners.values()].filter(({ app }) => app === 'a');
  expect(mine.map(({ table, id }) => [table, id])).toEqual([...first.tables]);
  // Loaded once more it is the same, so nothing of it moved.
  expect(host.load([request(one), request(rival)])).toEqual([]);
  expect(host.apps.get('a')).toBe(first);
});

test('a load that fails moves nobody, in a later run either', () => {
  const memory = createStore();
  const host = createAppHost({ memory });
  const rival = at('rival', 'save', ['t']);
  const a = at('a', 'save', ['x']);
  host.load([request(a), request(rival)]);
  const owners = [...host.plan.owners];
  expect(
    host.load([request(at('a', 'save', ['w', 'x'])), request(rival), request(at('b', 'save', tables(12)))]),
  ).toEqual([expect.objectContaining({ message: expect.stringContaining('app "b" wants 12 tables') })]);
  const later = createAppHost({ memory });
  expect(later.load([request(a), request(rival)])).toEqual([]);
  expect([...later.plan.owners]).toEqual(owners);
});

test('numbers and conntrack zones follow from names', () => {
  const [one, two] = [createAppHost(), createAppHost()];
  one.load([request(plain('x')), request(plain('y'))]);
  two.load([request(plain('y')), request(plain('x'))]);
  expect(one.apps.get('x')!.number).toBe(two.apps.get('x')!.number);
  expect(one.apps.get('x')!.ctZone('router edge')).toBe(two.apps.get('y')!.ctZone('router edge'));
});

const fielded = (name: string, fields: Record<string, number>, uses: string[] = []): AnyApp =>
  defineApp({
    name,
    fields: Object.fromEntries(Object.entries(fields).map(([field, bits]) => [field, { bits, text: field }])),
    uses,
    attach: () => undefined,
  });

test('fields: an app may use its own and those that it names; it is another object when one of them has moved', () => {
  const host = createAppHost();
  const user = fielded('user', { own: 4 }, ['owner.hop', 'owner.talk']);
  const owner = { ...fielded('owner', { hop: 16, secret: 2 }), offers: [{ name: 'owner.talk' }] };
  expect(host.load([request(user), request(owner)])).toEqual([]);
  const before = host.apps.get('user')!;
  expect([...before.fields.keys()].toSorted()).toEqual(['owner.hop', 'user.own']);
  expect(host.load([request(user), request(owner), request(fielded('third', { x: 32 }))])).toEqual([]);
  expect(host.apps.get('user')).toBe(before);
  // The owner wants more of it: it lies elsewhere now.
  const wider = { ...fielded('owner', { hop: 17 }), offers: [{ name: 'owner.talk' }] };
  expect(host.load([request(user), request(wider)])).toEqual([]);
  const after = host.apps.get('user')!;
  expect(after).not.toBe(before);
  expect(after.fields.get('owner.hop')).toMatchObject({ bits: 17 });
  after.fault('a1', 'it broke');
  expect(after.error).toBe('it broke');
});

test('what an app uses and nobody has, too many bits, and two apps of one name: refused, and nothing has changed', () => {
  const host = createAppHost();
  const a = fielded('a', { x: 30 });
  expect(host.load([request(a)])).toEqual([]);
  const [apps, fields] = [host.apps, [...host.fields.fields]];
  const refusals = (...definitions: AnyApp[]) =>
    host.load(definitions.map((definition) => request(definition))).map(({ message, fix }) => `${message}; ${fix}`);
  expect(refusals(fielded('b', {}, ['c.x']))).toEqual([
    'app "b" uses "c.x", and no app "c" is loaded; load it too, or leave "b" out',
  ]);
  expect(refusals(a, fielded('b', {}, ['a.y']))).toEqual([
    'app "b" uses "a.y", but app "a" has a.x; mend `uses` of "b"',
  ]);
  const greedy = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`f${i}`, 32]));
  expect(refusals(a, fielded('greedy', greedy))).toEqual([
    expect.stringMatching(/^app "greedy" wants 32 bits in registers for field "greedy\.f10".* app "a" \(a\.x, 30\)/),
  ]);
  expect(refusals(a, fielded('a', {}))).toEqual([
    'two apps are called "a": one of f.yaml:3, one of f.yaml:3; give one of them another name, or leave it out',
  ]);
  expect([host.apps, [...host.fields.fields]]).toEqual([apps, fields]);
});

test('numbers, zones and fields are those of an earlier run', () => {
  const memory = createStore();
  const first = createAppHost({ memory });
  first.load([request(fielded('a', { x: 20 })), request(fielded('b', { y: 20 }))]);
  const places = [...first.fields.fields.values()].map(({ name, place }) => [name, place]);
  const second = createAppHost({ memory });
  second.load([request(fielded('b', { y: 20 })), request(fielded('a', { x: 20 }))]);
  expect([...second.fields.fields.values()].map(({ name, place }) => [name, place])).toEqual(places.toReversed());
  const rehearsed = second.copy();
  rehearsed.load([request(fielded('c', { z: 9 }))]);
  expect(new Map(memory.space('fields').entries()).has('c.z')).toBe(false);
});

test('tables are those of an earlier run, wherever in the file an app more stands', () => {
  const memory = createStore();
  const ids = (host: ReturnType<typeof createAppHost>) =>
    Object.fromEntries([...host.plan.owners.values()].map(({ app, table, id }) => [`${app}.${table}`, id]));
  const [a, b, c] = [at('a', 'save', ['x', 'y']), at('b', 'save', ['z']), at('c', 'save', ['w'])];
  const first = createAppHost({ memory });
  first.load([request(a), request(b)]);
  const places = ids(first);
  const second = createAppHost({ memory });
  second.load([request(c), request(b), request(a)]);
  expect(ids(second)).toEqual({ ...places, 'c.w': 122 });
  // One that was not loaded for a run finds its place free again; nobody needed it.
  const third = createAppHost({ memory });
  third.load([request(c)]);
  expect(ids(third)).toEqual({ 'c.w': 122 });
  third.load([request(at('d', 'save', ['v'])), request(c)]);
  expect(ids(third)).toEqual({ 'c.w': 122, 'd.v': 124 });
  third.load([request(c), request(b), request(a)]);
  expect(ids(third)).toMatchObject(places);
  // Where there is no other room it is taken.
  const full = createAppHost({ memory });
  expect(full.load([request(at('e', 'save', tables(12)))])).toEqual([]);
  const after = createAppHost({ memory });
  after.load([request(a)]);
  expect(ids(after)).toEqual({ 'a.x': 116, 'a.y': 118 });
});

test('a place that was taken belongs to who has it: who had it before does not come first again', () => {
  const memory = createStore();
  const [x, a, e] = [at('x', 'save', ['v', 'w']), at('a', 'save', ['t']), at('e', 'save', tables(8))];
  const idOf = (host: ReturnType<typeof createAppHost>, name: string) =>
    [...host.plan.owners.values()].filter(({ app }) => app === name).map(({ id }) => id);
  createAppHost({ memory }).load([request(x), request(a)]);
  const full = createAppHost({ memory });
  full.load([request(e)]);
  const host = createAppHost({ memory });
  expect(host.load([request(a), request(e)])).toEqual([]);
  expect(idOf(host, 'e')).toEqual(idOf(full, 'e'));
  expect(idOf(host, 'a')).toEqual([124]);
});

test('there are numbers for 255 apps; the one beyond is refused by its line', () => {
  const host = createAppHost();
  const many = Array.from({ length: 256 }, (_, i) => request(plain(`app${i}`)));
  expect(host.load(many)).toEqual([
    {
      source: 'f.yaml:3',
      message: expect.stringMatching(/^no number is left for "app255": all 255/),
      fix: expect.anything(),
    },
  ]);
  expect(host.apps.size).toBe(0);
  // Neither what was refused nor what has gone keeps a number.
  expect(host.load(many.slice(0, 255))).toEqual([]);
  expect(host.load(many.slice(10, 255))).toEqual([]);
  expect(host.load(many.slice(10))).toEqual([]);
});

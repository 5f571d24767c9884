/** The house keeps its import rule, and has no cycles. */

import { expect, test } from 'vitest';
import { cyclesOf, importsOf, readGraph, resolveImport } from './import-graph.ts';
import { ROOMS, violationsOf } from './import-rule.ts';

const graph = readGraph();

test('every import keeps the rule', () => {
  expect(violationsOf(graph)).toEqual([]);
});

// Types may refer to each other across files; what Node loads may not.
test('no cycles', () => {
  expect(cyclesOf(readGraph('values')).map((cycle) => cycle.join(' → '))).toEqual([]);
});

test('the files are seen', () => {
  expect(graph.size).toBeGreaterThan(100);
  expect(graph.get('src/config/load.ts')).toEqual(expect.arrayContaining(['src/config/shape.ts', 'node:fs']));
});

test('imports are found in every form, and not in comments', () => {
  const text = `/** import { no } from './no.ts' */
// import './no.ts';
import a from './a.ts';
import type { B } from '../b.ts';
import {
  c,
  type D,
} from "pkg/c";
import * as e from 'node:fs';
import './effect.ts';
export { f } from './f.ts';
export type * from './g.ts';
export const h = 'x';
const later = await import('./i.ts');
type J = import('./j.ts').J;
`;
  expect(importsOf(text).toSorted()).toEqual(
    ['./a.ts', '../b.ts', 'pkg/c', 'node:fs', './effect.ts', './f.ts', './g.ts', './i.ts', './j.ts'].toSorted(),
  );
  expect(importsOf(text, 'values').toSorted()).toEqual(
    ['./a.ts', 'pkg/c', 'node:fs', './effect.ts', './f.ts', './i.ts', './j.ts'].toSorted(),
  );
  expect(resolveImport('src/flow/x.ts', '../openflow/y.ts')).toBe('src/openflow/y.ts');
});

test.for([
  ['proto/wire/a.ts', 'src/flow/b.ts'],
  ['proto/wire/a.ts', 'node:fs'],
  ['proto/wire/a.ts', 'zod'],
  ['proto/openflow/a.ts', 'proto/ovsdb/b.ts'],
  ['src/transport/a.ts', 'proto/openflow/b.ts'],
  ['src/openflow/a.ts', 'src/ovsdb/b.ts'],
  ['src/ovsdb/a.ts', 'src/openflow/b.ts'],
  ['src/openflow/a.ts', 'src/flow/b.ts'],
  ['src/flow/a.ts', 'src/app/b.ts'],
  ['src/packet/a.ts', 'src/flow/b.ts'],
  ['src/config/a.ts', 'node:net'],
  ['src/api/a.ts', 'src/app/b.ts'],
  ['src/api/a.ts', 'src/openflow/b.ts'],
  ['src/app/a.ts', 'src/main.ts'],
  ['apps/nat/a.ts', 'src/flow/b.ts'],
  ['apps/nat/a.ts', 'src/config/model.ts'],
  ['apps/nat/a.ts', 'apps/router/b.ts'],
  ['apps/dashboard/web/src/a.tsx', 'src/api/snapshot.ts'],
  ['apps/dashboard/web/src/a.tsx', 'src/index.ts'],
  ['src/index.ts', 'src/main.ts'],
  ['src/main.ts', 'test/a.ts'],
  ['src/nowhere/a.ts', 'zod'],
  ['src/flow/a.ts', '../elsewhere/b.ts'],
  ['src/sim/a.ts', 'src/flow/b.ts'],
  ['src/control/a.ts', 'src/main/b.ts'],
  ['src/testing/a.ts', 'src/main/b.ts'],
  ['src/testing/a.ts', 'src/transport/b.ts'],
  ['examples/gate/index.ts', 'src/index.ts'],
  ['examples/gate/index.ts', 'node-fetch'],
])('%s may not import %s', ([file, target]) => {
  expect(violationsOf(new Map([[file!, [target!]]]))).toHaveLength(1);
});

test.for([
  ['src/flow/a.ts', 'src/openflow/b.ts'],
  ['src/ovsdb/a.ts', 'src/api/snapshot.ts'],
  ['src/app/a.ts', 'src/packet/b.ts'],
  ['apps/nat/a.ts', 'src/index.ts'],
  ['apps/nat/a.ts', 'apps/nat/b.ts'],
  ['src/main.ts', 'src/ovsdb/b.ts'],
  ['src/control/a.ts', 'apps/topology/services.ts'],
  ['src/testing/a.ts', 'src/sim/b.ts'],
  ['src/flow/a.ts', 'src/clock.ts'],
  ['examples/gate/index.test.ts', 'examples/gate/index.ts'],
  ['examples/gate/index.test.ts', 'flowloom/testing'],
])('%s may import %s', ([file, target]) => {
  expect(violationsOf(new Map([[file!, [target!]]]))).toEqual([]);
});

test('cycles are found', () => {
  const made = new Map([
    ['a', ['b', 'zod']],
    ['b', ['c']],
    ['c', ['b']],
    ['d', ['a', 'd']],
  ]);
  expect(cyclesOf(made)).toEqual([['b', 'c'], ['d']]);
});

test('every room with a rule says what it may import', () => {
  for (const room of Object.values(ROOMS)) expect(room.paths.length).toBeGreaterThan(0);
});

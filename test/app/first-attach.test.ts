/** An app that can't begin on a switch of which not all is read yet: its tables are held when it is known what stands there. */

import { expect, test } from 'vitest';
import { awaitFirstAttach } from '../../src/app/first-attach.ts';
import { cookieOf } from '../../src/flow/cookie.ts';
import { flowContent, flowIdentity } from '../../src/flow/flow-bytes.ts';
import { MAIN } from '../../src/flow/namespace.ts';
import { type ActualFlow, actualFlow } from '../../src/flow/reconcile/diff.ts';

const app = {
  name: 'failing',
  number: 3,
  tables: new Map([
    ['full', 7],
    ['empty', 8],
  ]),
};

function standing(tableId: number): ActualFlow[] {
  if (tableId !== 7) return [];
  const parts = { tableId, priority: 1, match: {}, instructions: [], idleTimeout: 0, hardTimeout: 0, flags: [] };
  return [actualFlow(flowIdentity(parts), flowContent({ ...parts, cookie: cookieOf(MAIN, 3, 1n) }))];
}

function start() {
  const held: string[] = [];
  const waits: boolean[] = [];
  let isRead = false;
  const waiting: (() => void)[] = [];
  const site = {
    name: () => 'hv1/br0',
    namespace: MAIN,
    standing: (tableId: number) => (isRead ? standing(tableId) : []),
    waitFor: (_: number, each: boolean) => void waits.push(each),
    whenRead: (run: () => void) => void waiting.push(run),
  };
  const first = awaitFirstAttach(site, { hold: (_, table) => held.push(table) > 0 }, app);
  return {
    ...{ first, held, waits },
    read() {
      isRead = true;
      for (const run of waiting) run();
    },
  };
}

test('the tables in which its flows stand are held as soon as all is read', () => {
  const { first, held, waits, read } = start();
  first.failed();
  expect([held, waits]).toEqual([[], [true]]);
  read();
  expect(held).toEqual(['full']);
});

test.for(['succeeded', 'end'] as const)('none is where it has %s meanwhile', (how) => {
  const { first, held, waits, read } = start();
  first.failed();
  first[how]();
  read();
  expect([held, waits]).toEqual([[], [true, false]]);
});

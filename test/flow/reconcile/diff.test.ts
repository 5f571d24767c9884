/** Desired against actual: only differences, never what is foreign, learned, or lives by its own timeout. */

import { expect, test } from 'vitest';
import { canonicalMatch } from '../../../src/flow/canonical.ts';
import { cookieOf, REACTIVE, STATE } from '../../../src/flow/cookie.ts';
import type { TableFlow } from '../../../src/flow/flow.ts';
import { flowContent, flowIdentity } from '../../../src/flow/flow-bytes.ts';
import { createFlowIndex } from '../../../src/flow/flow-index.ts';
import { MAIN } from '../../../src/flow/namespace.ts';
import { type ActualFlow, diffFlows, diffGroups, diffingFlows, pairsOf } from '../../../src/flow/reconcile/diff.ts';
import { atOnce, SLICE } from '../../../src/flow/slices.ts';
import type { DesiredFlow, DesiredGroup } from '../../../src/flow/weave/weaver.ts';

function flow(inPort: number, cookie: bigint, tableId?: number): ActualFlow & DesiredFlow {
  const plain: TableFlow = {
    tableId: 3,
    priority: 4,
    match: canonicalMatch({ inPort }),
    instructions: tableId === undefined ? [] : [{ type: 'gotoTable', tableId }],
    cookie,
    idleTimeout: 0,
    hardTimeout: 0,
    flags: [],
  };
  const named = { ...plain, identity: flowIdentity(plain), content: flowContent(plain) };
  return { ...named, duration: 0, app: 'a', key: String(inPort), intent: { text: 'x' } };
}

const byIdentity = <F extends { identity: string }>(...flows: F[]) =>
  new Map(flows.map((each) => [each.identity, each]));
const ours = cookieOf(MAIN, 1, 5n);
const ports = (flows: { match: { inPort?: unknown } }[]) => flows.map(({ match }) => match.inPort);

test('added, changed, removed, unchanged', () => {
  const desired = byIdentity(flow(1, ours), flow(2, ours, 9), flow(3, cookieOf(MAIN, 1, 6n)), flow(4, ours));
  const actual = byIdentity(flow(1, ours), flow(2, ours, 8), flow(3, ours), flow(5, ours));
  const { add, remove, unchanged, occupied } = diffFlows(MAIN, pairsOf(desired, actual), () => false);
  expect([ports(add), ports(remove), unchanged, occupied]).toEqual([[2, 3, 4], [5], 1, []]);
});

test('what is foreign stays, also where ours should stand; what the switch learned stays', () => {
  const learned = [cookieOf(MAIN, 1, STATE | 1n), cookieOf(MAIN, 2, STATE | 1n)] as const;
  const actual = byIdentity(flow(1, 0n), flow(2, 0x1n), flow(3, learned[0]), flow(4, learned[1]));
  const { add, remove, occupied } = diffFlows(MAIN, pairsOf(byIdentity(flow(2, ours)), actual), () => true);
  expect([add, remove]).toEqual([[], []]);
  expect(occupied.map(({ foreign }) => foreign.cookie)).toEqual([1n]);
});

test('a flow with a timeout is withdrawn by the process that set it, and by no other', () => {
  const reactive = cookieOf(MAIN, 1, 5n | REACTIVE);
  const actual = byIdentity(flow(1, reactive), flow(2, reactive));
  const mine = flow(2, reactive).identity;
  expect(ports(diffFlows(MAIN, pairsOf(new Map(), actual), (identity) => identity === mine).remove)).toEqual([2]);
});

test('what others put in a place while the work rests counts, in each place that is looked at after that', () => {
  const index = createFlowIndex<DesiredFlow, ActualFlow>();
  for (let port = 1; port <= 3 * SLICE; port++) index.wanted.set(flow(port, ours).identity, flow(port, ours));
  const work = diffingFlows(MAIN, index.pairs(), () => false);
  work.next();
  for (const port of [SLICE, SLICE + 1]) index.standing.set(flow(port, 7n).identity, flow(port, 7n));
  const { add, occupied } = atOnce(work);
  expect(add).toHaveLength(3 * SLICE - 2);
  expect(ports(occupied.map(({ foreign }) => foreign))).toEqual([SLICE, SLICE + 1]);
});

test('groups', () => {
  const group = (groupId: number, content: string) => [groupId, { groupId, content } as DesiredGroup] as const;
  const desired = new Map([group(1, 'a'), group(2, 'b'), group(3, 'c')]);
  const actual = new Map([
    [1, 'a'],
    [2, 'other'],
    [4, 'd'],
  ]);
  const { add, modify, remove } = diffGroups(desired, actual);
  expect([add.map(({ groupId }) => groupId), modify.map(({ groupId }) => groupId), remove]).toEqual([[3], [2], [4]]);
});

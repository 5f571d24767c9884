/** Flows as bytes: whatever a switch writes is the same flow as what we would have written, and what we send says so. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import { type Match, oxmFields } from '../../proto/openflow/match.ts';
import { putInOrder } from '../../proto/openflow/match-canonical.ts';
import { encodeMessage } from '../../proto/openflow/message.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { canonicalMatch } from '../../src/flow/canonical.ts';
import {
  describeIdentity,
  flowContent,
  flowIdentity,
  flowOf,
  identityId,
  identityIn,
  identityWithId,
  isSameContent,
  withoutFlags,
} from '../../src/flow/flow-bytes.ts';
import { putFlowMod } from '../../src/flow/reconcile/flow-mod-bytes.ts';
import { flowAdd, flowDelete } from '../../src/flow/reconcile/messages.ts';
import { plainFlow } from '../flow/plain-flow.ts';
import { soundFlow } from '../oracle/sound-flow.ts';
import { u16, u64 } from './arbitrary.ts';
import { match as anyMatch } from './openflow-fields.ts';

function fieldsOf(match: Match): Uint8Array {
  const writer = new Writer();
  oxmFields.encode(writer, match);
  return writer.finish().slice();
}

/** The same fields, in another order. */
function turned(match: Match, by: number): Match {
  const entries = Object.entries(match);
  const at = entries.length === 0 ? 0 : by % entries.length;
  return Object.fromEntries([...entries.slice(at), ...entries.slice(0, at).reverse()]) as Match;
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

test('a match in any order of its fields is its canonical form, decoded or not', () => {
  let plain = 0;
  fc.assert(
    fc.property(anyMatch, fc.nat(10), (match, by) => {
      const bytes = fieldsOf(turned(match, by));
      const wanted = fieldsOf(canonicalMatch(match));
      const target = new Uint8Array(bytes.length);
      const end = putInOrder(bytes, 0, bytes.length, target, 0);
      if (end >= 0) plain++;
      if (end >= 0) expect(latin1(target.subarray(0, end))).toBe(latin1(wanted));
      const identity = identityIn(7, 300, bytes, 0, bytes.length);
      expect(identity).toBe(`\x07\x01\x2c${latin1(wanted)}`);
      expect(flowIdentity({ tableId: 7, priority: 300, match: turned(match, by) })).toBe(identity);
      expect(flowOf(identity, '').match).toEqual(canonicalMatch(match));
      expect(identityWithId(identityId(identity))).toBe(identity);
    }),
    { numRuns: 2000 },
  );
  // Both ways were gone.
  expect(plain).toBeGreaterThan(100);
  expect(plain).toBeLessThan(1900);
});

test.for<[string, Match]>([
  ['a full mask', { ethType: 0x0800, ipv4Dst: { value: '10.0.0.1', mask: '255.255.255.255' } }],
  ['a full mask of 13 bits', { vlanVid: { value: 0x1005, mask: 0x1fff } }],
  ['an empty mask', { metadata: { value: 0n, mask: 0n } }],
  ['bits outside the mask', { reg0: { value: 0xff, mask: 0x0f } }],
  ['a tunnel option', { tunMetadata0: '0x0102' }],
  ["an experimenter's field", { ethType: 0x0800, ipProto: 6, tcpFlags: { value: 2, mask: 0xfff } }],
])('what is not plain is decoded: %s', ([, match]) => {
  const bytes = fieldsOf(match);
  expect(putInOrder(bytes, 0, bytes.length, new Uint8Array(bytes.length), 0)).toBe(-1);
  expect(identityIn(0, 1, bytes, 0, bytes.length).slice(3)).toBe(latin1(fieldsOf(canonicalMatch(match))));
});

test('a field that stands twice, or is cut off, is refused', () => {
  const one = fieldsOf({ inPort: 1 });
  const twice = Uint8Array.from([...one, ...one]);
  expect(() => identityIn(0, 1, twice, 0, twice.length)).toThrow('stands twice');
  expect(() => identityIn(0, 1, one, 0, one.length - 1)).toThrow('needs 4 bytes, 3 are left');
});

const flow = fc
  .tuple(soundFlow, u64, u16, u16, u16, fc.integer({ min: 0, max: 254 }), fc.subarray(['sendFlowRem', 'noPktCounts']))
  .map(([{ match, instructions }, cookie, idleTimeout, hardTimeout, priority, tableId, flags]) => ({
    ...{ tableId, priority, match: canonicalMatch(match), instructions, cookie, idleTimeout, hardTimeout },
    flags: flags as ('sendFlowRem' | 'noPktCounts')[],
  }));

test('what is sent from the bytes is what the codec would send', () => {
  fc.assert(
    fc.property(flow, fc.nat(), (made, xid) => {
      const bytes = { identity: flowIdentity(made), content: flowContent(made) };
      for (const [command, message] of [['add', flowAdd(made)] as const, ['deleteStrict', flowDelete(made)] as const]) {
        const writer = new Writer(16);
        writer.u32(0xdeadbeef);
        putFlowMod(writer, xid, command, bytes);
        expect(latin1(writer.finish().subarray(4))).toBe(latin1(encodeMessage({ ...message, xid })));
      }
      expect(plainFlow(flowOf(bytes.identity, bytes.content))).toEqual(made);
    }),
    { numRuns: 1000 },
  );
});

const terms = { idleTimeout: 1, hardTimeout: 2, cookie: 3n };
const into = (instructions: Instruction[]) => flowContent({ ...terms, flags: ['sendFlowRem'], instructions });

test('the same in other bytes is the same; flags count only where they are told', () => {
  const ours = into([{ type: 'applyActions', actions: [{ type: 'popVlan' }] }]);
  // The pad of an action without arguments.
  const padded = `${ours.slice(0, -1)}\x07`;
  expect([padded === ours, isSameContent(padded, ours), isSameContent(ours, padded)]).toEqual([false, true, true]);
  expect(isSameContent(ours, into([{ type: 'gotoTable', tableId: 9 }]))).toBe(false);
  expect(isSameContent(ours, flowContent({ ...terms, flags: [], instructions: [] }))).toBe(false);
  const silent = flowContent({ ...terms, flags: [], instructions: flowOf('\0\0\0', ours).instructions });
  expect([silent === ours, withoutFlags(silent) === withoutFlags(ours)]).toEqual([false, true]);
});

test('what a switch says of instructions and nobody can read is shown as it came', () => {
  const content = `${flowContent({ ...terms, flags: [], instructions: [] })}\0\x04\0\x10\0\0\0\0\0\0\0\x03\0\0\0\0`;
  expect(flowOf('\0\0\0', content).instructions).toEqual([
    { type: 'unknown', code: 4, body: Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0]) },
  ]);
  expect(isSameContent(content, into([]))).toBe(false);
});

test('for people in words, for programs in digits', () => {
  const identity = flowIdentity({
    tableId: 30,
    priority: 100,
    match: { ipv4Dst: { value: '10.0.0.0', mask: '255.0.0.0' }, ethType: 0x0800 },
  });
  expect(describeIdentity(identity)).toBe('30/100/ethType=2048/ipv4Dst=10.0.0.0/255.0.0.0');
  expect(identityId(identity)).toBe('30/100/80000a0208008000 1908 0a000000ff000000'.replaceAll(' ', ''));
  for (const id of ['', '30', '30/100', '30/100/8', '30/100/xx', 'a/b/']) expect(identityWithId(id)).toBeUndefined();
});

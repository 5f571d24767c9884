/** Templates: their messages are the codec's, byte for byte, whatever the numbers; what can't be one is refused by name. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeMessage } from '../../../proto/openflow/message.ts';
import { output } from '../../../src/flow/actions.ts';
import { MAIN } from '../../../src/flow/namespace.ts';
import { flowAdd, flowDelete } from '../../../src/flow/reconcile/messages.ts';
import {
  type FlowTemplate,
  fill,
  putSlots,
  slot,
  slotsOf,
  takeSlots,
  templateBytes,
} from '../../../src/flow/timed/template.ts';
import type { Scope } from '../../../src/flow/weave/compile.ts';
import { desiredFlow } from '../../../src/flow/weave/desired.ts';
import { plainFlow } from '../plain-flow.ts';

const nowhere = () => {
  throw new Error('no names here');
};
const scope = {
  table: () => 150,
  groupId: nowhere,
  meterId: nowhere,
  field: nowhere,
  zone: nowhere,
} as unknown as Scope;
const place = { app: { name: 'test', number: 7 }, tableId: 120, key: '' };
const rest = { priority: 10, idleTimeout: 300, intent: 'a test' };

const templates: Record<string, FlowTemplate> = {
  'two stations': {
    ...rest,
    match: { inPort: slot(0), ethSrc: slot(1), ethDst: slot(2) },
    actions: [output(slot(3))],
  },
  'a connection': {
    ...rest,
    match: { ethType: 0x0800, ipProto: 6, ipv4Src: slot(3), ipv4Dst: slot(0), tcpSrc: slot(1), tcpDst: slot(2) },
    actions: [{ type: 'set', field: 'ethDst', value: slot(4) }, output(slot(5)), { type: 'goto', table: 'next' }],
  },
  'one number in two places': {
    ...rest,
    match: { vlanVid: 0x1001, reg3: slot(1), ethSrc: slot(0) },
    actions: [{ type: 'set', field: 'ethDst', value: slot(0) }, output(slot(2)), output(9)],
  },
};

for (const [name, template] of Object.entries(templates)) {
  const slots = slotsOf(template);
  const flowOf = (values: ArrayLike<number>) => desiredFlow(MAIN, place, fill(template, values), scope);
  const numbers = fc.tuple(
    ...slots.map(({ most }) => fc.oneof(fc.maxSafeNat(), fc.constant(most)).map((n) => n % (most + 1))),
  );

  for (const [kind, message] of [
    ['add', flowAdd],
    ['delete', flowDelete],
  ] as const) {
    test(`${name}, ${kind}: numbers in place are what the codec writes, and read back`, () => {
      const made = templateBytes(slots, (values) => message(flowOf(values)));
      fc.assert(
        fc.property(numbers, fc.nat(30), (values, at) => {
          const buffer = new Uint8Array(made.bytes.length + 60);
          buffer.set(made.bytes, at);
          putSlots(made, buffer, new DataView(buffer.buffer), at, Float64Array.from(values));
          const written = buffer.subarray(at, at + made.bytes.length);
          expect(Buffer.from(written)).toEqual(Buffer.from(encodeMessage({ ...message(flowOf(values)), xid: 0 })));
          if (kind === 'delete') return;
          const back = new Float64Array(8);
          expect(takeSlots(made, written, back)).toBe(true);
          expect([...back].slice(0, values.length)).toEqual(values);
        }),
      );
    });
  }

  test(`${name}: another flow is not taken for one of it`, () => {
    const made = templateBytes(slots, (values) => flowAdd(flowOf(values)));
    const flow = plainFlow(flowOf(slots.map(() => 1)));
    for (const other of [
      { ...flow, idleTimeout: 299 },
      { ...flow, priority: 11 },
      { ...flow, instructions: [] },
    ]) {
      expect(takeSlots(made, encodeMessage({ ...flowAdd(other), xid: 0 }), new Float64Array(8))).toBe(false);
    }
  });
}

const sound = { ...rest, match: {}, actions: [] };
const refused: [FlowTemplate, string][] = [
  [{ ...sound, actions: [output(slot(1))] }, 'slot(0) stands nowhere'],
  [{ ...sound, actions: [output(slot(8))] }, 'slots are numbered from 0 to 7'],
  [{ ...sound, match: { ipv6Src: slot(0) } as never }, `a slot can't stand for "ipv6Src"`],
  [{ ...sound, match: { segment: slot(0) } as never }, `a slot can't stand for "segment"`],
];

test.each(refused)('what cannot be a template: %#', (template, reason) => {
  expect(() => slotsOf(template)).toThrow(reason);
});

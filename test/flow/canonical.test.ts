/** The canonical form: whatever says the same is the same text, whatever differs is not. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Match } from '../../proto/openflow/match.ts';
import { canonicalMatch } from '../../src/flow/canonical.ts';
import type { TableFlow } from '../../src/flow/flow.ts';
import { flowContent, flowIdentity } from '../../src/flow/flow-bytes.ts';

const identity = (match: Match) => flowIdentity({ tableId: 1, priority: 2, match: canonicalMatch(match) });

test('full masks and empty masks are left out, bits outside a mask are zero', () => {
  expect(
    canonicalMatch({
      ipv4Dst: { value: '10.66.66.67', mask: '255.255.255.0' },
      ethType: 0x0800,
      ipv4Src: { value: '10.0.0.1', mask: '255.255.255.255' },
      ethDst: { value: '02:00:00:00:00:01', mask: '00:00:00:00:00:00' },
      metadata: { value: 0xffn, mask: 0x0fn },
      reg0: { value: 3, mask: 0xffffffff },
      ctLabel: { value: '0x00ff', mask: '0xffffffffffffffffffffffffffffffff' },
      ipv6Src: { value: '2001:db8::1', mask: 'ffff:ffff::' },
    }),
  ).toEqual({
    ethType: 0x0800,
    ipv4Src: '10.0.0.1',
    ipv4Dst: { value: '10.66.66.0', mask: '255.255.255.0' },
    metadata: { value: 0xfn, mask: 0xfn },
    reg0: 3,
    ctLabel: '0xff',
    ipv6Src: { value: '2001:db8::', mask: 'ffff:ffff::' },
  });
});

test('an option of a tunnel keeps its width, and is full when its own width is', () => {
  expect(
    canonicalMatch({
      tunMetadata0: { value: '0x000102ff', mask: '0x0000ff00' },
      tunMetadata1: { value: '0x0001', mask: '0xffff' },
      tunMetadata2: { value: '0x0001', mask: '0x0000' },
      tunMetadata3: '0x0000002a',
    }),
  ).toEqual({
    tunMetadata0: { value: '0x00000200', mask: '0x0000ff00' },
    tunMetadata1: '0x0001',
    tunMetadata3: '0x0000002a',
  });
});

test('fields stand in the order of what they need, however they were written', () => {
  const wanted = ['inPort', 'ethType', 'ipProto', 'tcpDst'];
  expect(Object.keys(canonicalMatch({ tcpDst: 80, ipProto: 6, inPort: 1, ethType: 0x0800 }))).toEqual(wanted);
});

const someMatch = fc.record(
  {
    inPort: fc.nat(100),
    metadata: fc.record({ value: fc.bigInt(0n, 0xffffn), mask: fc.bigInt(0n, 0xffffn) }),
    reg1: fc.record({ value: fc.nat(), mask: fc.nat() }),
    ethDst: fc.constant('02:00:00:00:00:01'),
  },
  { requiredKeys: [] },
);

test('the canonical form of itself, and the same for any order', () => {
  fc.assert(
    fc.property(someMatch, (match) => {
      const once = canonicalMatch(match);
      expect(canonicalMatch(once)).toEqual(once);
      const reversed = Object.fromEntries(Object.entries(match).reverse()) as Match;
      expect(identity(reversed)).toBe(identity(match));
    }),
  );
});

test('identity: table, priority, match; nothing else', () => {
  const match = canonicalMatch({ inPort: 1 });
  const texts = [
    flowIdentity({ tableId: 1, priority: 2, match }),
    flowIdentity({ tableId: 12, priority: 2, match }),
    flowIdentity({ tableId: 1, priority: 22, match }),
    identity({ inPort: 2 }),
    identity({ inPort: 1, reg0: 1 }),
    identity({ inPort: 1, reg0: { value: 1, mask: 1 } }),
    identity({}),
  ];
  expect(new Set(texts).size).toBe(texts.length);
});

test('content: cookie, timeouts, flags and instructions', () => {
  const flow: TableFlow = {
    tableId: 1,
    priority: 2,
    match: {},
    instructions: [{ type: 'gotoTable', tableId: 5 }],
    cookie: 1n,
    idleTimeout: 0,
    hardTimeout: 0,
    flags: [],
  };
  const texts = [
    flow,
    { ...flow, cookie: 2n },
    { ...flow, idleTimeout: 1 },
    { ...flow, hardTimeout: 1 },
    { ...flow, flags: ['sendFlowRem' as const] },
    { ...flow, instructions: [] },
    { ...flow, instructions: [{ type: 'gotoTable' as const, tableId: 6 }] },
  ].map(flowContent);
  expect(new Set(texts).size).toBe(texts.length);
  const elsewhere: TableFlow = { ...flow, tableId: 9, priority: 9, match: { inPort: 1 } };
  expect(flowContent(elsewhere)).toBe(texts[0]);
});

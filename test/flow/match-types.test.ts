/** What does not compile in an app's match, and what does: held by `tsc`, which `npm test` runs over this file. */

import { describe, expect, expectTypeOf, test } from 'vitest';
import { PREREQUISITES } from '../../proto/openflow/prerequisites.ts';
import type { CheckedMatch } from '../../src/flow/checked-match.ts';
import { checkMatch } from '../../src/flow/prerequisites.ts';
import { type AppFlow, type AppMatch, ctState, type FlowTable, flow, type Match } from '../../src/index.ts';

const keys: string[] = [];
const unused = {
  delete: () => undefined,
  replace: () => undefined,
  standing: () => [],
  learned: () => [],
  forget: () => undefined,
  priorities: () => [],
};
const template = () => {
  throw new Error('none here');
};
const table: FlowTable = { set: (key) => keys.push(key), ...unused, template };
const rest = { priority: 1, actions: [], intent: 'a test' };
const station = '02:00:00:00:00:01';
const read = (value: number): number => value;

test("a field's value has the field's own type", () => {
  expectTypeOf<{ tcpDst: number }>().toExtend<AppMatch>();
  expectTypeOf<{ tcpDst: string }>().not.toExtend<AppMatch>();
  expectTypeOf<{ ethDst: string }>().toExtend<AppMatch>();
  expectTypeOf<{ metadata: number }>().not.toExtend<AppMatch>();
  expectTypeOf<{ outPort: number }>().toExtend<AppMatch>();
  expectTypeOf<{ 'router.nextHop': number }>().toExtend<AppMatch>();
  expectTypeOf<{ 'router.nextHop': { mask: number } }>().not.toExtend<AppMatch>();
  expectTypeOf<{ tunMetadata63: string }>().toExtend<AppMatch>();
  // @ts-expect-error: the last one is tunMetadata63
  const none: AppMatch = { tunMetadata64: '0x1' };
  expect(() => checkMatch(none)).toThrow('tunMetadata64');
});

test('a mask stands only on a field that can be masked', () => {
  expectTypeOf<{ ipv4Src: { value: string; mask: string } }>().toExtend<AppMatch>();
  expectTypeOf<{ ethType: { value: number; mask: number } }>().not.toExtend<AppMatch>();
  expectTypeOf<{ ipProto: { value: number; mask: number } }>().not.toExtend<AppMatch>();
});

describe('a match in a call of set', () => {
  test('compiles with what its fields need', () => {
    table.set('empty', { ...rest, match: {} });
    table.set('tcp', { ...rest, match: { ethType: 0x0800, ipProto: 6, tcpDst: 80 } });
    table.set('tcp6', { ...rest, match: { ethType: 0x86dd, ipProto: 6, tcpDst: 80 } });
    table.set('prefix', { ...rest, match: { ethType: 0x0800, ipv4Src: { value: '10.0.0.0', mask: '255.0.0.0' } } });
    table.set('arp', { ...rest, match: { ethType: 0x0806, arpOp: 1, arpTpa: '192.0.2.1' } });
    table.set('tagged', { ...rest, match: { vlanVid: { value: 0x1000, mask: 0x1000 }, vlanPcp: 3 } });
    table.set('nd', { ...rest, match: { ethType: 0x86dd, ipProto: 58, icmpv6Type: 135, ipv6NdTarget: 'fe80::1' } });
    table.set('ct', { ...rest, match: { ethType: 0x0800, ctState: ctState('+est+trk'), ctNwDst: '192.0.2.1' } });
    table.set('registers', { ...rest, match: { outPort: 5, reg3: 7, segment: { value: 1, mask: 1 } } });
    table.set('tunnel', { ...rest, match: { tunMetadata0: { value: '0x0102', mask: '0xff00' }, tunnelId: 7n } });
    expect(keys).toContain('tunnel');
  });

  test('compiles where only the run knows the values', () => {
    const known: AppMatch = { ethType: 0x0800 };
    const whole: AppFlow = { ...rest, match: known };
    table.set('a flow', whole);
    table.set('a match', { ...rest, match: known });
    const received: Match = { inPort: 5 };
    table.set("a packet's match", { ...rest, match: received });
    table.set('more of a match', { ...rest, match: { ...known, tcpDst: 80 } });
    table.set('numbers', { ...rest, match: { ethType: read(0x0800), ipProto: read(6), tcpDst: read(80) } });
    table.set('either', {
      ...rest,
      match: read(1) > 0 ? { ethType: 0x0800, ipv4Src: '192.0.2.1' } : { ethType: 0x86dd, ipv6Src: '2001:db8::1' },
    });
    table.set('perhaps', { ...rest, match: { ethType: 0x0800, ...(read(1) > 0 ? { ipProto: 6, tcpDst: 80 } : {}) } });
    expect(keys).toContain('perhaps');
  });

  test('does not compile with a field that there is not', () => {
    // @ts-expect-error tcpDts
    table.set('', { ...rest, match: { tcpDts: 80 } });
    // @ts-expect-error tcpDts
    table.set('', { ...rest, match: { ethType: 0x0800, ipProto: 6, tcpDts: 80 } });
    // @ts-expect-error a field of a flow
    table.set('', { ...rest, match: {}, idleTimeOut: 5 });
    expectTypeOf<CheckedMatch<{ tcpDts: 80 }>>().toEqualTypeOf<{ tcpDts: 'tcpDts is no field' }>();
  });

  test('does not compile with a value or a mask that the field does not take', () => {
    // @ts-expect-error no mask
    table.set('', { ...rest, match: { ethType: { value: 0x0800, mask: 0xff00 } } });
    // @ts-expect-error no mask
    table.set('', { ...rest, match: { ethType: 0x0800, ipProto: { value: 6, mask: 6 } } });
    // @ts-expect-error a number
    table.set('', { ...rest, match: { ethType: 'ip' } });
    // @ts-expect-error a bigint
    table.set('', { ...rest, match: { metadata: 5 } });
  });

  test('does not compile without what a field needs, and says what that is', () => {
    // @ts-expect-error ethType and ipProto
    table.set('', { ...rest, match: { tcpDst: 80 } });
    // @ts-expect-error ipProto
    table.set('', { ...rest, match: { ethType: 0x0800, tcpDst: 80 } });
    // @ts-expect-error ethType
    table.set('', { ...rest, match: { ipProto: 6, tcpDst: 80 } });
    // @ts-expect-error UDP is not TCP
    table.set('', { ...rest, match: { ethType: 0x0800, ipProto: 17, tcpDst: 80 } });
    // @ts-expect-error ARP has no IPv4 source
    table.set('', { ...rest, match: { ethType: 0x0806, ipv4Src: '192.0.2.1' } });
    // @ts-expect-error ICMPv6 has no IPv4
    table.set('', { ...rest, match: { ethType: 0x0800, ipProto: 58, icmpv6Type: 128 } });
    // @ts-expect-error an advertisement has no source address
    table.set('', { ...rest, match: { ethType: 0x86dd, ipProto: 58, icmpv6Type: 136, ipv6NdSll: station } });
    // @ts-expect-error 0 is untagged
    table.set('', { ...rest, match: { vlanVid: 0, vlanPcp: 3 } });
    // @ts-expect-error ctState
    table.set('', { ...rest, match: { ethType: 0x0800, ctNwSrc: '192.0.2.1' } });
    // @ts-expect-error one of both
    table.set('', { ...rest, match: read(1) > 0 ? { ethType: 0x86dd, ipv4Src: '192.0.2.1' } : {} });
    expectTypeOf<CheckedMatch<{ readonly ethType: 2048; readonly tcpDst: 80 }>>().toEqualTypeOf<{
      readonly ethType: 2048;
      readonly tcpDst: 'tcpDst in a match needs ethType 0x0800 or 0x86dd and ipProto 6 beside it';
    }>();
  });

  test('is checked by flow() too, for lists of flows', () => {
    const right: [string, AppFlow] = ['dns', flow({ ...rest, match: { ethType: 0x0800, ipProto: 17, udpDst: 53 } })];
    // @ts-expect-error ipProto
    const wrong: [string, AppFlow] = ['dns', flow({ ...rest, match: { ethType: 0x0800, udpDst: 53 } })];
    expect([right, wrong].map(([, { match }]) => match.udpDst)).toEqual([53, 53]);
  });
});

test('matches in a list given to replace are checked as in set', () => {
  const known: AppMatch = { ethType: 0x0800 };
  const computed: [string, AppFlow][] = keys.map((key) => [key, { ...rest, match: known }]);
  table.replace(computed);
  table.replace([
    ['all', { ...rest, match: {} }],
    ['web', { ...rest, match: { ethType: 0x0800, ipProto: 6, tcpDst: 80 } }],
  ]);
  table.replace([
    ['all', { ...rest, match: {} }],
    // @ts-expect-error ethType and ipProto
    ['web', { ...rest, match: { tcpDst: 80 } }],
  ]);
  expect(computed).not.toEqual([]);
});

test('what the compiler lets through is checked at run time, in the same words', () => {
  const match: AppMatch = { ethType: read(0x0806), ipProto: 6, tcpDst: 80 };
  expect(() => checkMatch(match)).toThrow(`ipProto in a match needs ${PREREQUISITES.ip.needs} beside it`);
  expect(() => checkMatch({ tcpDst: 80 })).toThrow(
    'tcpDst in a match needs ethType 0x0800 or 0x86dd and ipProto 6 beside it',
  );
  expect(() => checkMatch({ vlanVid: { value: 5, mask: 0xfff }, vlanPcp: 3 })).toThrow(
    'vlanPcp in a match needs a vlanVid with a tag beside it',
  );
  expect(() => checkMatch({ ethType: 0x0800, ctState: ctState('+trk'), ctNwSrc: '192.0.2.1' })).toThrow('+trk-inv');
  expect(() => checkMatch({ ethType: 0x0800, ctState: ctState('+trk-inv'), ctNwSrc: '192.0.2.1' })).not.toThrow();
  expect(() => checkMatch({ tcpDts: 80 })).toThrow('the match names "tcpDts", which is no field');
});

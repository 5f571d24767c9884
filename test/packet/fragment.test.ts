/** Fragments of IPv4: put together again they are the packet, and each fits (RFC 791 2.3). */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildPacket } from '../../src/packet/build.ts';
import { dissect } from '../../src/packet/dissect.ts';
import { fragmentIpv4 } from '../../src/packet/fragment.ts';

const eth = { src: '0e:00:00:00:00:01', dst: '02:00:00:00:00:05' };
const ends = { src: '10.0.0.5', dst: '10.1.0.9', id: 77, ttl: 9, tos: 8, protocol: 253 };

const packetOf = (length: number, more = {}) =>
  buildPacket({ eth, ipv4: { ...ends, ...more }, payload: Uint8Array.from({ length }, (_, i) => i * 7) });

test('put together again they are the packet; each is as long as it may be, but for the last', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4_000 }),
      fc.integer({ min: 68, max: 1_500 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 100 }),
      (length, mtu, moreFragments, offset) => {
        const frame = packetOf(length, { moreFragments, fragmentOffset: 8 * offset });
        const fragments = fragmentIpv4(frame, mtu);
        const found = fragments.map((each) => dissect(each));
        const payload = new Uint8Array(length);
        for (const [i, { eth: ethernet, ipv4, payload: part }] of found.entries()) {
          const isLast = i === found.length - 1;
          expect(ethernet).toMatchObject(eth);
          expect(ipv4).toMatchObject({ ...ends, checksumOk: true, moreFragments: !isLast || moreFragments });
          expect(ipv4!.totalLength).toBeLessThanOrEqual(mtu);
          if (!isLast) expect(ipv4!.totalLength).toBeGreaterThan(mtu - 8);
          payload.set(part, ipv4!.fragmentOffset - 8 * offset);
        }
        expect(payload).toEqual(dissect(frame).payload);
      },
    ),
    { numRuns: 200 },
  );
});

test('options that are to be copied stand in all, others in the first', () => {
  const options = Uint8Array.of(0x94, 4, 0, 0, 7, 3, 4, 0);
  const found = fragmentIpv4(packetOf(100, { options }), 80).map((each) => [...dissect(each).ipv4!.options]);
  expect(found.length).toBeGreaterThan(1);
  expect(found[0]).toEqual([...options]);
  for (const each of found.slice(1)) expect(each).toEqual([0x94, 4, 0, 0]);
});

test('what must not or can not be cut gives none', () => {
  expect(fragmentIpv4(packetOf(100, { dontFragment: true }), 80)).toEqual([]);
  expect(fragmentIpv4(packetOf(100), 27)).toEqual([]);
  expect(fragmentIpv4(packetOf(100).subarray(0, 90), 80)).toEqual([]);
  const v6 = buildPacket({ eth, ipv6: { src: '2001:db8::1', dst: '2001:db8::2' }, payload: new Uint8Array(200) });
  expect(fragmentIpv4(v6, 80)).toEqual([]);
  expect(fragmentIpv4(new Uint8Array(5), 80)).toEqual([]);
});

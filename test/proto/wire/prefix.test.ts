/** IP addresses and prefixes as text, numbers and masks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  holds,
  ipText,
  isLinkLocal,
  isNetwork,
  isReservedIn,
  isUnicast,
  lastOf,
  maskOf,
  meet,
  networkText,
  parseIp,
  parseIpPrefix,
} from '../../../proto/wire/prefix.ts';

const ip = (text: string) => parseIp(text)!;
const prefix = (text: string) => parseIpPrefix(text)!;

test('what is no address or prefix is none', () => {
  const none = [
    '',
    '10',
    '10.0.0',
    '10.0.0.0.',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.1 ',
    '1.2.3.4.5',
    'fe80::1%eth0',
    ':::',
    '1:2',
  ];
  for (const text of none) expect(parseIp(text), text).toBeUndefined();
  for (const text of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', '::/129', '::/-1', '/8', '10.0.0.0/8/8']) {
    expect(parseIpPrefix(text), text).toBeUndefined();
  }
});

test('addresses come back as they were written, IPv6 as RFC 5952 has it', () => {
  for (const text of ['0.0.0.0', '10.66.66.1', '255.255.255.255', '::', '2001:db8::1', 'fe80::ff:fe00:1']) {
    expect(ipText(ip(text))).toBe(text);
  }
  expect(ipText(ip('2001:DB8:0:0::00A1'))).toBe('2001:db8::a1');
});

test('networks, masks and last addresses', () => {
  expect(networkText(prefix('10.66.66.77/24'))).toBe('10.66.66.0/24');
  expect(networkText(prefix('2001:db8::ffff/64'))).toBe('2001:db8::/64');
  expect(networkText(prefix('10.0.0.1'))).toBe('10.0.0.1/32');
  expect(ipText({ family: 4, number: maskOf(prefix('10.0.0.0/9')) })).toBe('255.128.0.0');
  expect(maskOf(prefix('::/0'))).toBe(0n);
  expect(ipText(lastOf(prefix('10.66.66.0/30')))).toBe('10.66.66.3');
  expect(ipText(lastOf(prefix('2001:db8::/126')))).toBe('2001:db8::3');
  expect([isNetwork(prefix('10.0.0.0/8')), isNetwork(prefix('10.0.0.1/8'))]).toEqual([true, false]);
});

test('a prefix holds its addresses and longer prefixes, and nothing of the other family', () => {
  expect(holds(prefix('10.0.0.0/8'), ip('10.255.0.1'))).toBe(true);
  expect(holds(prefix('10.0.0.0/8'), prefix('10.1.0.0/16'))).toBe(true);
  expect(holds(prefix('10.1.0.0/16'), prefix('10.0.0.0/8'))).toBe(false);
  expect(holds(prefix('0.0.0.0/0'), ip('::1'))).toBe(false);
  expect(holds(prefix('::/0'), ip('2001:db8::1'))).toBe(true);
  expect(meet(prefix('10.1.0.0/16'), prefix('10.0.0.0/8'))).toBe(true);
  expect(meet(prefix('10.1.0.0/16'), prefix('10.2.0.0/16'))).toBe(false);
});

test('a prefix holds an address just where their first bits are the same', () => {
  const number = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
  fc.assert(
    fc.property(number, number, fc.integer({ min: 0, max: 128 }), (a, b, length) => {
      const bits = (value: bigint) => value.toString(2).padStart(128, '0').slice(0, length);
      expect(holds({ family: 6, number: a, length }, { family: 6, number: b })).toBe(bits(a) === bits(b));
    }),
  );
});

test('which addresses a station can have', () => {
  for (const text of ['10.0.0.1', '169.254.1.1', '2001:db8::1', 'fe80::1'])
    expect(isUnicast(ip(text)), text).toBe(true);
  for (const text of [
    '0.1.2.3',
    '127.0.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'ff02::1',
    '::ffff:10.0.0.1',
  ]) {
    expect(isUnicast(ip(text)), text).toBe(false);
  }
  expect([isLinkLocal(ip('fe80::1')), isLinkLocal(ip('169.254.0.9')), isLinkLocal(ip('10.0.0.1'))]).toEqual([
    true,
    true,
    false,
  ]);
  const edges = ['10.0.0.0', '10.0.0.255', '10.0.0.1'].map((text) => isReservedIn(prefix('10.0.0.0/24'), ip(text)));
  expect(edges).toEqual([true, true, false]);
  expect(isReservedIn(prefix('10.0.0.0/31'), ip('10.0.0.0'))).toBe(false);
});

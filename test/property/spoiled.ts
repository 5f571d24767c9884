// Takes a value of a message and makes one part of it what it should not be, or what JSON makes of it.
import type { Random } from '../fuzz/random.ts';

const STRANGE: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  -0,
  0,
  1,
  1.5,
  255,
  256,
  65535,
  65536,
  2 ** 32 - 1,
  2 ** 32,
  Number.NaN,
  -1n,
  0n,
  5n,
  2n ** 64n - 1n,
  2n ** 64n,
  '',
  'x',
  '7',
  '0x10',
  '0x',
  '0xg',
  'add',
  'any',
  '00:11:22:33:44:55',
  '00:11:22:33:44:5',
  '192.0.2.1',
  '192.0.2.256',
  '2001:db8::1',
  'ff00',
  [],
  ['commit'],
  [[]],
  [3, 'sendFlowRem'],
  {},
  { value: 1, mask: 1 },
  { value: '10.0.0.0', mask: '255.0.0.0' },
  { type: 'output', port: 1, maxLen: 0 },
  { type: 'unknown', code: 300, body: new Uint8Array(4) },
  new Uint8Array(3),
  new Uint8Array(8),
];

/** A copy with something else in one place. */
export function spoiled(value: unknown, random: Random): unknown {
  const inner = typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
  const keys = inner ? Object.keys(value) : [];
  if (keys.length === 0 || random.below(6) === 0) return other(value, random);
  const key = random.pick(keys);
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = spoiled(copy[key], random);
  return copy;
}

function other(value: unknown, random: Random): unknown {
  if (random.below(3) !== 0) return random.pick(STRANGE);
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'number') return random.pick([value + 1, `${value}`, BigInt(Math.trunc(value) || 0)]);
  if (typeof value === 'string') return random.pick([value.toUpperCase(), `${value}0`, value.slice(1)]);
  return Array.isArray(value) ? [...(value as unknown[]), random.pick(STRANGE)] : { ...(value as object), strange: 1 };
}

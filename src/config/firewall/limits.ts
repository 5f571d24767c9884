/** Reads limits: `3/min burst 5` of connections, `10 packets/s` and `500 kbit/s burst 100` of packets. */

import type { ConnectionLimit, FirewallLimit } from './model.ts';

export const LIMIT_FORM = 'N/s|min|hour|day [burst N]` (connections), `N packets/s [burst N]` or `N kbit/s [burst N]';

/** netfilter's. */
const BURST = 5;
const MOST = 10_000_000;

const SECONDS: ReadonlyMap<string, number> = new Map([
  ...['s', 'sec', 'second'].map((unit) => [unit, 1] as const),
  ...['m', 'min', 'minute'].map((unit) => [unit, 60] as const),
  ...['h', 'hour'].map((unit) => [unit, 3600] as const),
  ...['d', 'day'].map((unit) => [unit, 86_400] as const),
]);
const PER_SECOND: ReadonlyMap<string, { kind: 'packets' | 'kilobits'; times: number }> = new Map([
  ['packet/s', { kind: 'packets', times: 1 }],
  ['packets/s', { kind: 'packets', times: 1 }],
  ['kbit/s', { kind: 'kilobits', times: 1 }],
  ['mbit/s', { kind: 'kilobits', times: 1000 }],
]);

/** undefined: it is none. */
export function readLimit(text: string): FirewallLimit | undefined {
  const words = text.trim().split(/\s+/);
  const at = words.indexOf('burst');
  const burst = at < 0 ? undefined : numberOf(words[at + 1]);
  if (at >= 0 && (burst === undefined || words.length !== at + 2)) return undefined;
  const [rate = '', unit, ...rest] = at < 0 ? words : words.slice(0, at);
  if (rest.length > 0) return undefined;
  return unit === undefined ? ofConnections(rate, burst) : ofPackets(rate, unit, burst);
}

function ofConnections(rate: string, burst = BURST): ConnectionLimit | undefined {
  const [written, unit = '', more] = rate.split('/');
  const count = numberOf(written);
  const seconds = SECONDS.get(unit);
  if (count === undefined || seconds === undefined || more !== undefined) return undefined;
  return { kind: 'connections', count, seconds, burst };
}

function ofPackets(rate: string, unit: string, burst: number | undefined): FirewallLimit | undefined {
  const known = PER_SECOND.get(unit);
  const count = numberOf(rate);
  if (known === undefined || count === undefined) return undefined;
  const { kind, times } = known;
  return { kind, rate: count * times, burst: burst === undefined ? undefined : burst * times };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^[1-9]\d{0,7}$/.test(text)) return undefined;
  const number = Number(text);
  return number <= MOST ? number : undefined;
}

/** In the file's words. */
export function limitText(limit: FirewallLimit): string {
  if (limit.kind === 'connections') {
    const unit = { 1: 's', 60: 'min', 3600: 'hour', 86400: 'day' }[limit.seconds] ?? 's';
    return `${limit.count}/${unit} burst ${limit.burst}`;
  }
  const unit = limit.kind === 'kilobits' ? 'kbit' : limit.rate === 1 ? 'packet' : 'packets';
  const rate = `${limit.rate} ${unit}/s`;
  return limit.burst === undefined ? rate : `${rate} burst ${limit.burst}`;
}

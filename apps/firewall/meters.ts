/** The meters of the firewall: of limits on packets, of what is logged, of what is rejected. */

import type { AppMeter, FirewallLimit } from '../../src/index.ts';
import type { Item } from './item.ts';
import { ringOf } from './tickets.ts';

export const REJECT_METER = 'reject';
/** Answers in connections whose rule has another number now. */
export const AGAIN_METER = 'again';
export const JUDGED_AGAIN: AppMeter = { unit: 'packets', rate: 100, burst: 100 };
/** Packets that are answered. */
const REJECTED: AppMeter = { unit: 'packets', rate: 200, burst: 200 };

export const limitMeter = (name: string) => `limit ${name}`;
export const logMeter = (name: string) => `log ${name}`;

/** A limit of packets, or of so many connections that only a meter can count them. */
export function isMetered(limit: FirewallLimit): boolean {
  return limit.kind !== 'connections' || ringOf(limit) === undefined;
}

function limitOf(limit: FirewallLimit): AppMeter {
  if (limit.kind === 'connections') {
    return { unit: 'packets', rate: Math.max(1, Math.round(limit.count / limit.seconds)), burst: limit.burst };
  }
  const { kind: unit, rate, burst } = limit;
  return { unit, rate, ...(burst === undefined ? {} : { burst }) };
}

/** Those that an item's flows use; `name` is the item's and its router's. */
export function metersOf({ action, limit, log }: Item, name: string): [key: string, meter: AppMeter][] {
  const meters: [string, AppMeter][] = [];
  if (limit !== undefined && isMetered(limit)) meters.push([limitMeter(name), limitOf(limit)]);
  if (log !== undefined) {
    // A meter counts whole packets a second: what is slower the app itself holds to.
    const { count, seconds, burst } = log.limit;
    meters.push([logMeter(name), { unit: 'packets', rate: Math.max(1, Math.ceil(count / seconds)), burst }]);
  }
  if (action === 'reject') meters.push([REJECT_METER, REJECTED]);
  return meters;
}

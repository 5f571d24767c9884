/** The meters of the firewall: of limits on packets, of what is logged, of what is rejected. */

import type { AppMeter } from '../../src/index.ts';
import type { Item } from './item.ts';

export const REJECT_METER = 'reject';
/** Packets that are answered. */
const REJECTED: AppMeter = { unit: 'packets', rate: 200, burst: 200 };

export const limitMeter = (name: string) => `limit ${name}`;
export const logMeter = (name: string) => `log ${name}`;

/** Those that an item's flows use; `name` is the item's and its router's. */
export function metersOf({ action, limit, log }: Item, name: string): [key: string, meter: AppMeter][] {
  const meters: [string, AppMeter][] = [];
  if (limit !== undefined && limit.kind !== 'connections' && action === 'accept') {
    const { kind: unit, rate, burst } = limit;
    meters.push([limitMeter(name), { unit, rate, ...(burst === undefined ? {} : { burst }) }]);
  }
  if (log !== undefined) {
    // A meter counts whole packets a second: what is slower the app itself holds to.
    const { count, seconds, burst } = log.limit;
    meters.push([logMeter(name), { unit: 'packets', rate: Math.max(1, Math.ceil(count / seconds)), burst }]);
  }
  if (action === 'reject') meters.push([REJECT_METER, REJECTED]);
  return meters;
}

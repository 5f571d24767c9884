/** How much of what comes to the app the switch lets through, so that one kind of it never crowds out another. */

import type { AppMeter } from '../../src/index.ts';
import { CLAIMS } from './claim-flows.ts';
import { REFUSED } from './route-flows.ts';
import { FOLLOWED, FOLLOWED_ANSWERS } from './self-flows.ts';
import type { SiteRouter } from './site.ts';
import { OVERSIZE } from './size-flows.ts';

/** The meters of packets whose next hop is not known, of more of them for one, and of answers to the router's questions. */
export const UNKNOWN = 'unknown';
export const REPEATED = 'repeated';
export const ANSWERS = 'answers';

const packets = (rate: number): AppMeter => ({ unit: 'packets', rate, burst: rate });

export function routerMeters(routers: readonly SiteRouter[]): [key: string, meter: AppMeter][] {
  if (routers.length === 0) return [];
  const meters: [key: string, meter: AppMeter][] = [
    [UNKNOWN, packets(1000)],
    [ANSWERS, packets(1000)],
    // Far more than are answered.
    [REFUSED, packets(1000)],
    [CLAIMS, packets(10)],
    [OVERSIZE, packets(500)],
    [REPEATED, packets(200)],
  ];
  if (routers.some(({ self }) => self?.at?.follow))
    meters.push([FOLLOWED, packets(2)], [FOLLOWED_ANSWERS, packets(10)]);
  return meters;
}

/** How many addresses there are, and how many the stations at one port may have; that there are no more is told. */

import type { Asked } from './asked.ts';
import type { SegmentServerParts } from './desk.ts';
import type { Offers } from './offers.ts';
import type { Pool } from './pool.ts';

export interface Allotment {
  /** One guest with ever new MACs does not get all addresses there are. */
  isFull(asked: Asked): boolean;
  /** There was none left. */
  exhausted(asked: Asked): void;
  /** The lease can't be kept: the store is full. */
  unkept(asked: Asked, error: unknown): void;
}

/** What happens again and again is told once in so many milliseconds. */
const QUIET = 60_000;

export function createAllotment(
  parts: Pick<SegmentServerParts, 'segment' | 'settings' | 'leases' | 'now' | 'tell' | 'count'> & {
    pool: Pool;
    offers: Offers;
  },
): Allotment {
  const { settings, leases, now, count, pool, offers } = parts;
  const { segment, source } = parts.segment;
  const toldAt = new Map<string, number>();

  function tell(what: string, text: string, { message, place }: Asked): void {
    if (now() - (toldAt.get(what) ?? Number.NEGATIVE_INFINITY) < QUIET) return;
    toldAt.set(what, now());
    parts.tell('warn', text, { segment, mac: message.client.mac, ...place, source });
  }

  return {
    unkept(asked, error) {
      count('exhausted');
      const why = error instanceof Error ? error.message : String(error);
      tell('unkept', `segment ${segment} gives no lease to ${asked.message.client.mac}: ${why} (${source})`, asked);
    },
    isFull(asked) {
      if (!asked.isAccess) return false;
      const { switch: at, port } = asked.place;
      const offered = offers.all().filter(({ address, asked: { place } }) => {
        return place.switch === at && place.port === port && !leases.isActive(leases.get(address));
      });
      if (leases.activeAt(asked.place) + offered.length < settings.leasesPerPort) return false;
      count('limited');
      const most = `${settings.leasesPerPort} addresses of segment ${segment}, which is all that it may (\`leasesPerPort\`)`;
      tell(`limit ${at} ${port}`, `port ${port} of ${at} has ${most} (${source})`, asked);
      return true;
    },
    exhausted(asked) {
      count('exhausted');
      const why = pool.size === 0 ? 'it has no range' : `all ${pool.size} of its range are in use`;
      const { mac } = asked.message.client;
      tell('exhausted', `segment ${segment} has no address left for ${mac}: ${why} (${source})`, asked);
    },
  };
}

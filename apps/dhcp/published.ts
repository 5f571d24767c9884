/** The leases as people see them: given, offered, expired, declined, and what is reserved and not in use. */

import type { PublishedLease } from '../../src/index.ts';
import type { SegmentServer } from './server.ts';

export function publishedLeases(servers: Iterable<SegmentServer>): PublishedLease[] {
  return [...servers].flatMap(({ segment, leases, pool, offers }) => {
    const rows = new Map<string, PublishedLease>();
    for (const { address, mac, source } of pool.reservations()) {
      rows.set(address, {
        ...{ segment, address, mac, hostname: null, clientId: null, state: 'reserved' },
        ...{ expires: null, switch: null, port: null, source },
      });
    }
    for (const lease of leases.all()) {
      const { address, mac, hostname, id, expires, state } = lease;
      rows.set(address, {
        ...{ segment, address, mac, hostname, clientId: id, switch: lease.switch, port: lease.port },
        state: !leases.isActive(lease) ? 'expired' : state === 'declined' ? 'declined' : 'bound',
        expires: new Date(expires).toISOString(),
        source: pool.sourceOf(address),
      });
    }
    for (const { address, until, asked } of offers.all()) {
      const { client } = asked.message;
      rows.set(address, {
        ...{ segment, address, mac: client.mac, hostname: client.hostname ?? null, clientId: client.id ?? null },
        ...{ state: 'offered', expires: new Date(until).toISOString(), ...asked.place },
        source: pool.sourceOf(address),
      });
    }
    return [...rows.values()];
  });
}

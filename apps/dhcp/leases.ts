/** The leases of one segment: kept in the store before anybody is told of them, by address and by client. */

import type { AppStore } from '../../src/index.ts';
import type { Client } from './client.ts';

/** Plain data, as it is stored. */
export type Lease = {
  segment: string;
  address: string;
  /** Client.key */
  client: string;
  mac: string;
  id: string | null;
  hostname: string | null;
  /** `released`: given back; `declined`: somebody else uses the address. */
  state: 'bound' | 'released' | 'declined';
  /** Milliseconds since 1970. What has expired is remembered, so that its client gets the same address again. */
  expires: number;
  /** Where the client was when it asked last: `hv1/br0` and `web1`. */
  switch: string | null;
  port: string | null;
};

/** Where a client is. */
export interface ClientPlace {
  switch: string;
  port: string;
}

export interface LeaseBook {
  get(address: string): Lease | undefined;
  /** That the client has, or had last. */
  of(client: Client): Lease | undefined;
  /** Bound or declined, and not expired. */
  isActive(lease: Lease | undefined): lease is Lease;
  bind(address: string, client: Client, seconds: number, place: ClientPlace): void;
  release(lease: Lease): void;
  /** For so many seconds nobody gets the address. */
  decline(address: string, client: Client, seconds: number, place: ClientPlace): void;
  forget(address: string): void;
  all(): Iterable<Lease>;
  /** Goes up with each address that is free before its time. */
  readonly freed: number;
  /** How many addresses the clients at a port have. */
  activeAt(place: ClientPlace): number;
}

const STATES: readonly unknown[] = ['bound', 'released', 'declined'];
const keyOf = (segment: string, address: string) => `lease ${segment} ${address}`;

/** All that the store has, by segment. */
export function storedLeases(store: AppStore): Map<string, Lease[]> {
  const bySegment = new Map<string, Lease[]>();
  for (const [key, value] of store.entries()) {
    const lease = value as Lease | null;
    // Another version may have written otherwise.
    if (typeof lease !== 'object' || lease === null || key !== keyOf(lease.segment, lease.address)) continue;
    if (!STATES.includes(lease.state) || typeof lease.expires !== 'number') continue;
    const leases = bySegment.get(lease.segment);
    if (leases === undefined) bySegment.set(lease.segment, [lease]);
    else leases.push(lease);
  }
  return bySegment;
}

export function createLeaseBook(
  segment: string,
  stored: readonly Lease[],
  store: AppStore,
  now: () => number,
): LeaseBook {
  const byAddress = new Map(stored.map((lease) => [lease.address, lease]));
  /** The newest of each. */
  const byClient = new Map<string, string>();
  for (const lease of stored.toSorted((a, b) => a.expires - b.expires)) byClient.set(lease.client, lease.address);

  const isActive = (lease: Lease | undefined): lease is Lease =>
    lease !== undefined && lease.state !== 'released' && lease.expires > now();

  function keep(lease: Lease): void {
    store.set(keyOf(segment, lease.address), lease);
    const before = byAddress.get(lease.address);
    if (before !== undefined && byClient.get(before.client) === lease.address) byClient.delete(before.client);
    byAddress.set(lease.address, lease);
    if (lease.state !== 'declined') byClient.set(lease.client, lease.address);
  }

  function leaseFor(address: string, client: Client, seconds: number, place: ClientPlace): Lease {
    const { key, mac, id = null, hostname = null } = client;
    const expires = now() + seconds * 1000;
    return { segment, address, client: key, mac, id, hostname, state: 'bound', expires, ...place };
  }

  let count = 0;

  return {
    isActive,
    get freed() {
      return count;
    },
    get: (address) => byAddress.get(address),
    of(client) {
      const address = byClient.get(client.key);
      return address === undefined ? undefined : byAddress.get(address);
    },
    bind(address, client, seconds, place) {
      const before = byClient.get(client.key);
      const old = before === undefined || before === address ? undefined : byAddress.get(before);
      keep(leaseFor(address, client, seconds, place));
      // A client has one address: what it had before is free.
      if (old !== undefined && isActive(old)) {
        count++;
        const freed: Lease = { ...old, state: 'released', expires: now() };
        store.set(keyOf(segment, old.address), freed);
        byAddress.set(old.address, freed);
      }
    },
    release(lease) {
      count++;
      keep({ ...lease, state: 'released', expires: now() });
    },
    decline: (address, client, seconds, place) =>
      keep({ ...leaseFor(address, client, seconds, place), state: 'declined' }),
    forget(address) {
      const lease = byAddress.get(address);
      if (lease === undefined) return;
      count++;
      store.delete(keyOf(segment, address));
      byAddress.delete(address);
      if (byClient.get(lease.client) === address) byClient.delete(lease.client);
    },
    all: () => byAddress.values(),
    activeAt(place) {
      let count = 0;
      for (const lease of byAddress.values()) {
        if (lease.switch === place.switch && lease.port === place.port && isActive(lease)) count++;
      }
      return count;
    },
  };
}

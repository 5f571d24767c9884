/** What apps publish of the network: interfaces and routes of routers, neighbours, leases. */

import type {
  Published,
  PublishedInterface,
  PublishedLease,
  PublishedNeighbour,
  PublishedRoute,
} from '../../app/published.ts';
import { integer, type JsonSchemas, list, object, oneOf, orNull, text } from './schema.ts';

/** `id`: by which the stream tells rows apart. */
export interface RouterInterfaceStatus extends PublishedInterface {
  id: string;
}

export interface RouteStatus extends PublishedRoute {
  id: string;
}

export interface NeighbourStatus extends Omit<PublishedNeighbour, 'source'> {
  id: string;
  source: string | null;
}

export interface LeaseStatus extends PublishedLease {
  id: string;
}

export interface PublishedStatus {
  interfaces: RouterInterfaceStatus;
  routes: RouteStatus;
  neighbours: NeighbourStatus;
  leases: LeaseStatus;
}

export const PUBLISHED_TOPICS = [
  'interfaces',
  'routes',
  'neighbours',
  'leases',
] as const satisfies readonly (keyof Published)[];
export type PublishedTopic = (typeof PUBLISHED_TOPICS)[number];

const id = { type: 'string', description: 'By which the stream tells rows apart' };
const when = { type: 'string', description: 'ISO 8601' };

export const publishedSchemas: JsonSchemas = {
  RouterInterfaceStatus: object<RouterInterfaceStatus>({
    ...{ id, switch: text, router: text, name: text, segment: text },
    addresses: list({ type: 'string', description: 'With the prefix length' }),
    mac: text,
    mtu: orNull(integer),
    kind: oneOf('static', 'followed'),
    state: oneOf('up', 'down'),
    source: text,
  }),
  RouteStatus: object<RouteStatus>({
    ...{ id, switch: text, router: text, prefix: text, via: orNull(text), interface: orNull(text) },
    kind: oneOf('connected', 'static', 'unreachable', 'prohibit', 'blackhole'),
    state: { ...oneOf('active', 'unresolved'), description: 'unresolved: the MAC address of `via` is not known' },
    source: text,
  }),
  NeighbourStatus: object<NeighbourStatus>({
    ...{ id, switch: text, router: text, interface: text, address: text, mac: orNull(text) },
    state: oneOf('reachable', 'stale', 'asked', 'failed'),
    since: when,
    source: orNull(text),
  }),
  LeaseStatus: object<LeaseStatus>({
    ...{ id, segment: text, address: text, mac: text, hostname: orNull(text), clientId: orNull(text) },
    state: oneOf('offered', 'bound', 'expired', 'declined', 'reserved'),
    expires: orNull(when),
    switch: orNull(text),
    port: orNull(text),
    source: text,
  }),
};

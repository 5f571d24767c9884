/** REST routes: what has happened, and what others changed. */

import { apiError } from '../errors.ts';
import type { Route } from '../route.ts';
import { EVENT_KINDS } from '../shapes/event.ts';
import type { EventStatus } from '../snapshot.ts';

export const happeningsRoutes: Route[] = [
  {
    path: '/events',
    summary: 'What has happened, the last thousand: files, hosts, switches, drift, refusals, apps that failed',
    schema: 'EventStatus',
    list: true,
    query: { since: 'Only those with a higher id', kind: 'Only this kind' },
    answer: (source, { query }) => selectEvents(source.events(), query),
  },
  {
    path: '/drift',
    summary: 'What others changed of what is ours, in switches and in the databases of hosts',
    schema: 'DriftStatus',
    list: false,
    answer: (source) => source.drift(),
  },
];

function selectEvents(events: readonly EventStatus[], { since, kind }: Record<string, string>): EventStatus[] {
  const id = since === undefined ? 0 : Number(since);
  if (!Number.isInteger(id) || id < 0)
    throw apiError(400, 'bad-parameter', `"since" is no id: ${since}`, 'give that of the last event that you have');
  const kinds: readonly string[] = EVENT_KINDS;
  if (kind !== undefined && !kinds.includes(kind))
    throw apiError(400, 'bad-parameter', `no event is of kind "${kind}"`, `name one of ${kinds.join(', ')}`);
  return events.filter((event) => event.id > id && (kind === undefined || event.kind === kind));
}

/** What apps publish, as the API shows it: each row with an id, in an order that people expect. */

import type { PublishedStatus, PublishedTopic } from '../api/snapshot.ts';
import type { Publications } from '../app/publications.ts';
import type { Published } from '../app/published.ts';

type Statuses = { [T in PublishedTopic]: (row: Published[T]) => Omit<PublishedStatus[T], 'id'> & { key: string[] } };

/** `key`: what tells a row from the others, and by which they are ordered. */
const STATUSES: Statuses = {
  interfaces: (row) => ({ ...row, key: [row.switch, row.router, row.name] }),
  routes: (row) => ({ ...row, key: [row.switch, row.router, row.prefix, row.via ?? '', row.interface ?? ''] }),
  neighbours: (row) => ({
    ...{ ...row, source: row.source ?? null },
    key: [row.switch, row.router, row.interface, row.address],
  }),
  leases: (row) => ({ ...row, key: [row.segment, row.address, row.state === 'reserved' ? row.mac : ''] }),
};

export function publishedStatus<T extends PublishedTopic>(publications: Publications, topic: T): PublishedStatus[T][] {
  const rows = new Map<string, PublishedStatus[T]>();
  const collator = new Intl.Collator('en', { numeric: true });
  for (const row of publications.rows(topic)) {
    const { key, ...status } = STATUSES[topic](row);
    const id = key.join(' ');
    rows.set(id, { id, ...status } as unknown as PublishedStatus[T]);
  }
  return [...rows].sort(([one], [other]) => collator.compare(one, other)).map(([, row]) => row);
}

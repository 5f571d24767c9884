/** Leases of the app `dhcp` as they are kept: what another version wrote is left alone, what can't be kept is not promised. */

import { expect, test } from 'vitest';
import type { Asked } from '../../apps/dhcp/asked.ts';
import { readClientMessage } from '../../apps/dhcp/client.ts';
import { createLeaseBook, storedLeases } from '../../apps/dhcp/leases.ts';
import type { Reply } from '../../apps/dhcp/reply.ts';
import { createSegmentServer } from '../../apps/dhcp/server.ts';
import { createAppStore } from '../../src/app/app-store.ts';
import { parseConfig } from '../../src/config/load.ts';
import { processMemory } from '../../src/flow/allocate/memory.ts';
import { clientFrame } from './lab/dhcp-client.ts';

const client = { key: 'mac 02:00:00:00:00:01', mac: '02:00:00:00:00:01', id: undefined, hostname: undefined };
const place = { switch: 'hv1/br0', port: 'pc' };
const store = () => createAppStore('dhcp', processMemory().space('app dhcp'), false);

test('what was kept is there again, and what is no lease is left alone', () => {
  const kept = store();
  createLeaseBook('loc', [], kept, () => 0).bind('10.1.0.5', client, 60, place);
  const strange = [
    null,
    7,
    {},
    { segment: 'loc', address: '10.1.0.6' },
    { segment: 'loc', address: '10.1.0.6', state: 'x' },
  ];
  for (const [index, value] of strange.entries()) kept.set(`lease loc 10.1.0.${index + 6}`, value);
  expect([...storedLeases(kept)]).toEqual([
    ['loc', [expect.objectContaining({ address: '10.1.0.5', expires: 60_000 })]],
  ]);
  const again = createLeaseBook('loc', storedLeases(kept).get('loc') ?? [], kept, () => 59_999);
  expect(again.of(client)).toMatchObject({ address: '10.1.0.5', mac: client.mac, ...place });
  expect(again.isActive(again.of(client))).toBe(true);
});

test('a client has one address: the one before is free at once', () => {
  const book = createLeaseBook('loc', [], store(), () => 0);
  book.bind('10.1.0.5', client, 60, place);
  book.bind('10.1.0.6', client, 60, place);
  expect([book.isActive(book.get('10.1.0.5')), book.of(client)?.address, book.activeAt(place)]).toEqual([
    false,
    '10.1.0.6',
    1,
  ]);
});

test('where the store is full no lease is promised, and it is told with the line', () => {
  const loaded = parseConfig(
    'flowloom: 1\nhosts: { hv1: }\nsegments: { loc: { subnet: 10.1.0.0/24 } }\n' +
      'bridges: { br0: { hosts: [hv1], ports: { hv1/pc: { access: loc } } } }\n' +
      'dhcp: { loc: { range: 10.1.0.5-10.1.0.9, server: 10.1.0.1 } }\n',
    'f.yaml',
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { config } = loaded;
  const full = {
    ...store(),
    set() {
      throw new Error('it is full');
    },
  };
  const replies: Reply[] = [];
  const told: string[] = [];
  const segment = config.dhcp[0]!;
  const server = createSegmentServer({
    ...{ config, segment, settings: segment.server!, leases: createLeaseBook('loc', [], full, () => 0), now: () => 0 },
    reply: (_, reply) => void replies.push(reply),
    probe: () => false,
    tell: (level, text) => void told.push(`${level} ${text}`),
    count: () => undefined,
  });
  const frame = clientFrame(client.mac, { type: 'request', options: { 50: '10.1.0.5', 54: '10.1.0.1' } });
  const message = readClientMessage(frame)!;
  server.handle({ message, port: undefined, place, isAccess: false, origin: {} as Asked['origin'] });
  expect(replies).toEqual([]);
  expect(told).toEqual([expect.stringMatching(/^warn segment loc gives no lease to .*: it is full \(f\.yaml:5\)$/)]);
  expect(server.leases.get('10.1.0.5')).toBeUndefined();
});

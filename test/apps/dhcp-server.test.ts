/** Any messages of any clients in any order, with restarts and reloads between them: what is promised to one is nobody else's. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Asked } from '../../apps/dhcp/asked.ts';
import { readClientMessage } from '../../apps/dhcp/client.ts';
import { createLeaseBook, storedLeases } from '../../apps/dhcp/leases.ts';
import type { Done } from '../../apps/dhcp/probe.ts';
import { type Reply, replyFrame } from '../../apps/dhcp/reply.ts';
import { createSegmentServer, type SegmentServer } from '../../apps/dhcp/server.ts';
import { createAppStore } from '../../src/app/app-store.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/model.ts';
import { processMemory } from '../../src/flow/allocate/memory.ts';
import { clientFrame, type Sent } from './lab/dhcp-client.ts';

const PORTS = ['a', 'b', 'c', 'fix'];
const MOST_PER_PORT = 3;

function configOf(range: string): Config {
  const loaded = parseConfig(
    `flowloom: 1
hosts: { hv1: }
segments: { loc: { subnet: 10.1.0.0/24 } }
bridges:
  br0:
    hosts: [hv1]
    ports: { hv1/a: { access: loc }, hv1/b: { access: loc }, hv1/c: { access: loc }, hv1/fix: { access: loc, address: 10.1.0.6 } }
dhcp:
  loc:
    range: ${range}
    server: 10.1.0.1
    lease: 600
    leasesPerPort: ${MOST_PER_PORT}
    reserve: { "02:00:00:00:00:01": 10.1.0.7, b: 10.1.0.20 }
`,
    'f.yaml',
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}
/** Of a port or a MAC: whoever is there has it, by whichever identifier. */
const FIXED = ['10.1.0.6', '10.1.0.7', '10.1.0.20'];
const FILES = ['10.1.0.5-10.1.0.8', '10.1.0.7-10.1.0.10'].map(configOf);

const address = fc.integer({ min: 4, max: 11 }).map((last) => `10.1.0.${last}`);
const who = fc.record({ number: fc.integer({ min: 1, max: 5 }), id: fc.boolean(), port: fc.constantFrom(...PORTS) });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('discover' as const), who, wants: fc.option(address) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('select' as const), who, address }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('probed' as const), isTaken: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom<'reboot' | 'renew'>('reboot', 'renew'), who, address }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom<'release' | 'decline'>('release', 'decline'), who, address }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 700 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom<'restart' | 'reload'>('restart', 'reload') }) },
);

interface Promised {
  client: string;
  until: number;
  port: string;
}

test('an address is promised to one client at a time, kept before it is told, and a port has no more than it may', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 80, size: 'max' }), (steps) => {
      let time = 1_000_000;
      let file = FILES[0]!;
      const store = createAppStore('dhcp', processMemory().space('app dhcp'), false);
      const probes: Done[] = [];
      const promised = new Map<string, Promised>();
      let book = createLeaseBook('loc', [], store, () => time);
      let server = serve();

      function serve(): SegmentServer {
        probes.length = 0;
        const segment = file.dhcp[0]!;
        return createSegmentServer({
          ...{ config: file, segment, settings: segment.server!, leases: book, now: () => time, reply: answered },
          probe: (_, __, done) => {
            probes.push(done);
            return true;
          },
          tell: () => {},
          count: () => {},
        });
      }

      function answered(asked: Asked, reply: Reply): void {
        // Whatever it is, it can be sent.
        replyFrame(file.dhcp[0]!.server!, asked.message, reply);
        if (reply.type !== 'ack' || reply.address === undefined) return;
        const { key } = asked.message.client;
        const before = promised.get(reply.address);
        if (before !== undefined && before.until > time && !FIXED.includes(reply.address))
          expect(before.client).toBe(key);
        expect(storedLeases(store).get('loc')).toContainEqual(
          expect.objectContaining({ address: reply.address, client: key, state: 'bound' }),
        );
        expect(reply.lease).toBeLessThanOrEqual(600);
        for (const [other, { client }] of promised) if (client === key) promised.delete(other);
        promised.set(reply.address, { client: key, until: time + reply.lease! * 1000, port: asked.place.port });
        const active = [...promised.values()].filter(({ until, port }) => until > time && port === asked.place.port);
        // Who comes with an address from elsewhere keeps it.
        if (before?.client !== key) expect(active.length).toBeLessThanOrEqual(MOST_PER_PORT);
      }

      function say({ number, id, port }: { number: number; id: boolean; port: string }, sent: Sent): void {
        const options = id ? { ...sent.options, 61: Uint8Array.of(9, number) } : sent.options;
        const message = readClientMessage(
          clientFrame(`02:00:00:00:00:0${number}`, { ...sent, options: options ?? {} }),
        )!;
        const place = { switch: 'hv1/br0', port };
        const at = file.bridges[0]!.ports.find(({ name }) => name === port);
        server.handle({ message, port: at, place, isAccess: true, origin: {} as Asked['origin'] });
      }

      for (const each of steps) {
        if (each.do === 'wait') {
          // Nobody answers a probe for longer than half a second.
          while (probes.length > 0) probes.shift()?.(undefined);
          time += each.seconds * 1000;
        } else if (each.do === 'probed') {
          const holder = { mac: '02:00:00:00:00:99', place: { switch: 'hv1/br0', port: 'c' } };
          probes.shift()?.(each.isTaken ? holder : undefined);
        } else if (each.do === 'restart') {
          book = createLeaseBook('loc', storedLeases(store).get('loc') ?? [], store, () => time);
          server = serve();
        } else if (each.do === 'reload') {
          file = FILES[1 - FILES.indexOf(file)]!;
          server = serve();
        } else if (each.do === 'discover') {
          say(each.who, { type: 'discover', options: each.wants === null ? {} : { 50: each.wants } });
        } else if (each.do === 'select')
          say(each.who, { type: 'request', options: { 50: each.address, 54: '10.1.0.1' } });
        else if (each.do === 'reboot') say(each.who, { type: 'request', options: { 50: each.address } });
        else if (each.do === 'renew') say(each.who, { type: 'request', ciaddr: each.address, src: each.address });
        else if (each.do === 'release' || each.do === 'decline') {
          const held = book.get(each.address);
          say(each.who, { type: each.do, ciaddr: each.address, options: { 50: each.address, 54: '10.1.0.1' } });
          // Only its own client gives it back, from where it is.
          const after = book.get(each.address);
          if (held?.state === 'bound' && after?.state !== 'bound') {
            expect([held.port, held.mac]).toEqual([each.who.port, `02:00:00:00:00:0${each.who.number}`]);
            promised.delete(each.address);
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});

/** What apps publish and tell: rows that are asked for when somebody looks, events that are bounded. */

import { expect, test } from 'vitest';
import { defineApp, type PublishedNeighbour, z } from '../../src/index.ts';
import { createHappenings } from '../../src/main/happenings.ts';
import { lab } from '../../src/testing/index.ts';

function neighbour(name: string, address: string): PublishedNeighbour {
  return {
    ...{ switch: name, router: 'edge', interface: 'loc', address, mac: null },
    ...{ state: 'asked', since: '2026-01-01T00:00:00.000Z' },
  };
}

const router = defineApp({
  name: 'router',
  config: z.object({ publishes: z.boolean().default(true), throws: z.boolean().default(false) }),
  attach({ dp, config, publish, tell }) {
    const addresses = ['10.0.0.1'];
    if (config.publishes) {
      publish('neighbours', () => {
        if (config.throws) throw new Error('no rows');
        return addresses.map((address) => neighbour(dp.name, address));
      });
    }
    tell('notice', 'a router begins', { router: 'edge', ports: dp.ports.size });
    return { portDown: () => void addresses.push('10.0.0.2') };
  },
});

const one = { switches: { s1: ['p1', 'p2'] } };

test('rows are as they are when they are asked for, of all switches', async () => {
  const net = await lab({ apps: [router], switches: { s1: ['p1'], s2: ['p1'] } });
  expect(net.published('neighbours').map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.0.1']);
  await net.cut('s1:p1');
  expect(net.published('neighbours').map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.1']);
  expect(net.published('routes')).toEqual([]);
});

test('who reads rows cannot change them', async () => {
  const net = await lab({ apps: [router], ...one });
  net.published('neighbours')[0]!.address = 'changed';
  expect(net.published('neighbours')[0]!.address).toBe('10.0.0.1');
});

test('what an instance published goes with it', async () => {
  const net = await lab({ apps: [router], ...one });
  await net.reload({ apps: [[router, { publishes: false }]] });
  expect(net.published('neighbours')).toEqual([]);
});

test('an app whose rows throw fails as in a handler, and begins again', async () => {
  const net = await lab({ apps: [[router, { throws: true }]], ...one });
  expect(net.published('neighbours')).toEqual([]);
  expect(net.log.join('\n')).toMatch(/app "router" failed in published rows: no rows.*begins again in 1 s/);
});

test('what is told is in the log, and an event with its fields', async () => {
  const net = await lab({ apps: [router], ...one });
  expect(net.told).toEqual([
    { app: 'router', switch: 's1', level: 'notice', text: 'a router begins', fields: { router: 'edge', ports: 3 } },
  ]);
  expect(net.log).toContainEqual(expect.stringMatching(/^info router on .*: a router begins$/));
});

test('who tells without end is cut short, once a second in words, and others are heard', async () => {
  const flood = defineApp({
    name: 'flood',
    attach({ tell, timers }) {
      timers.every(10, () => {
        for (let count = 0; count < 5000; count++) tell('info', `line ${count} ${'x'.repeat(5000)}`);
      });
      return {};
    },
  });
  const net = await lab({ apps: [flood, router], ...one });
  await net.advance(12);
  const lines = net.told.filter(({ app }) => app === 'flood');
  expect(lines.length).toBeLessThan(300);
  expect(Math.max(...lines.map(({ text }) => text.length))).toBeLessThan(1100);
  expect(lines.at(-1)).toMatchObject({
    level: 'warn',
    text: expect.stringMatching(/more than 50 events a second: 47\d\d were left out/),
  });
  expect(net.told.filter(({ app }) => app === 'router')).toHaveLength(1);
});

test('events of apps leave the other events where they are', () => {
  const happenings = createHappenings({ hosts: () => undefined, apps: () => [] });
  happenings.add('file', 'net.yaml', 'in force');
  const event = { app: 'firewall', switch: 'hv1/br0', level: 'info', text: 'dropped', fields: { port: 25 } } as const;
  for (let count = 0; count < 3000; count++) happenings.told(event);
  happenings.told({ ...event, level: 'debug' });
  const list = happenings.list();
  expect(list).toHaveLength(1001);
  expect(list[0]).toMatchObject({ id: 1, kind: 'file', level: null, fields: {} });
  expect(list.at(-1)).toMatchObject({
    ...{ id: 3001, kind: 'app', subject: 'firewall', level: 'info', text: 'dropped' },
    fields: { switch: 'hv1/br0', port: 25 },
  });
});

/** What spans switches: an app's setup and its handlers, events and services between apps, and what a reload does to them. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { AppContext } from '../../src/app/context.ts';
import { type AnyApp, defineApp } from '../../src/app/define-app.ts';
import type { Link } from '../../src/app/events.ts';
import { defineService } from '../../src/app/services.ts';
import type { Config } from '../../src/config/model.ts';
import { type Network, request, startNetwork } from './network.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
let open: Network | undefined;
afterEach(() => {
  open?.close();
  vi.useRealTimers();
});

function start(requests: Parameters<typeof startNetwork>[0], switches = [1, 2]): Network {
  open = startNetwork(requests, switches);
  return open;
}

const dpid = (number: number) => `000000000000000${number}`;
const boom = () => {
  throw new Error('boom');
};
const plain = defineApp({ name: 'plain', attach: () => undefined });

/** Keeps what it hears, `1 packetIn` for instance. */
function listening(heard: string[], more: Partial<AnyApp> = {}): AnyApp {
  const short = ({ dpid: id }: { dpid: string }) => id.at(-1);
  return defineApp({
    name: 'listening',
    setup({ rehearsal }) {
      heard.push(rehearsal ? 'rehearsal' : 'setup');
      return {
        switchUp: (dp) => void heard.push(`${short(dp)} up`),
        switchDown: (dp) => void heard.push(`${short(dp)} down`),
        packetIn: (dp, packet) => void heard.push(`${short(dp)} packet of ${packet.length}`),
        portUp: (dp, port) => void heard.push(`${short(dp)} port ${port.name}`),
        networkChanged: (network) => void heard.push(`network ${network?.file}`),
        linkUp: ({ from, to }) => void heard.push(`link ${from.dpid.at(-1)}-${to.dpid.at(-1)}`),
        detach: () => void heard.push('detach'),
      };
    },
    ...more,
  });
}

test('setup runs once, before attach; its handlers hear of every switch', () => {
  const heard: string[] = [];
  const app = listening(heard, {
    attach: ({ dp }) => {
      heard.push(`attach ${dp.dpid.at(-1)}`);
      return { portUp: () => void heard.push('own'), detach: () => void heard.push('own detach') };
    },
  });
  const network = start([request(app)]);
  expect(heard.splice(0)).toEqual(['setup', 'attach 1', '1 up', 'attach 2', '2 up']);
  network.packetIn(2, 'listening');
  const port = { portNo: 7, hwAddr: '02:00:00:00:00:07', name: 'p7', config: [], state: [], properties: [] };
  network.site(1).receivePort('added', port);
  expect(heard.splice(0)).toEqual(['2 packet of 60', 'own', '1 port p7']);
  network.load([request(app)], { file: 'new' } as Config);
  expect(heard.splice(0)).toEqual(['network new']);
  network.load([request(plain)]);
  expect(heard.splice(0)).toEqual(['detach', 'own detach', 'own detach']);
});

test('a switch that goes is told to setup, and leaves its list', () => {
  let known: () => string[] = () => [];
  const heard: string[] = [];
  const app = listening(heard, {
    setup({ switches }) {
      known = () => [...switches.keys()].map((id) => id.at(-1)!);
      return { switchDown: (dp) => void heard.push(`${dp.dpid.at(-1)} down, left ${known()}`) };
    },
  });
  const network = start([request(app)]);
  expect(known()).toEqual(['1', '2']);
  network.site(1).close();
  expect(heard).toEqual(['1 down, left 2']);
});

test('what setup throws stays in the app: it begins again, with its switches, and the delay grows', () => {
  const heard: string[] = [];
  let fails = 2;
  const app = listening(heard, {
    setup() {
      heard.push('setup');
      if (fails-- > 0) boom();
      return { switchUp: (dp) => void heard.push(`${dp.dpid.at(-1)} up`), topologyChanged: boom };
    },
    attach: ({ dp }) => void heard.push(`attach ${dp.dpid.at(-1)}`) as undefined,
  });
  const sound: string[] = [];
  const network = start([request(app), request({ ...listening(sound), name: 'sound' })]);
  expect(heard.splice(0)).toEqual(['setup']);
  expect(sound.splice(0)).toEqual(['setup', '1 up', '2 up']);
  expect(network.host.apps.get('listening')).toMatchObject({ error: 'setup: boom', errors: 1 });
  vi.advanceTimersByTime(1000);
  vi.advanceTimersByTime(1999);
  expect(heard.splice(0)).toEqual(['setup']);
  vi.advanceTimersByTime(1);
  expect(heard.splice(0)).toEqual(['setup', 'attach 1', '1 up', 'attach 2', '2 up']);
  expect(network.host.apps.get('listening')).toMatchObject({ error: null, errors: 2 });
  expect(sound).toEqual([]);
});

test('an event is told to all apps that it concerns, in a turn of its own', async () => {
  const heard: string[] = [];
  const link: Link = { from: { dpid: dpid(1), port: 1 }, to: { dpid: dpid(2), port: 5 } };
  let announce: AppContext<never, never, never>['emit'] = () => undefined;
  const announcing = defineApp({
    name: 'announcing',
    setup({ emit }) {
      announce = emit;
      return { linkUp: () => void heard.push('its own') };
    },
  });
  const here = defineApp({
    name: 'here',
    attach: ({ dp }) => ({
      linkUp: () => void heard.push(`here ${dp.dpid.at(-1)}`),
      stationSeen: ({ mac }) => void heard.push(`${mac} at ${dp.dpid.at(-1)}`),
      topologyChanged: () => void heard.push(`changed ${dp.dpid.at(-1)}`),
    }),
  });
  const network = start([request(announcing), request(listening(heard)), request(here)], [1, 2, 3]);
  heard.splice(0);
  announce('linkUp', link);
  announce('stationSeen', { mac: 'aa', dpid: dpid(3), port: 1 });
  announce('topologyChanged');
  expect(heard).toEqual([]);
  await network.told();
  expect(heard).toEqual(['its own', 'link 1-2', 'here 1', 'here 2', 'aa at 3', 'changed 1', 'changed 2', 'changed 3']);
});

test('what is no event is refused where it is emitted, and what is changed after that changes nothing', async () => {
  const heard: string[] = [];
  let announce: (...words: unknown[]) => void = () => undefined;
  const announcing = defineApp({
    name: 'announcing',
    setup({ emit }) {
      announce = emit as typeof announce;
      return undefined;
    },
  });
  const network = start([request(announcing), request(listening(heard))], [1, 2]);
  heard.splice(0);
  const link = { from: { dpid: dpid(1), port: 1 }, to: { dpid: dpid(2), port: 5 } };
  const nowhere = /is emitted without saying where/;
  expect(() => announce('linkUp')).toThrow(nowhere);
  expect(() => announce('linkUp', { from: 5n })).toThrow(nowhere);
  expect(() => announce('linkDown', { ...link, to: { dpid: dpid(2), port: '5' } })).toThrow(nowhere);
  expect(() => announce('stationSeen', { mac: 'aa', dpid: 3, port: 1 })).toThrow(nowhere);
  expect(() => announce('detach')).toThrow(/there is no event "detach" to emit/);
  announce('stationSeen', Object.assign(link.from, { mac: 'aa' }));
  Object.assign(link.from, { dpid: undefined });
  await network.told();
  announce('linkUp', { ...link, from: { dpid: dpid(1), port: 1 } });
  await network.told();
  expect(heard).toEqual(['link 1-2']);
  expect(network.host.apps.get('listening')).toMatchObject({ error: null, errors: 0 });
});

test('apps that answer each event with another do not stop the rest, and fill no memory', async () => {
  let told = 0;
  const endless = defineApp({
    name: 'endless',
    setup: ({ emit }) => ({
      topologyChanged() {
        told++;
        for (let i = 0; i < 300; i++) emit('topologyChanged');
      },
      switchUp: () => emit('topologyChanged'),
    }),
  });
  const network = start([request(endless)], [1]);
  for (let i = 0; i < 3; i++) await network.told();
  expect(told).toBeGreaterThan(300);
  expect(told).toBeLessThan(100_000);
});

interface Answers {
  answer(): string;
}
const answers = defineService<Answers>('offering.answers');

test('a service is typed, of one switch or of all, and there as long as its app is', () => {
  const offering = (name: string): AnyApp =>
    defineApp({
      name,
      attach({ dp, services }) {
        if (dp.dpid === dpid(1)) services.offer(answers, { answer: () => `${name} on 1` });
        return undefined;
      },
      setup({ services }) {
        services.offer(answers, { answer: () => `${name} for all` });
        return undefined;
      },
    });
  const asked: (() => (string | undefined)[])[] = [];
  const using = defineApp({
    name: 'using',
    setup({ services, switches }) {
      asked.push(() => [
        services.get(answers)?.answer(),
        ...[...switches.values()].map((dp) => services.get(answers, dp)?.answer()),
      ]);
      return undefined;
    },
    attach({ services }) {
      asked.push(() => [services.get(answers)?.answer()]);
      return undefined;
    },
  });
  // The user comes first.
  const network = start([request(using), request(offering('offering'))]);
  const ask = () => asked.map((each) => each());
  const all = [['offering for all', 'offering on 1', 'offering for all'], ['offering on 1'], ['offering for all']];
  expect(ask()).toEqual(all);
  // A second one is refused with both names.
  network.load([request(using), request(offering('offering')), request(offering('other'))]);
  expect(ask()).toEqual(all);
  expect(network.host.apps.get('other')?.error).toBe(
    'setup: app "other" offers service "offering.answers", which app "offering" offers already',
  );
  network.load([request(using)]);
  expect(ask()).toEqual([[undefined, undefined, undefined], [undefined], [undefined]]);
});

test('an app that fails takes its service back until it runs again', () => {
  let services: AppContext<never, never, never>['services'] | undefined;
  const failing = defineApp({
    name: 'failing',
    attach(context) {
      context.services.offer(answers, { answer: () => 'yes' });
      return { packetIn: boom };
    },
  });
  const using = defineApp({
    name: 'using',
    attach(context) {
      services = context.services;
      return undefined;
    },
  });
  const network = start([request(using), request(failing)], [1]);
  expect(services?.get(answers)?.answer()).toBe('yes');
  network.packetIn(1, 'failing');
  expect(services?.get(answers)).toBeUndefined();
  vi.advanceTimersByTime(1000);
  expect(services?.get(answers)?.answer()).toBe('yes');
});

test('another config: told to those that listen, and the others begin again', () => {
  const heard: string[] = [];
  const configured = (name: string, listens: { setup: boolean; attach: boolean }) =>
    defineApp({
      name,
      config: z.strictObject({ limit: z.int() }),
      setup({ config }) {
        heard.push(`${name} setup ${config.limit}`);
        return listens.setup ? { configChanged: ({ limit }) => void heard.push(`${name} setup told ${limit}`) } : {};
      },
      attach({ config }) {
        heard.push(`${name} attach ${config.limit}`);
        const detach = () => void heard.push(`${name} detach`);
        return listens.attach
          ? { configChanged: ({ limit }) => void heard.push(`${name} told ${limit}`), detach }
          : { detach };
      },
    });
  const both = configured('both', { setup: true, attach: true });
  const none = configured('none', { setup: false, attach: false });
  const half = configured('half', { setup: true, attach: false });
  const at = (limit: number) => [both, none, half].map((app) => request(app, { limit }));
  const network = start(at(1), [1]);
  heard.splice(0);
  network.load(at(1));
  expect(heard.splice(0)).toEqual([]);
  network.load(at(2));
  expect(heard.splice(0)).toEqual([
    'both setup told 2',
    'none setup 2',
    'none detach',
    'none attach 2',
    'half setup told 2',
    'both told 2',
    'half detach',
    'half attach 2',
  ]);
});

test('another version: it begins before the standing one ends; the other apps notice nothing', () => {
  const heard: string[] = [];
  const version = (number: number) =>
    defineApp({
      name: 'changing',
      setup() {
        heard.push(`setup ${number}`);
        return { detach: () => void heard.push(`setup ${number} ends`) };
      },
      attach() {
        heard.push(`attach ${number}`);
        return { detach: () => void heard.push(`${number} ends`) };
      },
    });
  const bystander: string[] = [];
  const other = defineApp({
    name: 'other',
    attach() {
      bystander.push('attach');
      return { detach: () => void bystander.push('detach') };
    },
  });
  const network = start([request(version(1)), request(other)], [1]);
  const { number, errors } = network.host.apps.get('changing')!;
  heard.splice(0);
  network.load([request(version(2)), request(other)]);
  expect(heard).toEqual(['setup 2', 'setup 1 ends', 'attach 2', '1 ends']);
  expect(bystander).toEqual(['attach']);
  expect(network.host.apps.get('changing')).toMatchObject({ number, errors, error: null });
});

test.for([
  'setup',
  'attach',
] as const)('another version whose %s throws: the standing one goes on, everywhere', (where) => {
  const heard: string[] = [];
  const one = defineApp({
    name: 'changing',
    setup: () => ({ topologyChanged: () => void heard.push('setup 1') }),
    attach: ({ dp }) => ({ packetIn: () => void heard.push(`1 on ${dp.dpid.at(-1)}`) }),
  });
  // It fails on the second switch only, when it runs on the first already.
  const two = defineApp({
    name: 'changing',
    setup: () => (where === 'setup' ? boom() : {}),
    attach: ({ dp }) => (dp.dpid === dpid(2) ? boom() : { packetIn: () => void heard.push('2') }),
  });
  const network = start([request(one)]);
  network.load([request(two)]);
  expect(network.host.apps.get('changing')).toMatchObject({ definition: one, error: null });
  network.packetIn(1, 'changing');
  network.packetIn(2, 'changing');
  expect(heard).toEqual(['1 on 1', '1 on 2']);
  // A third version that is sound takes over.
  network.load([request({ ...one, attach: () => ({ packetIn: () => void heard.push('3') }) })]);
  network.packetIn(1, 'changing');
  network.packetIn(2, 'changing');
  expect(heard.slice(2)).toEqual(['3', '3']);
});

test('a version that must come back and cannot at once is tried again, and the refused one is not', () => {
  const heard: string[] = [];
  let attached = 0;
  const one = defineApp({
    name: 'changing',
    attach({ dp }) {
      // The third time is when it comes back to the first switch.
      if (++attached === 3) boom();
      return { packetIn: () => void heard.push(`1 on ${dp.dpid.at(-1)}`) };
    },
  });
  const two = defineApp({
    name: 'changing',
    attach: ({ dp }) => (dp.dpid === dpid(2) ? boom() : { packetIn: () => void heard.push('2') }),
  });
  const network = start([request(one)]);
  network.load([request(two)]);
  expect(network.host.apps.get('changing')).toMatchObject({ definition: one, error: 'attach: boom' });
  vi.advanceTimersByTime(1000);
  expect(network.host.apps.get('changing')?.error).toBeNull();
  network.packetIn(1, 'changing');
  network.packetIn(2, 'changing');
  expect(heard).toEqual(['1 on 1', '1 on 2']);
});

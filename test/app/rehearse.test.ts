/** A rehearsal: the apps declare on a shadow what they would, and nothing of it comes out, now or later. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AnyApp, defineApp } from '../../src/app/define-app.ts';
import { type AppHost, createAppHost } from '../../src/app/host.ts';
import { rehearse } from '../../src/app/rehearse.ts';
import { drop, output } from '../../src/flow/actions.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const port = { number: 1, name: 'p1', mac: '02:00:00:00:00:01', up: true };
const place = { dpid: '00000000000000a1', name: 'hv1/br0', host: 'hv1', bridge: 'br0' };
const shadow = { ...place, ports: new Map([[1, port]]), flows: new Map() };

function hostOf(...definitions: AnyApp[]): AppHost {
  const host = createAppHost();
  const requests = definitions.map((definition) => ({ definition, config: {}, source: 'f.yaml:1', sources: {} }));
  expect(host.load(requests)).toEqual([]);
  return host;
}

function app(name: string, attach: AnyApp['attach']): AnyApp {
  return defineApp({
    name,
    tables: { [name]: { stage: 'admit' } },
    counters: { seen: 'What was seen' },
    attach: attach as never,
  });
}

const one = { priority: 5, match: { inPort: 1 }, actions: drop(), intent: 'one' };

test('flows and groups are those that the app would declare here; it knows that it is a rehearsal', () => {
  const seen: unknown[] = [];
  const host = hostOf(
    app('plain', ({ dp, rehearsal }) => {
      seen.push(rehearsal, dp.dpid, dp.name, dp.host, dp.bridge, dp.port('p1'));
      dp.flows.plain!.set('one', one);
      dp.groups.set('all', { type: 'all', buckets: [{ actions: [output(1)] }] });
      return undefined;
    }),
  );
  const { woven, failed } = rehearse(host.copy(), shadow, undefined);
  expect(seen).toEqual([true, shadow.dpid, 'hv1/br0', 'hv1', 'br0', port]);
  expect([...woven.flows.values()].filter((flow) => flow.app === 'plain')).toMatchObject([{ key: 'one', priority: 5 }]);
  expect([...woven.groups.values()]).toMatchObject([{ app: 'plain', key: 'all' }]);
  expect(failed.size).toBe(0);
});

test('timers never run, nor does the restart of an app that threw; it is named', () => {
  const ran: string[] = [];
  const host = hostOf(
    app('timed', ({ timers }) => {
      timers.after(1, () => ran.push('after'));
      timers.every(1, () => ran.push('every'));
      return { detach: () => void ran.push('detach') };
    }),
    app('broken', ({ dp }) => {
      ran.push('broken');
      dp.flows.broken!.set('half', one);
      throw new Error('boom');
    }),
    app('sound', ({ dp }) => {
      dp.flows.sound!.set('one', { ...one, match: { inPort: 2 } });
      return undefined;
    }),
  );
  const { woven, failed } = rehearse(host.copy(), shadow, undefined);
  expect([...failed]).toEqual([['broken', 'attach: boom']]);
  vi.advanceTimersByTime(600_000);
  expect(vi.getTimerCount()).toBe(0);
  expect(ran).toEqual(['broken', 'detach']);
  expect([...woven.flows.values()].map((flow) => flow.app)).toEqual(expect.arrayContaining(['sound']));
  expect([...woven.flows.values()].map((flow) => flow.app)).not.toContain('broken');
});

test('what attach puts off is still of it, also when it is put off again, but not forever', () => {
  let turns = 0;
  const host = hostOf(
    app('patient', ({ dp, timers }) => {
      timers.after(0, () => timers.after(0, () => dp.flows.patient!.set('one', one)));
      return undefined;
    }),
    app('endless', ({ timers }) => {
      const again = () => {
        turns++;
        timers.after(0, again);
      };
      again();
      return undefined;
    }),
  );
  const { woven, failed } = rehearse(host.copy(), shadow, undefined);
  expect([...woven.flows.values()].map((flow) => flow.app)).toContain('patient');
  expect(failed.size).toBe(0);
  expect(turns).toBeLessThan(10_000);
  expect(vi.getTimerCount()).toBe(0);
});

test('setup is rehearsed too: on its shadow alone, without timers, and what it announces is told to nobody', async () => {
  const seen: string[] = [];
  const spanning = defineApp({
    name: 'spanning',
    tables: { main: { stage: 'admit' } },
    setup({ rehearsal, timers, emit, switches }) {
      seen.push(`rehearsal ${rehearsal}`);
      timers.every(1, () => seen.push('timer'));
      timers.after(0, () => seen.push(`put off, ${switches.size} switches`));
      return {
        switchUp(dp) {
          seen.push(`up ${dp.name}`);
          dp.flows.main.set('one', one);
          emit('topologyChanged');
        },
        topologyChanged: () => void seen.push('told'),
        switchDown: () => void seen.push('down'),
        detach: () => void seen.push('end'),
      };
    },
  });
  const host = hostOf(spanning);
  for (let run = 0; run < 2; run++) {
    const { woven, failed } = rehearse(host.copy(), shadow, undefined);
    expect([...woven.flows.values()].map(({ app: owner }) => owner)).toContain('spanning');
    expect(failed.size).toBe(0);
  }
  vi.advanceTimersByTime(60_000);
  await new Promise((resolve) => setImmediate(resolve));
  const once = ['rehearsal true', 'put off, 0 switches', 'up hv1/br0', 'down', 'end'];
  expect(seen).toEqual([...once, ...once]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a setup that throws is named, and the next rehearsal does not know of it', () => {
  let broken = true;
  const host = hostOf(
    defineApp({
      name: 'spanning',
      setup() {
        if (broken) throw new Error('boom');
        return undefined;
      },
    }),
  );
  const copy = host.copy();
  expect([...rehearse(copy, shadow, undefined).failed]).toEqual([['spanning', 'setup: boom']]);
  broken = false;
  expect([...rehearse(copy, shadow, undefined).failed]).toEqual([]);
});

test('what an app does after its rehearsal, as it would after an await, comes to nothing', () => {
  let later = (): void => undefined;
  const host = hostOf(
    app('late', ({ dp, timers }) => {
      later = () => {
        timers.every(1, () => undefined);
        timers.after(1, () => undefined);
        dp.flows.late!.set('late', one);
        dp.packetOut({ data: new Uint8Array(60), actions: [output(1)] });
      };
      return undefined;
    }),
  );
  const { woven } = rehearse(host.copy(), shadow, undefined);
  later();
  expect(vi.getTimerCount()).toBe(0);
  expect([...woven.flows.values()].map((flow) => flow.key)).not.toContain('late');
});

test('what is counted, thrown and loaded in a copy is not in the host; numbers and tables are the same', () => {
  const host = hostOf(
    app('counting', ({ counters, dp }) => {
      counters.seen!.add(3);
      dp.ctZone('a zone of its own');
      throw new Error('boom');
    }),
    app('other', () => undefined),
  );
  const zone = host.apps.get('other')!.ctZone('router edge');
  const standing = host.apps.get('counting')!;
  const copy = host.copy();
  rehearse(copy, shadow, undefined);
  expect(standing).toMatchObject({ errors: 0, error: null });
  expect(standing.counters.seen!.value).toBe(0);
  expect(copy.apps.get('counting')).toMatchObject({ errors: 1, number: standing.number, tables: standing.tables });
  expect(copy.apps.get('other')!.ctZone('router edge')).toBe(zone);

  const tables = [...host.plan.owners.values()];
  const newcomer = app('newcomer', () => undefined);
  expect(copy.load([{ definition: newcomer, config: {}, source: 'f.yaml:1', sources: {} }])).toEqual([]);
  expect([...copy.apps.keys()]).toEqual(['newcomer']);
  expect([...host.apps.keys()]).toEqual(['counting', 'other']);
  expect([...host.plan.owners.values()]).toEqual(tables);
  expect(host.apps.get('counting')).toBe(standing);
});

/** One app on one switch: what it throws stays in it, its flows stay, and it is attached again, with the newest file. */

import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAppOnSwitch } from '../../src/app/app-on-switch.ts';
import type { AppContext } from '../../src/app/context.ts';
import { type AnyApp, defineApp } from '../../src/app/define-app.ts';
import type { Handlers } from '../../src/app/handlers.ts';
import { createAppHost } from '../../src/app/host.ts';
import { createSwitchSite } from '../../src/app/switch-site.ts';
import type { FlowTable } from '../../src/app/switch-view.ts';
import type { Config } from '../../src/config/model.ts';
import { output } from '../../src/flow/actions.ts';
import type { AppFlow } from '../../src/flow/flow.ts';
import { slot } from '../../src/flow/timed/template.ts';
import type { Template } from '../../src/flow/timed/timed-template.ts';
import { createWeaver } from '../../src/flow/weave/weaver.ts';
import { createConnection } from '../../src/openflow/connection.ts';
import { createDatapath } from '../../src/openflow/datapath.ts';
import { createPeer } from '../openflow/peer.ts';
import { packetOf } from './packet.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const unused = () => undefined;
const silent = pino({ level: 'silent' });

function startApp(definition: AnyApp) {
  const host = createAppHost();
  expect(host.load([{ definition, config: {}, source: 'f.yaml:1', sources: {} }])).toEqual([]);
  const connection = createConnection(createPeer().ours, 'peer', { message: unused, error: unused, close: unused });
  const events = { packetIn: unused, portChanged: unused, flowRemoved: unused, error: unused, close: unused };
  const datapath = createDatapath(connection, 1n, { hwDesc: '', swDesc: '' }, [], events);
  const silence = { synchronised: unused, refused: unused, failed: unused };
  const site = createSwitchSite(datapath, () => ({ host: 'hv1', bridge: 'br0' }), host, silence, silent);
  const weaver = createWeaver(host.plan);
  const app = host.apps.get(definition.name)!;
  const onSwitch = createAppOnSwitch(app, site, weaver, silent);
  /** The app's own flows as they shall stand, by key. */
  const keys = () => [...weaver.weave().flows.values()].filter((flow) => flow.app === app.name).map(({ key }) => key);
  /** The same, each with the port that it sends to. */
  const standing = () =>
    [...weaver.weave().flows.values()]
      .filter((flow) => flow.app === app.name)
      .map(({ key, instructions }) => {
        const [first] = instructions[0]?.type === 'applyActions' ? instructions[0].actions : [];
        return `${key} ${first?.type === 'output' ? first.port : 'nowhere'}`;
      })
      .toSorted();
  return { app, onSwitch, keys, standing };
}

type Context = AppContext<never, { main: { stage: 'switching' } }, Record<never, string>>;

/** An app whose every attach is given by a function of its own; the last one serves from there on. */
function scripted(...attaches: ((context: Context) => Handlers | undefined)[]): AnyApp {
  let run = 0;
  return defineApp({
    name: 'scripted',
    tables: { main: { stage: 'switching' } },
    attach: (context) => attaches[Math.min(run++, attaches.length - 1)]!(context as never),
  });
}

const flow = { priority: 5, match: { inPort: 1 }, actions: [], intent: 'x' };
const packet = packetOf(new Uint8Array(14));
const boom = () => {
  throw new Error('boom');
};

test('what an app throws in a handler stays in it; its flows stay; it is attached again', () => {
  const { app, onSwitch, keys } = startApp(
    scripted(
      ({ dp }) => {
        dp.flows.main.set('one', flow);
        return { packetIn: boom };
      },
      ({ dp }) => {
        dp.flows.main.set('two', flow);
        return undefined;
      },
    ),
  );
  onSwitch.attach(undefined);
  expect(app).toMatchObject({ errors: 0, error: null });
  onSwitch.packetIn(packet);
  expect(app).toMatchObject({ errors: 1, error: 'packetIn: boom', packetIns: 1 });
  expect(keys()).toEqual(['one']);
  // Until then nothing of it runs.
  onSwitch.packetIn(packet);
  expect(app).toMatchObject({ errors: 1, packetIns: 1, packetInsDropped: 1 });
  vi.advanceTimersByTime(1000);
  expect(app.error).toBeNull();
  expect(keys()).toEqual(['two']);
});

test('an attach that throws leaves the flows that stood, and is tried again after 1, 2, 4 … seconds', () => {
  const failing = ({ dp }: Context) => {
    dp.flows.main.set('half', flow);
    return boom();
  };
  const { app, onSwitch, keys } = startApp(
    scripted(
      ({ dp }) => {
        dp.flows.main.set('whole', flow);
        return { portUp: boom };
      },
      failing,
      failing,
      ({ dp }) => {
        dp.flows.main.set('mended', flow);
        return undefined;
      },
    ),
  );
  onSwitch.attach(undefined);
  onSwitch.notify('ports', 'portUp', (handlers) => handlers.portUp?.({ number: 1, name: 'p1', mac: '', up: true }));
  expect(app.errors).toBe(1);
  vi.advanceTimersByTime(1000);
  expect([app.errors, app.error, keys()]).toEqual([2, 'attach: boom', ['whole']]);
  vi.advanceTimersByTime(1999);
  expect(app.errors).toBe(2);
  vi.advanceTimersByTime(1);
  expect([app.errors, keys()]).toEqual([3, ['whole']]);
  vi.advanceTimersByTime(4000);
  expect([app.errors, app.error, keys()]).toEqual([3, null, ['mended']]);
});

test('one that pauses begins at once where its config or the file is another, and not for less', () => {
  const { app, onSwitch } = startApp(scripted(boom, boom, boom, () => undefined));
  const file = { file: 'same' } as Config;
  onSwitch.attach(file);
  onSwitch.reloaded(file);
  expect(app.errors).toBe(1);
  onSwitch.reloaded({ file: 'other' } as Config);
  expect(app.errors).toBe(2);
  app.config = { other: true };
  onSwitch.reloaded({ file: 'other' } as Config);
  expect(app.errors).toBe(3);
  app.config = { mended: true };
  onSwitch.reloaded(undefined);
  expect(app.error).toBeNull();
  // It is not begun a second time when its time would have come.
  vi.advanceTimersByTime(60_000);
  expect(app).toMatchObject({ errors: 3, error: null });
});

test('it is attached again with the newest file', () => {
  const seen: unknown[] = [];
  const { onSwitch } = startApp(
    scripted(({ network }) => {
      seen.push(network?.file);
      return { networkChanged: boom };
    }),
  );
  onSwitch.attach({ file: 'old' } as Config);
  onSwitch.reloaded({ file: 'new' } as Config);
  onSwitch.reloaded({ file: 'newest' } as Config);
  vi.advanceTimersByTime(1000);
  expect(seen).toEqual(['old', 'newest']);
});

test("an app's timers end with it, and what throws in one stays in it", () => {
  let ticks = 0;
  const { app, onSwitch } = startApp(
    scripted(
      ({ timers }) => {
        timers.every(1, () => ticks++);
        timers.after(3.5, boom);
        return undefined;
      },
      () => undefined,
    ),
  );
  onSwitch.attach(undefined);
  vi.advanceTimersByTime(3500);
  expect([ticks, app.error]).toEqual([3, 'a timer: boom']);
  vi.advanceTimersByTime(60_000);
  expect([ticks, app.error]).toEqual([3, null]);
  onSwitch.detach();
  expect(vi.getTimerCount()).toBe(1); // The connection's own probe.
});

test('replace, over and over: whatever came between, just what was named last is there', () => {
  const lists = fc.array(
    fc.record({
      // Keys, each with one of two flows: the same object each time, or another that says the same.
      named: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.nat(2), fc.boolean()), {
        maxLength: 8,
      }),
      between: fc.constantFrom('nothing', 'nothing', 'set', 'delete', 'timed', 'changed in place'),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(lists, (rounds) => {
      let main: FlowTable | undefined;
      const { onSwitch, standing } = startApp(
        scripted(({ dp }) => {
          ({ main } = dp.flows as { main: FlowTable });
          return { networkChanged: () => next() };
        }),
      );
      const flows = new Map(['a', 'b', 'c', 'd', 'e', 'f'].map((key, i) => [key, [0, 1, 2].map((n) => flowAt(i, n))]));
      let entries: [string, AppFlow][] = [];
      let next: () => void = unused;
      onSwitch.attach(undefined);
      for (const { named, between } of rounds) {
        next = () => {
          if (between === 'set') main?.set('extra', flowAt(9, 1));
          if (between === 'delete') main?.delete('a');
          if (between === 'timed') main?.set('b', { ...flowAt(1, 0), idleTimeout: 5 });
          const fresh = named.map(([key, n, copied]): [string, AppFlow] => {
            const one = flows.get(key)![n]!;
            return [key, copied ? structuredClone(one) : one];
          });
          if (between === 'changed in place') entries.splice(0, entries.length, ...fresh);
          else entries = fresh;
          main?.replace(entries as never);
        };
        onSwitch.reloaded(undefined);
        const wanted = new Map(named.map(([key, n]) => [key, n]));
        expect(standing()).toEqual([...wanted].map(([key, n]) => `${key} ${n + 1}`).toSorted());
      }
    }),
    { numRuns: 200 },
  );
});

/** A match and an output of its own. */
function flowAt(inPort: number, out: number): AppFlow {
  return { priority: 5, match: { inPort: inPort + 1 }, actions: [output(out + 1)], intent: 'x' };
}

test('replace: these and no others; detach withdraws all', () => {
  const { onSwitch, keys } = startApp(
    scripted(({ dp }) => {
      dp.flows.main.replace([
        ['a', flow],
        ['b', { ...flow, priority: 6 }],
      ]);
      return {
        portUp: () => dp.flows.main.replace([['b', { ...flow, priority: 6 }]]),
        portDown: () => dp.flows.main.delete('b'),
      };
    }),
  );
  const port = { number: 1, name: 'p1', mac: '', up: true };
  onSwitch.attach(undefined);
  expect(keys()).toEqual(['a', 'b']);
  onSwitch.notify('ports', 'portUp', (handlers) => handlers.portUp?.(port));
  expect(keys()).toEqual(['b']);
  onSwitch.notify('ports', 'portDown', (handlers) => handlers.portDown?.(port));
  expect(keys()).toEqual([]);
  onSwitch.notify('ports', 'portUp', (handlers) => handlers.portUp?.(port));
  expect(keys()).toEqual(['b']);
  onSwitch.detach();
  expect(keys()).toEqual([]);
});

test('what follows from the file and the ports is told from what traffic and the clock brought', () => {
  const { onSwitch, keys } = startApp(
    scripted(({ dp, timers }) => {
      const { main } = dp.flows;
      const at = (priority: number) => ({ ...flow, priority });
      main.set('steady', at(1));
      main.set('withdrawn', at(2));
      timers.after(1, () => {
        main.delete('withdrawn');
        main.set('by the clock', at(3));
        dp.groups.set('by the clock', { type: 'all', buckets: [] });
      });
      return {
        packetIn() {
          main.set('by a packet', at(4));
          main.set('with a timeout', { ...at(5), idleTimeout: 10 });
          main.delete('with a timeout');
        },
        portUp() {
          main.set('by a port', at(6));
          timers.after(0, () => main.set('by a port, put off', at(8)));
        },
        flowRemoved: () => main.set('by a flow that ended', at(7)),
        networkChanged() {
          main.set('by the clock', at(3));
          main.set('withdrawn', at(2));
          main.delete('by a packet');
          dp.groups.replace([]);
        },
      };
    }),
  );
  const all = [
    'steady',
    'withdrawn',
    'by the clock',
    'by a packet',
    'with a timeout',
    'by a port',
    'by a port, put off',
    'by a flow that ended',
  ];
  const passing = () => [
    ...all.filter((key) => onSwitch.isPassing({ table: 'main', key })),
    ...(onSwitch.isPassing({ group: 'by the clock' }) ? ['group'] : []),
  ];
  onSwitch.attach(undefined);
  onSwitch.notify('ports', 'portUp', (handlers) => handlers.portUp?.({ number: 1, name: 'p1', mac: '', up: true }));
  vi.advanceTimersByTime(0);
  expect(keys()).toContain('by a port, put off');
  expect(passing()).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(passing()).toEqual(['withdrawn', 'by the clock', 'group']);
  onSwitch.packetIn(packet);
  onSwitch.notify('traffic', 'flowRemoved', (handlers) => handlers.flowRemoved?.('main', 'steady'));
  expect(passing()).toEqual(['withdrawn', 'by the clock', 'by a packet', 'by a flow that ended', 'group']);
  onSwitch.reloaded(undefined);
  expect(passing()).toEqual(['by a flow that ended']);
});

test('an instance that has ended takes no template from the one that runs', async () => {
  const spec = { priority: 5, match: {}, actions: [], idleTimeout: 60, intent: 'x' };
  let late: (() => void) | undefined;
  const { onSwitch } = startApp(
    scripted(
      ({ dp }) => {
        late = () => void dp.flows.main.template(spec);
        return { packetIn: boom };
      },
      () => undefined,
    ),
  );
  onSwitch.attach(undefined);
  expect(late).not.toThrow();
  onSwitch.packetIn(packet);
  expect(late).toThrow('this instance of the app has ended');
});

test('the template of an instance that has ended sets nothing, though the next instance has the same', () => {
  const spec = { priority: 5, match: { inPort: slot(0) }, actions: [output(slot(1))], idleTimeout: 60, intent: 'x' };
  const templates: Template[] = [];
  const { onSwitch } = startApp(
    scripted(({ dp }) => {
      templates.push(dp.flows.main.template(spec));
      return {};
    }),
  );
  onSwitch.attach(undefined);
  const [first] = templates;
  expect(first!.set(1, 2)).toBe(true);
  onSwitch.restart();
  expect([first!.set(1, 2), templates[1]!.set(1, 2)]).toEqual([false, true]);
  onSwitch.detach();
  expect(templates[1]!.set(1, 2)).toBe(false);
});

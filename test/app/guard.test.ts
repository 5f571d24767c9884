/** The walls around an app: what takes too long, what fails later, and what an instance that is gone still does. */

import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AppContext } from '../../src/app/context.ts';
import { type AnyApp, defineApp } from '../../src/app/define-app.ts';
import { APP, createMarks, type Marks, TICK, WORK } from '../../src/app/marks.ts';
import { type Network, request, startNetwork } from './network.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
let open: Network | undefined;
afterEach(() => {
  open?.close();
  vi.useRealTimers();
});

let lines: string[];
let marks: Marks;
function start(...apps: AnyApp[]): Network {
  return startWith({}, ...apps);
}
function startWith(options: { mostFlows?: number }, ...apps: AnyApp[]): Network {
  lines = [];
  marks = createMarks();
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  open = startNetwork(
    apps.map((app) => request(app)),
    [1],
    { log, marks, ...options },
  );
  return open;
}
const stateOf = (name: string) => open!.host.apps.get(name)!;
/** As the watchdog's thread does while an app runs: `ms` pass. */
const pass = (ms: number) => {
  marks.numbers[TICK]! += ms / 10;
};

test('a call that takes long is told once; five in a row, and the app pauses, longer each time', () => {
  let takes = 200;
  const slow = defineApp({ name: 'slow', attach: () => ({ packetIn: () => pass(takes) }) });
  const network = start(slow);
  for (let i = 0; i < 4; i++) network.packetIn(1, 'slow');
  expect(lines).toEqual(['app "slow": packetIn took about 200 ms, and nothing else ran meanwhile']);
  // One that is quick begins the row anew.
  takes = 20;
  network.packetIn(1, 'slow');
  takes = 200;
  for (let i = 0; i < 4; i++) network.packetIn(1, 'slow');
  expect(stateOf('slow')).toMatchObject({ error: null, packetIns: 9 });
  network.packetIn(1, 'slow');
  expect(stateOf('slow').error).toBe(
    'packetIn: packetIn took about 200 ms, and nothing else ran meanwhile, as did the 4 calls before',
  );
  expect(lines.at(-1)).toMatch(/its flows stay, it begins again in 1 s$/);
  vi.advanceTimersByTime(1000);
  expect(stateOf('slow').error).toBeNull();
  for (let i = 0; i < 5; i++) network.packetIn(1, 'slow');
  expect(lines.at(-1)).toMatch(/begins again in 2 s$/);
});

test('who begins may take long: it is told, and no reason to pause', () => {
  const thorough = defineApp({ name: 'thorough', attach: () => void pass(3000) as undefined });
  start(thorough);
  expect(lines).toEqual(['app "thorough": attach took about 3000 ms']);
  expect(stateOf('thorough').error).toBeNull();
});

test('one that ran well for a while begins again after one second', () => {
  const failing = defineApp({
    name: 'failing',
    attach: () => ({
      packetIn() {
        throw new Error('boom');
      },
    }),
  });
  const network = start(failing);
  const fail = () => {
    network.packetIn(1, 'failing');
    return /in (\d+) s$/.exec(lines.at(-1) ?? '')?.[1];
  };
  expect(fail()).toBe('1');
  vi.advanceTimersByTime(1000);
  expect(fail()).toBe('2');
  vi.advanceTimersByTime(2000 + 59_000);
  expect(fail()).toBe('4');
  vi.advanceTimersByTime(4000 + 60_000);
  expect(fail()).toBe('1');
});

test('the watchdog knows whose code runs, also inside another', () => {
  const seen: unknown[] = [];
  const now = () => [marks.numbers[APP], marks.numbers[WORK]];
  const inner = defineApp({ name: 'inner', attach: () => ({ networkChanged: () => void seen.push(now()) }) });
  const outer = defineApp({
    name: 'outer',
    attach: () => ({
      packetIn() {
        seen.push(now());
        open!.site(1).attach(undefined);
        seen.push(now());
      },
    }),
  });
  const network = start(inner, outer);
  network.packetIn(1, 'outer');
  const [packetIn, changed] = [marks.work('packetIn'), marks.work('networkChanged')];
  expect(seen).toEqual([
    [marks.app('outer'), packetIn],
    [marks.app('inner'), changed],
    [marks.app('outer'), packetIn],
  ]);
  expect(now()).toEqual([0, 0]);
});

test('a promise that is rejected ends the instance that it is of, and no later one', async () => {
  const rejects: ((error: Error) => void)[] = [];
  const later = defineApp({
    name: 'later',
    attach: () => ({
      packetIn: () => new Promise<void>((_, reject) => rejects.push(reject)) as unknown as undefined,
    }),
  });
  const network = start(later);
  network.packetIn(1, 'later');
  network.packetIn(1, 'later');
  rejects[0]!(new Error('late'));
  await network.told();
  expect(stateOf('later')).toMatchObject({ errors: 1, error: 'packetIn: late' });
  vi.advanceTimersByTime(1000);
  expect(stateOf('later').error).toBeNull();
  rejects[1]!(new Error('later still'));
  await network.told();
  expect(stateOf('later')).toMatchObject({ errors: 1, error: null });
  expect(lines.at(-1)).toMatch(/packetIn of an instance that is gone failed: later still$/);
});

test('attach that is async is refused in words', () => {
  start(defineApp({ name: 'async', attach: (async () => undefined) as never }));
  expect(stateOf('async').error).toBe('attach: attach is async: it must give its handlers back at once, not a promise');
});

test('an app that declares without end: the flows beyond a limit are left out, counted and told once', () => {
  const flow = (priority: number) => ({ priority, match: {}, actions: [], intent: 'x' });
  const endless = defineApp({
    name: 'endless',
    tables: { main: { stage: 'admit' } },
    attach({ dp }) {
      const { main } = dp.flows;
      for (let i = 0; i < 10; i++) main.set(`${i}`, flow(i));
      // What it withdraws makes room; what it has it may set again.
      main.delete('0');
      main.set('0', flow(100));
      main.set('1', flow(101));
      main.set('late', flow(102));
      return undefined;
    },
  });
  startWith({ mostFlows: 4 }, endless);
  expect(stateOf('endless')).toMatchObject({ flowsLeftOut: 7, error: null });
  expect(lines).toEqual(['app "endless" declares more than 4 flows: those beyond are left out']);
});

test('what an instance that is gone still does comes to nothing', async () => {
  type Context = AppContext<never, { main: { stage: 'admit' } }, never>;
  const contexts: Context[] = [];
  let heard = 0;
  const app = defineApp({
    name: 'app',
    tables: { main: { stage: 'admit' } },
    attach(context) {
      contexts.push(context as unknown as Context);
      return {
        packetIn() {
          throw new Error('boom');
        },
        topologyChanged: () => void heard++,
      };
    },
  });
  const network = start(app);
  network.packetIn(1, 'app');
  vi.advanceTimersByTime(1000);
  const [gone, standing] = contexts as [Context, Context];
  const flow = { priority: 1, match: {}, actions: [], intent: 'x' };
  const places = () => open!.site(1).isPassing('app', { table: 'main', key: 'late' });
  const timers = vi.getTimerCount();
  gone.dp.flows.main.set('late', flow);
  gone.timers.every(1, () => undefined);
  gone.timers.after(1, () => undefined);
  gone.emit('topologyChanged');
  await network.told();
  expect([places(), vi.getTimerCount() - timers, heard]).toEqual([false, 0, 0]);
  standing.dp.flows.main.set('late', flow);
  standing.timers.after(1, () => undefined);
  standing.emit('topologyChanged');
  await network.told();
  expect([places(), vi.getTimerCount() - timers, heard]).toEqual([true, 1, 1]);
});

test('one that fails in its last words ends all the same, and does not come back', () => {
  const boom = () => {
    throw new Error('boom');
  };
  let begun = 0;
  const begin = () => {
    begun++;
    return { detach: boom };
  };
  const network = start(defineApp({ name: 'rude', setup: begin, attach: begin }));
  const before = vi.getTimerCount();
  network.load([]);
  expect(lines).toEqual(Array(2).fill('app "rude" failed in its last words: boom; it ends all the same'));
  expect(vi.getTimerCount()).toBeLessThanOrEqual(before);
  vi.advanceTimersByTime(120_000);
  expect(begun).toBe(2);
});

test('what gives back no handlers is told what it gave instead', () => {
  const giving = (what: unknown) => defineApp({ name: 'giving', attach: () => what as undefined });
  start(giving('handlers'));
  expect(stateOf('giving').error).toBe('attach: attach gave back a string, not its handlers');
  open!.close();
  start(giving(Promise.resolve()));
  expect(stateOf('giving').error).toMatch(/^attach: attach is async/);
  open!.close();
  start(giving(null));
  expect(stateOf('giving').error).toBeNull();
});

test('whatever is thrown, the app fails and is told; also what throws again when it is looked at', () => {
  const trap = () => {
    throw new Error('a trap');
  };
  const message = Object.defineProperty(new Error('x'), 'message', { get: trap });
  const things = [
    null,
    undefined,
    5n,
    Symbol('x'),
    { toString: trap },
    message,
    new Proxy({}, { getPrototypeOf: trap }),
  ];
  let next = 0;
  const broken = defineApp({
    name: 'broken',
    attach: () => ({
      packetIn() {
        throw things[next];
      },
    }),
  });
  const network = start(broken);
  const told = things.map(() => {
    network.packetIn(1, 'broken');
    const { error } = stateOf('broken');
    next++;
    vi.advanceTimersByTime(60_000);
    return error;
  });
  const unreadable = 'packetIn: something that cannot be read';
  const words = ['packetIn: null', 'packetIn: undefined', 'packetIn: 5', 'packetIn: Symbol(x)'];
  expect(told).toEqual([...words, unreadable, unreadable, unreadable]);
  expect(stateOf('broken').error).toBeNull();
});

test('a timer of no time or of more than Node has, and a count that is no number, are refused', () => {
  let context: AppContext<never, never, { seen: string }> | undefined;
  const asking = defineApp({
    name: 'asking',
    counters: { seen: 'What was seen' },
    attach(given) {
      context = given as unknown as typeof context;
      return undefined;
    },
  });
  start(asking);
  const { timers, counters } = context!;
  let runs = 0;
  for (const seconds of [Number.NaN, -1, 30 * 86_400, 'x' as unknown as number]) {
    const text = new RegExp(`^a timer of ${seconds} seconds can't be: give a number from 0 to 2147483`);
    expect(() => timers.every(seconds, () => runs++)).toThrow(text);
    if (seconds !== -1) expect(() => timers.after(seconds, () => runs++)).toThrow(text);
  }
  timers.after(20 * 86_400, () => runs++);
  vi.advanceTimersByTime(86_400_000);
  expect(runs).toBe(0);
  timers.after(-1, () => runs++);
  vi.advanceTimersByTime(1);
  expect(runs).toBe(1);
  for (const count of [Number.NaN, 'x' as unknown as number, {} as number]) {
    expect(() => counters.seen.add(count)).toThrow(/^a counter can't add /);
  }
  counters.seen.add();
  expect(counters.seen.value).toBe(1);
});

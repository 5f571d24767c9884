/**
 * The walls around one instance of an app: what it throws, promises that it leaves rejected, and what takes too long end
 * this instance and nothing else; it begins again after a while, later each time.
 */

import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type CurrentApp, runAs } from './current-app.ts';
import type { LoadedApp } from './loaded-app.ts';
import { APP, type Marks, TICK, TICK_MS, WORK } from './marks.ts';
import { atPlaceInApp } from './stack-places.ts';
import { thrownWords } from './thrown.ts';

/** Seconds until an instance that failed begins again: 1, 2, 4 … 60; one that then ran this long begins at 1 again. */
const FIRST_RESTART = 1;
const LAST_RESTART = 60;
const RAN_WELL = 60;

/** A call that takes longer is told; so many of them in a row, and the app pauses. */
const LONG_MS = 100;
const MOST_LONG = 5;
/** Seconds between two lines about long calls. */
const TOLD_EVERY = 10;

export interface Guard {
  /** Runs what the app gave us; false: it failed. */
  run(what: string, call: () => unknown): boolean;
  /** The same for what comes often: `handler.call(self, one, two)`, nothing allocated. `what` is of `work()`. */
  invoke<A, B>(what: number, name: string, self: object, handler: (one: A, two: B) => unknown, one: A, two: B): void;
  /** A timer of the instance's, by what stops it: it ends with it. */
  timer(stop: () => void): void;
  forget(stop: () => void): void;
  /** It began well: it counts as sound until it fails. */
  began(): void;
  /** Ends timers and the wish to begin again; what is still under way of the instance no longer matters. */
  end(): void;
}

export interface GuardOptions {
  app: LoadedApp;
  /** Tells this instance from others of the app: the switch's name, or `setup`. */
  place: string;
  marks: Marks;
  clock: Clock;
  log: Logger;
  /** It takes the place of another version: if it can't begin, that is told elsewhere, and it is not tried again. */
  isTrial(): boolean;
  /** For people; its flows in any case. */
  whatStays?(): string;
  /** It has failed: its handlers are not to be called again. */
  failed(): void;
  restart(): void;
}

export function createGuard(options: GuardOptions): Guard {
  const { app, place, marks, clock, log, isTrial, whatStays, failed, restart } = options;
  const { numbers } = marks;
  const number = marks.app(app.name);
  const timers = new Set<() => void>();
  let restartIn = FIRST_RESTART;
  /** Goes up as an instance ends: a promise of an earlier one changes nothing. */
  let generation = 0;
  let long = 0;
  let toldLong = Number.NEGATIVE_INFINITY;
  let current = currentOf();

  /** What is still under way of an instance that is gone can only be told. */
  function currentOf(): CurrentApp {
    const mine = generation;
    return {
      name: app.name,
      fail(what, error) {
        if (mine === generation) fail(what, error);
        else log.warn(`app "${app.name}": ${what} of an instance that is gone failed: ${thrownWords(error).message}`);
      },
    };
  }

  function over(): void {
    generation++;
    current = currentOf();
    clearTimers();
  }

  function clearTimers(): void {
    for (const stop of timers) stop();
    timers.clear();
  }

  function fail(what: string, error: unknown): void {
    const thrown = thrownWords(error);
    const { stack } = thrown;
    const message = `${thrown.message}${atPlaceInApp(stack)}`;
    over();
    long = 0;
    app.fault(place, `${what}: ${message}`);
    failed();
    if (isTrial()) return;
    if (what === 'detach') {
      log.error({ stack }, `app "${app.name}" failed in its last words: ${message}; it ends all the same`);
      return;
    }
    const stays = whatStays?.() ?? 'its flows stay';
    log.error(
      { stack },
      `app "${app.name}" failed in ${what}: ${message}; ${stays}, it begins again in ${restartIn} s`,
    );
    timers.add(clock.after(restartIn * 1000, restart));
    restartIn = Math.min(restartIn * 2, LAST_RESTART);
  }

  /** Nothing waits for what an app has under way; only its failing is heard. */
  function follow(what: string, result: unknown): void {
    if (typeof (result as PromiseLike<unknown> | null)?.then !== 'function') return;
    const mine = current;
    (result as PromiseLike<unknown>).then(undefined, (error: unknown) => mine.fail(what, error));
  }

  function tookLong(what: string, ticks: number): void {
    long++;
    const took = `${what} took about ${ticks * TICK_MS} ms, and nothing else ran meanwhile`;
    if (long >= MOST_LONG) {
      // Nothing was thrown: it has no place.
      fail(what, `${took}, as did the ${MOST_LONG - 1} calls before`);
      return;
    }
    const now = performance.now();
    if (now - toldLong < TOLD_EVERY * 1000) return;
    toldLong = now;
    log.warn(`app "${app.name}": ${took}`);
  }

  const guard: Guard = {
    run(what, call) {
      const [outer, outerWork] = [numbers[APP]!, numbers[WORK]!];
      const mine = generation;
      numbers[APP] = number;
      numbers[WORK] = marks.work(what);
      const before = numbers[TICK]!;
      try {
        follow(what, runAs(current, call));
      } catch (error) {
        fail(what, error);
      } finally {
        numbers[APP] = outer;
        numbers[WORK] = outerWork;
      }
      // Who begins, or hears of another file, may have much to do.
      const ticks = numbers[TICK]! - before;
      const isLong = ticks * TICK_MS >= LONG_MS;
      if (isLong && mine === generation) {
        if (MAY_TAKE_LONG.has(what)) log.info(`app "${app.name}": ${what} took about ${ticks * TICK_MS} ms`);
        else tookLong(what, ticks);
      } else if (!isLong) long = 0;
      return mine === generation;
    },
    invoke(what, name, self, handler, one, two) {
      const outer = numbers[APP]!;
      const outerWork = numbers[WORK]!;
      numbers[APP] = number;
      numbers[WORK] = what;
      const before = numbers[TICK]!;
      const mine = generation;
      try {
        const result = handler.call(self, one, two);
        if (result !== undefined) follow(name, result);
      } catch (error) {
        fail(name, error);
      }
      numbers[APP] = outer;
      numbers[WORK] = outerWork;
      const ticks = numbers[TICK]! - before;
      if (ticks * TICK_MS >= LONG_MS) {
        if (mine === generation) tookLong(name, ticks);
      } else long = 0;
    },
    timer: (stop) => void timers.add(stop),
    forget: (stop) => timers.delete(stop),
    began() {
      app.fault(place, null);
      if (restartIn === FIRST_RESTART) return;
      const sound = clock.after(RAN_WELL * 1000, () => {
        timers.delete(sound);
        restartIn = FIRST_RESTART;
      });
      timers.add(sound);
    },
    end() {
      over();
      app.fault(place, null);
    },
  };
  return guard;
}

const MAY_TAKE_LONG: ReadonlySet<string> = new Set([
  'attach',
  'setup',
  'networkChanged',
  'configChanged',
  'switchUp',
  'detach',
]);

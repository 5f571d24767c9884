/**
 * Fair turns between apps that packet-ins come for. In one turn of the event loop an app may take as long as hardly one of the
 * others' packet-ins comes meanwhile; what is beyond that waits in a queue, of which a slice is handled in each turn, and what the
 * queue does not hold is dropped and counted. An app that sends or declares more than it may gets a hundredth of the time. Nothing is
 * measured for a single packet: costs nothing while nobody floods.
 */

import type { PacketInPlace } from '../../proto/openflow/packet-in-place.ts';
import type { Clock } from '../clock.ts';
import { createBusyPoll } from './busy-poll.ts';

/** An app's packet-ins from one switch. */
export interface Share {
  /** Also those that wait are forgotten. */
  end(): void;
}

export interface Turns {
  /** `deliver` handles one; `dropped` hears of each that is not, `first` of those of one flood. */
  share(app: string, deliver: (place: PacketInPlace) => void, dropped: (first: boolean) => void): Share;
  /** True: it is handled now, by the caller; false: it is seen to here. */
  enter(share: Share, place: PacketInPlace): boolean;
  /** What the app sent or declared because of the packet-in that is being handled was more than it may. */
  flooded(share: Share): void;
  /** What came together has been told: what follows may come after a while. */
  chunkRead(): void;
}

export interface TurnsOptions {
  now(): number;
  /** Runs it after what waits at the sockets; or after so many milliseconds. */
  later(run: () => void, ms?: number): void;
  /** Packet-ins that came together were handled until then. */
  handled?(at: number): void;
}

/** Of the mean time between the others' packet-ins: how long an app may take in a turn, within limits in milliseconds. */
const OF_GAP = 0.25;
const MOST_MS = 20;
const LEAST_MS = 0.25;
/** How often packet-ins come is looked at so often, and what was before counts for half. Others that get less than that are none. */
const LOOK_MS = 200;
const LEAST_OFTEN = 1 / 10_000;
/** Packet-ins in a row before the clock is asked again, at most: so many as take about ASKED_MS. */
const UNASKED = 64;
const ASKED_MS = 0.1;
/**
 * Who floods rests for so many times what it took, within limits in milliseconds: what it sent and declared costs time later, too.
 */
const REST = 99;
const LEAST_REST_MS = 200;
const MOST_REST_MS = 1000;
/** Of an app and switch. */
export const MOST_WAITING = 256;
const MOST_BYTES = 1 << 20;

interface App {
  /** Milliseconds in this turn. */
  used: number;
  /** Packet-ins that were handled as they came, since the last look; and in a millisecond, before it. */
  came: number;
  often: number;
  floods: boolean;
  restsUntil: number;
  isPutOff: boolean;
  /** Shares with packet-ins that wait, in the order of their turns. */
  waiting: OneShare[];
}

interface OneShare extends Share {
  app: App;
  queue: PacketInPlace[];
  bytes: number;
  overflows: boolean;
  deliver(place: PacketInPlace): void;
  dropped(first: boolean): void;
}

/** Where time stands still while an app's code runs, none of it is too much. */
export function turnsBy({ now, after }: Clock): TurnsOptions {
  return { now, later: (run, ms) => void (ms === undefined ? setImmediate(run) : after(ms, run)) };
}

export function createTurns(
  { now, later, handled }: TurnsOptions = {
    now: () => performance.now(),
    later: (run, ms) => void (ms === undefined ? setImmediate(run) : setTimeout(run, ms).unref()),
    handled: createBusyPoll(),
  },
): Turns {
  const apps = new Map<string, App>();
  /** Of all apps together. */
  let often = 0;
  let lookedAt = now();
  /** Whose packet-ins are being handled, since when, and how many are until the clock is asked. */
  let current: App | undefined;
  let since = 0;
  let unasked = 0;
  let stride = 1;
  let scheduled = false;
  let rests = false;

  /** Whose packet-ins wait is not counted: what it had to wait it has waited. */
  function look(at: number): void {
    often = 0;
    for (const app of apps.values()) {
      app.often = (app.often + app.came / (at - lookedAt)) / 2;
      app.came = 0;
      often += app.often;
    }
    lookedAt = at;
  }

  /** How long it may take in a turn; Infinity: nobody else wants any. */
  function budgetOf(app: App): number {
    const others = often - app.often;
    return others < LEAST_OFTEN ? Number.POSITIVE_INFINITY : Math.min(MOST_MS, Math.max(LEAST_MS, OF_GAP / others));
  }

  /** It took so long until now. */
  function took(app: App, ms: number, at: number): void {
    app.used += ms;
    if (!app.floods) return;
    app.floods = false;
    app.restsUntil = at + Math.min(MOST_REST_MS, Math.max(LEAST_REST_MS, ms * REST));
  }

  function charge(app: App): void {
    const at = now();
    const ms = at - since;
    stride = ms < ASKED_MS ? Math.min(UNASKED, stride * 2) : Math.max(1, stride >> 1);
    since = at;
    unasked = 0;
    if (at - lookedAt > LOOK_MS) look(at);
    const budget = budgetOf(app);
    if (budget === Number.POSITIVE_INFINITY) {
      app.used = 0;
      app.floods = false;
      return;
    }
    took(app, ms, at);
    if (app.used > budget || at < app.restsUntil) app.isPutOff = true;
    schedule();
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    later(nextTurn);
  }

  function change(app: App): void {
    if (current !== undefined) charge(current);
    else since = now();
    current = app;
    stride = 1;
    unasked = 0;
  }

  function putOff(share: OneShare, place: PacketInPlace): void {
    const { start, end } = place;
    if (share.queue.length >= MOST_WAITING || share.bytes + end - start > MOST_BYTES) {
      share.dropped(!share.overflows);
      share.overflows = true;
      return;
    }
    if (share.queue.length === 0) share.app.waiting.push(share);
    share.queue.push({
      ...place,
      bytes: place.bytes.slice(start, end),
      start: 0,
      end: end - start,
      dataStart: place.dataStart - start,
    });
    share.bytes += end - start;
    schedule();
  }

  function nextTurn(): void {
    scheduled = false;
    let rest = Number.POSITIVE_INFINITY;
    for (const app of apps.values()) {
      const from = now();
      if (from < app.restsUntil) {
        if (app.waiting.length > 0) rest = Math.min(rest, app.restsUntil - from);
        continue;
      }
      app.used = 0;
      handleWaiting(app, from);
      app.isPutOff = app.waiting.length > 0 || app.restsUntil > from;
      if (app.waiting.length > 0) schedule();
    }
    if (rest === Number.POSITIVE_INFINITY || scheduled || rests) return;
    rests = true;
    later(() => {
      rests = false;
      nextTurn();
    }, rest);
  }

  /** Switch by switch: what is sent to one leaves together. */
  function handleWaiting(app: App, from: number): void {
    const { waiting } = app;
    const until = from + Math.min(MOST_MS, budgetOf(app));
    let at = from;
    for (let share = waiting[0]; share !== undefined; share = waiting[0]) {
      for (let place = share.queue.shift(); place !== undefined; place = share.queue.shift()) {
        share.bytes -= place.end;
        share.deliver(place);
        const before = at;
        at = now();
        took(app, at - before, at);
        if (at >= until || at < app.restsUntil) break;
      }
      if (share.queue.length > 0) return;
      share.overflows = false;
      waiting.shift();
      if (at >= until || at < app.restsUntil) return;
    }
  }

  return {
    share(name, deliver, dropped) {
      const app = apps.get(name) ?? {
        ...{ used: 0, came: 0, often: 0, floods: false, restsUntil: Number.NEGATIVE_INFINITY },
        isPutOff: false,
        waiting: [],
      };
      apps.set(name, app);
      const share: OneShare = {
        ...{ app, queue: [], bytes: 0, overflows: false, deliver, dropped },
        end() {
          share.queue = [];
          share.bytes = 0;
        },
      };
      return share;
    },
    enter(given, place) {
      const share = given as OneShare;
      const { app } = share;
      if (app !== current) change(app);
      else if (++unasked >= stride) charge(app);
      if (!app.isPutOff) {
        app.came++;
        return true;
      }
      putOff(share, place);
      return false;
    },
    flooded(given) {
      (given as OneShare).app.floods = true;
      stride = 1;
    },
    chunkRead() {
      if (current === undefined) return;
      charge(current);
      current = undefined;
      handled?.(since);
    },
  };
}

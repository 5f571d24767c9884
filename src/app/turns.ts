/**
 * Fair turns between apps that packet-ins come for. An app that takes more than its share of the time while others get
 * packet-ins too has its own put off: they wait in a queue, of which a slice is handled in each turn of the event loop; what
 * the queue does not hold is dropped and counted. Nothing is measured for a single packet: costs nothing while nobody floods.
 */

import type { PacketInPlace } from '../../proto/openflow/packet-in-place.ts';

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
  /** What came together has been told: what follows may come after a while. */
  chunkRead(): void;
}

export interface TurnsOptions {
  now(): number;
  /** Runs it after what waits at the sockets. */
  later(run: () => void): void;
}

/**
 * So many milliseconds an app may take in one turn of the event loop while others want some; less by half in each turn that
 * leaves some of its packet-ins waiting, down to the least.
 */
const MOST_MS = 4;
const LEAST_MS = 0.5;
/** Others: that got a packet-in within so many milliseconds. */
const RIVAL_MS = 1000;
/** Packet-ins in a row before the clock is asked again, at most: so many as take about ASKED_MS. */
const UNASKED = 64;
const ASKED_MS = 0.1;
/** Of an app and switch. */
export const MOST_WAITING = 256;
const MOST_BYTES = 1 << 20;

interface App {
  /** Milliseconds in this turn, and how many there may be. */
  used: number;
  budget: number;
  seenAt: number;
  isPutOff: boolean;
  /** Shares with packet-ins that wait, in the order of their turns. */
  waiting: OneShare[];
}

interface OneShare extends Share {
  app: App;
  queue: PacketInPlace[];
  bytes: number;
  floods: boolean;
  deliver(place: PacketInPlace): void;
  dropped(first: boolean): void;
}

export function createTurns(
  { now, later }: TurnsOptions = { now: () => performance.now(), later: (run) => void setImmediate(run) },
): Turns {
  const apps = new Map<string, App>();
  /** Whose packet-ins are being handled, since when, and how many are until the clock is asked. */
  let current: App | undefined;
  let since = 0;
  let unasked = 0;
  let stride = 1;
  let scheduled = false;

  function charge(app: App): void {
    const at = now();
    const took = at - since;
    stride = took < ASKED_MS ? Math.min(UNASKED, stride * 2) : Math.max(1, stride >> 1);
    since = at;
    unasked = 0;
    if (!hasRival(app, at)) {
      app.used = 0;
      return;
    }
    app.used += took;
    if (app.used > app.budget) app.isPutOff = true;
    schedule();
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    later(nextTurn);
  }

  function hasRival(app: App, at: number): boolean {
    for (const other of apps.values()) if (other !== app && at - other.seenAt < RIVAL_MS) return true;
    return false;
  }

  function change(app: App): void {
    if (current !== undefined) charge(current);
    else since = now();
    current = app;
    stride = 1;
    app.seenAt = since;
  }

  function putOff(share: OneShare, place: PacketInPlace): void {
    const { start, end } = place;
    if (share.queue.length >= MOST_WAITING || share.bytes + end - start > MOST_BYTES) {
      share.dropped(!share.floods);
      share.floods = true;
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
    for (const app of apps.values()) {
      const from = now();
      handleWaiting(app, from + app.budget);
      app.used = now() - from;
      app.isPutOff = app.waiting.length > 0;
      app.budget = app.isPutOff ? Math.max(LEAST_MS, app.budget / 2) : Math.min(MOST_MS, app.budget * 2);
      if (app.isPutOff) schedule();
    }
  }

  /** Switch by switch: what is sent to one leaves together. */
  function handleWaiting({ waiting }: App, until: number): void {
    for (let share = waiting[0]; share !== undefined; share = waiting[0]) {
      for (let place = share.queue.shift(); place !== undefined; place = share.queue.shift()) {
        share.bytes -= place.end;
        share.deliver(place);
        if (now() >= until) break;
      }
      if (share.queue.length > 0) return;
      share.floods = false;
      waiting.shift();
    }
  }

  return {
    share(name, deliver, dropped) {
      const app = apps.get(name) ?? {
        used: 0,
        budget: MOST_MS,
        seenAt: Number.NEGATIVE_INFINITY,
        isPutOff: false,
        waiting: [],
      };
      apps.set(name, app);
      const share: OneShare = {
        ...{ app, queue: [], bytes: 0, floods: false, deliver, dropped },
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
      if (!app.isPutOff) return true;
      putOff(share, place);
      return false;
    },
    chunkRead() {
      if (current === undefined) return;
      charge(current);
      current = undefined;
    },
  };
}

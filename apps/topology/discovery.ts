/**
 * What is behind the ports of all switches, by the probes that were heard: an end of a cable to another port, or (nothing
 * was heard) stations. Without a clock and without a wire of its own: both are told to it.
 */

import { type Cable, comparePlaces, type Place, placeKey } from './tree.ts';

/** Milliseconds. */
const PERIOD = {
  /** Between probes of a port that waits to be known. */
  fresh: 100,
  /** Of an end of a cable. */
  cable: 500,
  /** Of a port where only stations answer. */
  stations: 10_000,
} as const;

/** How long a new port is listened to before it may carry, from when its switch hands us what it hears. */
const LISTEN = 400;
/** How long a port stays closed that was the end of a cable and has fallen silent, though it is up. */
const SILENT = 5000;
/** So many probes unheard in a row, and the cable is lost when the next one is due. */
const UNHEARD = 2;
/** How long a cable may be heard in one direction only. */
const ONE_WAY = 1000;
/** A switch that never hands a probe back is believed to hear after this. */
const DEAF = 30_000;

export interface PortNow {
  number: number;
  name: string;
  up: boolean;
  /** False: a port that joins no two switches; it is neither asked nor believed. */
  asked: boolean;
}

/** Why a port is closed, whatever the tree says. */
export const NEW = 'it is new, and not known yet what is behind it';
export const DOWN = 'a cable was here, and it is down';
export const FELL_SILENT = 'a cable was here, and nothing is heard of it';
export const HALF = 'its cable is heard in one direction only';
export const KEPT = 'it has been closed since before the start, until all switches are heard';

export type Why = typeof NEW | typeof DOWN | typeof FELL_SILENT | typeof HALF | typeof KEPT;

interface PortState extends PortNow {
  why: Why | undefined;
  /** When it may open; Infinity: not by time. */
  until: number;
  askAt: number;
  isEnd: boolean;
}

interface SwitchState {
  connected: boolean;
  /** What it hears comes here. */
  hears: boolean;
  since: number;
  /** When it shall hand us a probe, while it does not hear. */
  askAt: number;
  ports: Map<number, PortState>;
}

interface Sighting {
  from: Place;
  to: Place;
  unheard: number;
  since: number;
}

export interface DiscoveryEvents {
  linkUp(from: Place, to: Place): void;
  linkDown(from: Place, to: Place): void;
}

export interface Discovery {
  /** `before`: ports that stand closed by our own flows, where the switch has forwarded by such already; undefined: it is new. */
  switchUp(dpid: string, ports: readonly PortNow[], before: ReadonlySet<number> | undefined, now: number): void;
  switchDown(dpid: string): void;
  /** It came, or its link changed. */
  port(dpid: string, port: PortNow, now: number): void;
  portGone(dpid: string, number: number, now: number): void;
  heard(from: Place, to: Place, now: number): void;
  /** Ports that shall send a probe now; port 0: the switch shall hand us one as if it had come in. */
  due(now: number): Place[];
  /** All switches have been heard: what was kept closed since before the start is the tree's now. */
  settle(): void;
  /** Why a port that is up or was the end of a cable is closed, whatever the tree says. */
  why(place: Place, now: number): Why | undefined;
  /** Ports with a reason, of one switch. */
  waiting(dpid: string, now: number): Map<number, Why>;
  /** Seen in both directions; the same objects while nothing changes. */
  cables(): readonly Cable[];
  links(): { from: Place; to: Place }[];
  hears(dpid: string): boolean;
  ports(dpid: string): number[];
  /** A switch is heard here, or hears what is sent here. */
  leadsToSwitch(place: Place): boolean;
  /** A cable is or was here since the port came up first. */
  isEnd(place: Place): boolean;
  /** Rises when a cable is found or lost. */
  readonly version: number;
}

/** The port number by which a switch hands us our own probe: no port has it. */
export const EARS = 0;

export function createDiscovery(events: DiscoveryEvents): Discovery {
  const switches = new Map<string, SwitchState>();
  /** By `from>to`. */
  const sightings = new Map<string, Sighting>();
  /** By an end: the keys of the sightings that it is in. */
  const byEnd = new Map<string, Set<string>>();
  let version = 0;
  /** The cables when the version was `cablesOf`. */
  let known: Cable[] = [];
  let cablesOf = 0;

  function portAt({ dpid, port }: Place): PortState | undefined {
    return switches.get(dpid)?.ports.get(port);
  }

  function sightingsAt(place: Place): Sighting[] {
    return [...(byEnd.get(placeKey(place)) ?? [])].flatMap((key) => sightings.get(key) ?? []);
  }

  function wait(port: PortState, why: Why, until: number): void {
    port.why = why;
    port.until = until;
  }

  function freshPort(dpid: string, port: PortNow, now: number): PortState {
    const state: PortState = { ...port, why: undefined, until: 0, askAt: now, isEnd: false };
    if (port.asked && port.up) listen(dpid, state, now);
    return state;
  }

  /** Closed until the switch hears, and then for as long as an answer may take. */
  function listen(dpid: string, port: PortState, now: number): void {
    const hears = switches.get(dpid)?.hears === true;
    wait(port, NEW, hears ? now + LISTEN : Number.POSITIVE_INFINITY);
    port.askAt = now;
  }

  function hear(dpid: string, state: SwitchState, now: number): void {
    state.hears = true;
    for (const port of state.ports.values()) {
      // What was sent so far may have been answered in vain.
      port.askAt = now;
      if (port.why === NEW && port.up && port.until === Number.POSITIVE_INFINITY) listen(dpid, port, now);
    }
  }

  function lose(sighting: Sighting, now: number): void {
    const { from, to } = sighting;
    const key = `${placeKey(from)}>${placeKey(to)}`;
    if (!sightings.delete(key)) return;
    version++;
    for (const end of [from, to]) {
      byEnd.get(placeKey(end))?.delete(key);
      const port = portAt(end);
      if (port?.up === true && sightingsAt(end).length === 0 && port.why === undefined)
        wait(port, FELL_SILENT, now + SILENT);
    }
    events.linkDown(from, to);
  }

  function loseAll(place: Place, now: number): void {
    for (const sighting of sightingsAt(place)) lose(sighting, now);
  }

  function update(dpid: string, states: Map<number, PortState>, port: PortNow, now: number): void {
    const state = states.get(port.number);
    if (state === undefined || state.name !== port.name) {
      loseAll({ dpid, port: port.number }, now);
      states.set(port.number, freshPort(dpid, port, now));
      return;
    }
    const was = state.up && state.asked;
    Object.assign(state, port);
    const is = state.up && state.asked;
    if (was && !is) {
      loseAll({ dpid, port: port.number }, now);
      // A port of stations stays open: they may come back while nobody is here to open it.
      if (state.asked && state.isEnd) wait(state, DOWN, Number.POSITIVE_INFINITY);
      else state.why = undefined;
    } else if (!was && is) listen(dpid, state, now);
  }

  function isReachable({ dpid }: Place): boolean {
    const found = switches.get(dpid);
    return found?.connected === true && found.hears;
  }

  function oneWay(place: Place, now: number): boolean {
    const found = sightingsAt(place);
    const both = found.some(({ from, to }) => sightings.has(`${placeKey(to)}>${placeKey(from)}`));
    if (both || found.length === 0) return false;
    return found.every(({ from, to, since }) => isReachable(from) && isReachable(to) && now - since > ONE_WAY);
  }

  function whyOf(dpid: string, port: PortState, now: number): Why | undefined {
    const place = { dpid, port: port.number };
    if (port.why !== undefined) {
      if (port.until > now) return port.why;
      // Half a cable is not known well enough to be opened.
      const found = sightingsAt(place);
      const half = found.some(({ from, to }) => !sightings.has(`${placeKey(to)}>${placeKey(from)}`));
      if (half && found.length > 0) return port.why;
      port.why = undefined;
    }
    return oneWay(place, now) ? HALF : undefined;
  }

  function periodOf(dpid: string, port: PortState, now: number): number {
    if (port.until !== Number.POSITIVE_INFINITY && port.why === NEW && port.until > now) return PERIOD.fresh;
    if (port.why !== undefined || sightingsAt({ dpid, port: port.number }).length > 0) return PERIOD.cable;
    return PERIOD.stations;
  }

  return {
    switchUp(dpid, ports, before, now) {
      const known = switches.get(dpid);
      const state: SwitchState = {
        ...{ connected: true, hears: false, since: now, askAt: now },
        ports: known?.ports ?? new Map(),
      };
      switches.set(dpid, state);
      for (const port of ports) {
        if (known !== undefined || before === undefined) update(dpid, state.ports, port, now);
        else {
          const open: PortState = { ...port, why: undefined, until: 0, askAt: now, isEnd: false };
          if (before.has(port.number)) wait(open, KEPT, Number.POSITIVE_INFINITY);
          state.ports.set(port.number, open);
        }
      }
      const present = new Set(ports.map(({ number }) => number));
      for (const number of [...state.ports.keys()]) if (!present.has(number)) this.portGone(dpid, number, now);
      for (const port of state.ports.values()) port.askAt = now;
    },
    switchDown(dpid) {
      const state = switches.get(dpid);
      if (state !== undefined) Object.assign(state, { connected: false, hears: false });
    },
    port(dpid, port, now) {
      const state = switches.get(dpid);
      if (state !== undefined) update(dpid, state.ports, port, now);
    },
    portGone(dpid, number, now) {
      loseAll({ dpid, port: number }, now);
      switches.get(dpid)?.ports.delete(number);
    },
    heard(from, to, now) {
      const receiver = switches.get(to.dpid);
      if (receiver === undefined) return;
      if (from.port === EARS && from.dpid === to.dpid) {
        if (!receiver.hears) hear(to.dpid, receiver, now);
        return;
      }
      const ends = [portAt(from), portAt(to)];
      if (ends.some((port) => port?.up !== true || !port.asked)) return;
      const key = `${placeKey(from)}>${placeKey(to)}`;
      const known = sightings.get(key);
      if (known !== undefined) {
        known.unheard = 0;
        return;
      }
      version++;
      sightings.set(key, { from, to, unheard: 0, since: now });
      for (const [index, end] of [from, to].entries()) {
        byEnd.set(placeKey(end), (byEnd.get(placeKey(end)) ?? new Set()).add(key));
        const port = ends[index];
        if (port === undefined) continue;
        port.isEnd = true;
        port.askAt = now;
        if (port.why === FELL_SILENT) port.until = now;
      }
      events.linkUp(from, to);
    },
    due(now) {
      const due: Place[] = [];
      for (const [dpid, state] of switches) {
        if (!state.connected) continue;
        if (!state.hears && now - state.since > DEAF) hear(dpid, state, now);
        if (!state.hears && state.askAt <= now) {
          state.askAt = now + PERIOD.fresh;
          due.push({ dpid, port: EARS });
        }
        for (const port of state.ports.values()) {
          if (!port.up || !port.asked || port.askAt > now) continue;
          const place = { dpid, port: port.number };
          for (const sighting of sightingsAt(place)) {
            if (placeKey(sighting.from) !== placeKey(place)) continue;
            // A switch that tells us nothing may still carry: its cables stay as they were.
            if (!isReachable(sighting.to)) sighting.unheard = 0;
            else if (sighting.unheard >= UNHEARD) lose(sighting, now);
            else sighting.unheard++;
          }
          port.askAt = now + periodOf(dpid, port, now);
          due.push(place);
        }
      }
      return due;
    },
    settle() {
      for (const { ports } of switches.values()) {
        for (const port of ports.values()) if (port.why === KEPT) port.why = undefined;
      }
    },
    why(place, now) {
      const port = portAt(place);
      return port === undefined ? undefined : whyOf(place.dpid, port, now);
    },
    waiting(dpid, now) {
      const found = new Map<number, Why>();
      for (const port of switches.get(dpid)?.ports.values() ?? []) {
        const why = whyOf(dpid, port, now);
        if (why !== undefined) found.set(port.number, why);
      }
      return found;
    },
    cables() {
      if (cablesOf === version) return known;
      const cables: Cable[] = [];
      for (const { from, to } of sightings.values()) {
        if (comparePlaces(from, to) > 0) continue;
        if (sightings.has(`${placeKey(to)}>${placeKey(from)}`)) cables.push({ a: from, b: to });
      }
      known = cables.toSorted((one, other) => comparePlaces(one.a, other.a) || comparePlaces(one.b, other.b));
      cablesOf = version;
      return known;
    },
    links: () => [...sightings.values()].map(({ from, to }) => ({ from, to })),
    ports: (dpid) => [...(switches.get(dpid)?.ports.keys() ?? [])],
    hears: (dpid) => switches.get(dpid)?.hears === true,
    leadsToSwitch: (place) => sightingsAt(place).length > 0,
    isEnd: (place) => portAt(place)?.isEnd === true,
    get version() {
      return version;
    },
  };
}

/**
 * What is behind the ports of all switches, by the probes that were heard: an end of a cable to another port, or (nothing
 * was heard) stations. Without a clock and without a wire of its own: both are told to it.
 */

import { nextAsk, nextMoment, PERIOD } from './pace.ts';
import {
  beginHearing,
  DOWN,
  FELL_SILENT,
  HALF,
  KEPT,
  listen,
  NEW,
  openPort,
  type PortNow,
  type PortState,
  type SwitchState,
  type Why,
  wait,
} from './ports.ts';
import { createSightings, type Sighting } from './sightings.ts';
import { type Cable, comparePlaces, type Place } from './tree.ts';

/** How long a port stays closed that was the end of a cable and has fallen silent, though it is up. */
const SILENT = 5000;
/** So many probes unheard in a row, and the cable is lost when the next one is due. */
const UNHEARD = 2;
/** How long a cable may be heard in one direction only. */
const ONE_WAY = 1000;
/** A switch that never hands a probe back is believed to hear after this. */
const DEAF = 30_000;
/** A switch that has gone without leaving a cable is forgotten after this. */
const FORGOTTEN = 3_600_000;

export interface DiscoveryEvents {
  linkUp(from: Place, to: Place): void;
  linkDown(from: Place, to: Place): void;
}

export interface Discovery {
  /** `before`: ports that stand closed by our own flows, where the switch has forwarded by such already; undefined: it is new. */
  switchUp(dpid: string, ports: readonly PortNow[], before: ReadonlySet<number> | undefined, now: number): void;
  switchDown(dpid: string, now: number): void;
  /** Those that have been gone for long and have left no cable: they are dropped, and named. */
  forget(now: number): string[];
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
  const sightings = createSightings();

  function portAt({ dpid, port }: Place): PortState | undefined {
    return switches.get(dpid)?.ports.get(port);
  }

  function hears(dpid: string): boolean {
    return switches.get(dpid)?.hears === true;
  }

  function lose(sighting: Sighting, now: number): void {
    const { from, to } = sighting;
    if (!sightings.delete(sighting)) return;
    for (const end of [from, to]) {
      const port = portAt(end);
      if (port?.up === true && sightings.at(end).length === 0 && port.why === undefined)
        wait(port, FELL_SILENT, now + SILENT);
    }
    events.linkDown(from, to);
  }

  function loseAll(place: Place, now: number): void {
    for (const sighting of sightings.at(place)) lose(sighting, now);
  }

  function update(dpid: string, states: Map<number, PortState>, port: PortNow, now: number): void {
    const state = states.get(port.number);
    if (state === undefined || state.name !== port.name) {
      loseAll({ dpid, port: port.number }, now);
      const fresh = openPort({ dpid }, port, now);
      if (port.asked && port.up) listen(fresh, hears(dpid), now);
      states.set(port.number, fresh);
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
    } else if (!was && is) listen(state, hears(dpid), now);
  }

  function isReachable({ dpid }: Place): boolean {
    const found = switches.get(dpid);
    return found?.connected === true && found.hears;
  }

  function oneWay(place: Place, now: number): boolean {
    const found = sightings.at(place);
    if (found.length === 0 || found.some(sightings.isMutual)) return false;
    return found.every(({ from, to, since }) => isReachable(from) && isReachable(to) && now - since > ONE_WAY);
  }

  function whyOf(dpid: string, port: PortState, now: number): Why | undefined {
    const place = { dpid, port: port.number };
    if (port.why !== undefined) {
      if (port.until > now) return port.why;
      // Half a cable is not known well enough to be opened.
      if (sightings.at(place).some((sighting) => !sightings.isMutual(sighting))) return port.why;
      port.why = undefined;
    }
    return oneWay(place, now) ? HALF : undefined;
  }

  function periodOf(dpid: string, port: PortState, now: number): number {
    if (port.until !== Number.POSITIVE_INFINITY && port.why === NEW && port.until > now) return PERIOD.fresh;
    if (!hears(dpid)) return PERIOD.deaf;
    if (port.why !== undefined || sightings.at({ dpid, port: port.number }).length > 0) return PERIOD.cable;
    return PERIOD.stations;
  }

  return {
    switchUp(dpid, ports, before, now) {
      const known = switches.get(dpid);
      const state: SwitchState = {
        ...{ connected: true, hears: false, since: now, askAt: now, asked: 0 },
        ports: known?.ports ?? new Map(),
      };
      switches.set(dpid, state);
      for (const port of ports) {
        if (known !== undefined || before === undefined) update(dpid, state.ports, port, now);
        else {
          const open = openPort({ dpid }, port, now);
          if (before.has(port.number)) wait(open, KEPT, Number.POSITIVE_INFINITY);
          state.ports.set(port.number, open);
        }
      }
      const present = new Set(ports.map(({ number }) => number));
      for (const number of [...state.ports.keys()]) if (!present.has(number)) this.portGone(dpid, number, now);
      for (const port of state.ports.values()) port.askAt = now;
    },
    switchDown(dpid, now) {
      const state = switches.get(dpid);
      if (state !== undefined) Object.assign(state, { connected: false, hears: false, since: now });
    },
    forget(now) {
      const forgotten: string[] = [];
      for (const [dpid, { connected, since, ports }] of switches) {
        if (connected || now - since < FORGOTTEN) continue;
        // What it is cabled to may still carry.
        if ([...ports.keys()].some((port) => sightings.at({ dpid, port }).length > 0)) continue;
        switches.delete(dpid);
        forgotten.push(dpid);
      }
      return forgotten;
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
        if (!receiver.hears) beginHearing(receiver, now);
        return;
      }
      const ends = [portAt(from), portAt(to)];
      if (ends.some((port) => port?.up !== true || !port.asked)) return;
      const known = sightings.get(from, to);
      if (known !== undefined) {
        known.unheard = 0;
        return;
      }
      sightings.add(from, to, now);
      for (const port of ends) {
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
        if (!state.hears && now - state.since > DEAF) beginHearing(state, now);
        if (!state.hears && state.askAt <= now) {
          state.askAt = now + nextAsk(state.asked++);
          due.push({ dpid, port: EARS });
        }
        for (const port of state.ports.values()) {
          if (!port.up || !port.asked || port.askAt > now) continue;
          const place = { dpid, port: port.number };
          for (const sighting of sightings.at(place)) {
            if (comparePlaces(sighting.from, place) !== 0) continue;
            // A switch that tells us nothing may still carry: its cables stay as they were.
            if (!isReachable(sighting.to)) sighting.unheard = 0;
            else if (sighting.unheard >= UNHEARD) lose(sighting, now);
            else sighting.unheard++;
          }
          port.askAt = nextMoment(now, periodOf(dpid, port, now), port.phase);
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
    cables: sightings.cables,
    links: () => Array.from(sightings.all(), ({ from, to }) => ({ from, to })),
    ports: (dpid) => [...(switches.get(dpid)?.ports.keys() ?? [])],
    hears,
    leadsToSwitch: (place) => sightings.at(place).length > 0,
    isEnd: (place) => portAt(place)?.isEnd === true,
    get version() {
      return sightings.version;
    },
  };
}

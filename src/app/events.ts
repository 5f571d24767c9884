/** What apps tell each other of the network: links between switches, stations, another topology. */

/** A port of a switch. */
export interface PortPlace {
  /** 16 hex digits. */
  dpid: string;
  port: number;
}

/** A way from one switch to another, in one direction. */
export interface Link {
  from: PortPlace;
  to: PortPlace;
}

/** An end system, and where it was seen: at a port to which no other switch is cabled. */
export interface Station {
  mac: string;
  /** IPv4 or IPv6, the one that was heard of last. */
  ip?: string;
  dpid: string;
  port: number;
  /** Segment.id */
  segment?: number;
}

/** Each event with what it tells. Whoever knows announces it by `emit`. */
export interface NetworkEvents {
  linkUp: [link: Link];
  linkDown: [link: Link];
  stationSeen: [station: Station];
  /** Packets take other ways than before: what was learned of the old ones may be wrong. */
  topologyChanged: [];
}

/** Tells all apps, soon: not inside the call. */
export type Emit = <N extends keyof NetworkEvents>(event: N, ...told: NetworkEvents[N]) => void;

/** The switches whose apps hear of it: where a link ends, where a station is; undefined: all. */
export function switchesOf([what]: NetworkEvents[keyof NetworkEvents]): ReadonlySet<string> | undefined {
  if (what === undefined) return undefined;
  return new Set('from' in what ? [what.from.dpid, what.to.dpid] : [what.dpid]);
}

type Deliver = (event: keyof NetworkEvents, told: NetworkEvents[keyof NetworkEvents]) => void;

/** More waiting than this are not kept: an app that announces without end does not fill the memory. */
const MOST_WAITING = 10_000;

export interface EventQueue {
  /** false: there are too many, it is dropped. */
  add(event: keyof NetworkEvents, told: NetworkEvents[keyof NetworkEvents]): boolean;
  close(): void;
}

/** Delivers in order, in a turn of the event loop of its own; what is announced meanwhile comes in the next one. */
export function createEventQueue(deliver: Deliver): EventQueue {
  let waiting: Parameters<Deliver>[] = [];
  let turn: NodeJS.Immediate | undefined;
  function deliverAll(): void {
    turn = undefined;
    const now = waiting;
    waiting = [];
    for (const [event, told] of now) deliver(event, told);
  }
  return {
    add(event, told) {
      if (waiting.length >= MOST_WAITING) return false;
      waiting.push([event, told]);
      turn ??= setImmediate(deliverAll);
      return true;
    },
    close() {
      if (turn !== undefined) clearImmediate(turn);
      waiting = [];
    },
  };
}

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

/** An end system, and where it was seen. */
export interface Station {
  mac: string;
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

/** Whether an app on this switch hears of it: links that end here, stations that are here. */
export function concerns(told: NetworkEvents[keyof NetworkEvents], dpid: string): boolean {
  const [what] = told;
  if (what === undefined) return true;
  return 'from' in what ? what.from.dpid === dpid || what.to.dpid === dpid : what.dpid === dpid;
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

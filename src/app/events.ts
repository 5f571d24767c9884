/** What apps tell each other of the network: links between switches, stations, another topology. */

import { FlowError } from '../flow/flow-error.ts';

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
/** An interface of a router of the file whose address is another than before; the service `router.addresses` tells which. */
export interface FollowedInterface {
  dpid: string;
  router: string;
  interface: string;
}

export interface NetworkEvents {
  linkUp: [link: Link];
  linkDown: [link: Link];
  stationSeen: [station: Station];
  addressChanged: [place: FollowedInterface];
  /** Packets take other ways than before: what was learned of the old ones may be wrong. */
  topologyChanged: [];
}

/** Tells all apps, soon: not inside the call. */
export type Emit = <N extends keyof NetworkEvents>(event: N, ...told: NetworkEvents[N]) => void;

/**
 * The switches whose apps hear of it: where a link ends, where a station is; undefined: all. Throws where it is no event, for
 * no compiler may have seen it.
 */
function switchesOf(event: string, [what]: readonly unknown[]): ReadonlySet<string> | undefined {
  switch (event) {
    case 'topologyChanged':
      return undefined;
    case 'linkUp':
    case 'linkDown': {
      const { from, to } = (what ?? {}) as Partial<Link>;
      return new Set([dpidOf(event, from), dpidOf(event, to)]);
    }
    case 'stationSeen':
      return new Set([dpidOf(event, what as Station | undefined)]);
    case 'addressChanged':
      return new Set([(what as FollowedInterface).dpid]);
    default:
      throw new FlowError(
        `there is no event "${event}" to emit: linkUp, linkDown, stationSeen, addressChanged and topologyChanged are`,
      );
  }
}

function dpidOf(event: string, place: PortPlace | undefined): string {
  if (typeof place?.dpid === 'string' && typeof place.port === 'number') return place.dpid;
  throw new FlowError(`${event} is emitted without saying where: it wants { dpid: '16 hex digits', port: 1 }`);
}

type Told = NetworkEvents[keyof NetworkEvents];
type Deliver = (event: keyof NetworkEvents, told: Told, switches: ReadonlySet<string> | undefined) => void;

/** More waiting than this are not kept: an app that announces without end does not fill the memory. */
const MOST_WAITING = 10_000;

export interface EventQueue {
  /** false: there are too many, it is dropped. Throws where it is no event. */
  add(event: keyof NetworkEvents, told: Told): boolean;
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
    for (const each of now) deliver(...each);
  }
  return {
    add(event, told) {
      const switches = switchesOf(event, told);
      if (waiting.length >= MOST_WAITING) return false;
      waiting.push([event, told, switches]);
      turn ??= setImmediate(deliverAll);
      return true;
    },
    close() {
      if (turn !== undefined) clearImmediate(turn);
      waiting = [];
    },
  };
}

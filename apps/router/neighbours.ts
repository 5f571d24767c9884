/**
 * Whether the neighbours that the switch learned are still there, after RFC 4861's reachability: those that packets go to are
 * asked from time to time, they alone, and one that does not answer is forgotten in the switch, so that it is looked for anew.
 * What forwards is not touched meanwhile.
 */

import {
  type AppDatapath,
  addressOfBits,
  addressText,
  macText,
  type StandingLearnedFlow,
  type Timers,
} from '../../src/index.ts';
import { type NextHop, nextHopKey } from './next-hop.ts';
import type { SiteRouter } from './site.ts';
import { interfaceOn, solicit } from './solicit.ts';

/** Seconds between two looks at what the switch learned; who was heard of since the last one is not asked. */
const CHECK = 30;
/** Who had packets within so many seconds is in use: counters are read every 30 s or less often. */
const IN_USE = 120;
/** Questions, a second apart, the last one to the whole segment; and neighbours whose turn comes within a second. */
const ATTEMPTS = 3;
const A_SECOND = 100;
/** More neighbours than this on a switch: those unused for so many seconds go. The second limit is near what it can learn. */
const UNUSED = [
  { above: 12_288, seconds: 60 },
  { above: 1024, seconds: 3600 },
];
/** Forgotten in one go. */
const AT_ONCE = 500;

/** One that the switch knows. */
export interface Neighbour extends NextHop {
  mac: string;
  state: 'reachable' | 'stale';
  /** When it was heard of last; of one that was not yet, since when it is known here. Milliseconds since 1970. */
  since: number;
}

export interface Neighbours {
  /** It has answered a question. */
  heard(hop: NextHop): void;
  /** The switch knows it, as it told last. */
  all(): Neighbour[];
  isKnown(hop: NextHop): boolean;
  /** The gateways of routes: those that the switch knows count as in use, the others are asked for. */
  askGateways(): void;
}

interface Watched {
  mac: string;
  since: number;
  heardAt: number | undefined;
  /** Its turn comes, or it is being asked. */
  isAsked: boolean;
}

interface Known extends NextHop {
  key: string;
  mac: string;
  flow: StandingLearnedFlow;
}

export function createNeighbours(
  dp: AppDatapath<'neighbours'>,
  routers: () => SiteRouter[],
  timers: Timers,
  events: {
    ask(hop: NextHop): void;
    /** It did not answer, or nobody used it. */
    forgotten(why: 'silent' | 'unused'): void;
  },
): Neighbours {
  const watched = new Map<string, Watched>();
  /** There are thousands, and few change. */
  const read = new WeakMap<StandingLearnedFlow, Known | null>();
  const due: { known: Known; entry: Watched }[] = [];
  const { now } = timers;

  function known(): Known[] {
    const found: Known[] = [];
    for (const flow of dp.flows.neighbours.learned()) {
      let one = read.get(flow);
      if (one === undefined) {
        one = knownBy(flow);
        read.set(flow, one);
      }
      if (one !== null) found.push(one);
    }
    return found;
  }

  function watch({ key, mac }: Known): Watched {
    const standing = watched.get(key);
    if (standing?.mac === mac) return standing;
    const entry = { mac, since: now(), heardAt: standing?.heardAt, isAsked: false };
    watched.set(key, entry);
    return entry;
  }

  function gateways(): Map<string, NextHop> {
    const hops = routers().flatMap(({ routes }) =>
      routes.flatMap(({ hops }) => hops.map(({ address, out }) => ({ segment: out.id, address }))),
    );
    return new Map(hops.map((hop) => [nextHopKey(hop), hop]));
  }

  /** The hosts at `self` are asked for nothing: they do not answer what comes from an address of their own. */
  function hostsThere(): Set<string> {
    const found = routers().flatMap(({ interfaces }) => interfaces.filter(({ hostAnswers }) => hostAnswers));
    return new Set(found.map(({ id, mac }) => `${id} ${mac}`));
  }

  function check(): void {
    const all = known();
    const unknown = gateways();
    const limit = UNUSED.find(({ above }) => all.length > above)?.seconds ?? Number.POSITIVE_INFINITY;
    const keys = new Set<string>();
    let gone = 0;
    const hosts = hostsThere();
    for (const each of all) {
      const entry = watch(each);
      keys.add(each.key);
      if (hosts.has(`${each.segment} ${each.mac}`)) continue;
      const idle = each.flow.usedAt === undefined ? undefined : (now() - each.flow.usedAt) / 1000;
      const isGateway = unknown.delete(each.key);
      if (!isGateway && idle !== undefined && idle > limit && gone < AT_ONCE) {
        gone++;
        dp.flows.neighbours.forget(each.flow);
        events.forgotten('unused');
      } else if ((isGateway || (idle !== undefined && idle < IN_USE)) && isDue(entry)) {
        entry.isAsked = true;
        due.push({ known: each, entry });
      }
    }
    for (const key of watched.keys()) if (!keys.has(key)) watched.delete(key);
    for (const hop of unknown.values()) events.ask(hop);
    if (due.length > 0) next();
  }

  function isDue({ heardAt, isAsked }: Watched): boolean {
    return !isAsked && (heardAt === undefined || now() - heardAt >= (CHECK * 1000) / 2);
  }

  /** A few each second: a thousand neighbours are not asked in one go. */
  function next(): void {
    for (const { known, entry } of due.splice(0, A_SECOND)) ask(known, entry, now(), 0);
    if (due.length > 0) timers.after(1, next);
  }

  function ask(known: Known, entry: Watched, since: number, asked: number): void {
    const found = interfaceOn(routers(), known);
    const isHeard = entry.heardAt !== undefined && entry.heardAt >= since;
    if (isHeard || found === undefined || watched.get(known.key) !== entry) {
      entry.isAsked = false;
      return;
    }
    if (asked === ATTEMPTS) {
      watched.delete(known.key);
      dp.flows.neighbours.forget(known.flow);
      events.forgotten('silent');
      return;
    }
    solicit(dp, found, known.address, asked < ATTEMPTS - 1 ? known.mac : undefined);
    timers.after(1, () => ask(known, entry, since, asked + 1));
  }

  timers.every(CHECK, check);
  return {
    heard(hop) {
      const entry = watched.get(nextHopKey(hop));
      if (entry !== undefined) entry.heardAt = now();
    },
    all: () =>
      known().map(({ segment, address, mac, key }): Neighbour => {
        const entry = watched.get(key);
        const isReachable = entry?.heardAt !== undefined && now() - entry.heardAt < 2 * CHECK * 1000;
        const since = entry?.heardAt ?? entry?.since ?? now();
        return { segment, address, mac, state: isReachable ? 'reachable' : 'stale', since };
      }),
    isKnown: ({ segment, address }) => known().some((each) => each.segment === segment && each.address === address),
    askGateways() {
      for (const hop of gateways().values()) events.ask(hop);
    },
  };
}

function knownBy(flow: StandingLearnedFlow): Known | null {
  const segment = flow.matches('segment');
  const number = flow.matches('router.nextHop');
  const bits = flow.matchesBits('router.nextHop6');
  const mac = flow.loads('ethDst');
  const address = number !== undefined ? addressText(number) : bits === undefined ? undefined : addressOfBits(6, bits);
  if (segment === undefined || address === undefined || mac === undefined) return null;
  return { segment, address, key: nextHopKey({ segment, address }), mac: macText(mac), flow };
}

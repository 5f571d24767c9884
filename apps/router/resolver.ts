/**
 * Finds next hops that are not known: asks for them, and keeps the packets that wait for them, within limits. Who does not
 * answer is not asked again for a while, and the senders are told (RFC 1122 2.3.2, RFC 4861 7.2.2).
 */

import { type AppDatapath, type AppFlow, dissect, flow, punt, resubmit, type Timers } from '../../src/index.ts';
import type { Punted } from './as-sent.ts';
import { REPEATED } from './meters.ts';
import { type NextHop, nextHopKey, nextHopMatch, towards } from './next-hop.ts';
import type { SiteRouter } from './site.ts';
import { interfaceOn, solicit } from './solicit.ts';
import { createTokenBuckets } from './token-bucket.ts';
import { createWaiting } from './waiting.ts';

/** Questions before giving up, a second apart. */
const ATTEMPTS = 3;
/** Seconds for which nobody is asked who did not answer. */
const FAILED = 5;
/** Next hops that are asked for or did not answer: of who looks for ever new ones, the newest are not asked for. */
const MOST = 4096;
/** Packets that go on within a second of the answer, though they came as if nobody had heard it; more would go round. */
const AFTER_ANSWER = 32;
/** New next hops asked for: on one segment, and for one sender, so that one who scans a prefix leaves some to others. */
const BY_SEGMENT = { rate: 100, burst: 200 };
const BY_SENDER = { rate: 20, burst: 64 };
const SENDERS = 1024;

/** A next hop that the switch does not know. */
export interface Unknown extends NextHop {
  state: 'asked' | 'failed';
  /** Milliseconds since 1970. */
  since: number;
}

export interface ResolverEvents {
  /** A packet is dropped: there is no room for it, or too many are asked for. */
  dropped(): void;
  /** Its next hop does not answer. */
  unreachable(packet: Punted): void;
}

export interface Resolver {
  /** A packet whose next hop is not known. */
  wait(hop: NextHop, packet: Punted): void;
  /** The station has answered: the switch knows it now. */
  resolved(hop: NextHop): void;
  ask(segment: number, address: string): void;
  /** The interface there has another address than before: those that are asked for are asked once more. */
  again(segment: number): void;
  unknown(): Iterable<Unknown>;
  /** The flows of the table `resolve` that it has set, by their keys. */
  flows(): RepeatedFlows;
}

type RepeatedFlows = [key: string, flow: AppFlow][];

interface Entry extends NextHop {
  state: Unknown['state'] | 'answered';
  since: number;
  asked: number;
  /** Packets that went on since the answer. */
  released: number;
  /** More packets for it come by a meter of their own. */
  isRepeated: boolean;
}

export function createResolver(
  dp: AppDatapath<'resolve'>,
  routers: () => SiteRouter[],
  timers: Timers,
  { dropped, unreachable }: ResolverEvents,
): Resolver {
  const entries = new Map<string, Entry>();
  const waiting = createWaiting();
  const bySegment = createTokenBuckets(BY_SEGMENT, MOST, timers.now);
  const bySender = createTokenBuckets(BY_SENDER, SENDERS, timers.now);

  function ask(segment: number, address: string): void {
    const found = interfaceOn(routers(), { segment, address });
    if (found !== undefined) solicit(dp, found, address);
  }

  function begin(key: string, hop: NextHop, packet: Punted): void {
    const { segment, address } = hop;
    if (interfaceOn(routers(), hop) === undefined || entries.size >= MOST || !mayAsk(segment, packet)) {
      dropped();
      return;
    }
    const entry: Entry = {
      ...{ segment, address, state: 'asked', since: timers.now() },
      ...{ asked: 0, released: 0, isRepeated: false },
    };
    entries.set(key, entry);
    if (!waiting.add(key, packet)) dropped();
    retry(key, entry);
  }

  /** The sender's own share first: what is left of the segment's is others'. */
  function mayAsk(segment: number, packet: Punted): boolean {
    return bySender.take(senderOf(packet)) && bySegment.take(String(segment));
  }

  function retry(key: string, entry: Entry): void {
    if (entries.get(key) !== entry || entry.state !== 'asked') return;
    if (entry.asked >= ATTEMPTS) {
      fail(key, entry);
      return;
    }
    entry.asked++;
    ask(entry.segment, entry.address);
    timers.after(1, () => retry(key, entry));
  }

  /** It stays so for a while, and then counts as never heard of. */
  function become(state: Entry['state'], seconds: number, key: string, entry: Entry): void {
    entry.state = state;
    entry.since = timers.now();
    timers.after(seconds, () => {
      if (entries.get(key) !== entry) return;
      entries.delete(key);
      repeatNoMore(key, entry);
    });
  }

  function release(entry: Entry, packets: readonly Punted[]): void {
    for (const { data, match } of packets) {
      const number = dp.read(match, 'router.number') ?? 0;
      if (entry.released++ >= AFTER_ANSWER) dropped();
      else dp.packetOut({ data, actions: [...towards({ number }, entry), resubmit('next-hop')] });
    }
  }

  /** Who sends on without end to one that is not there takes nothing from those who look for others. */
  function repeat(key: string, entry: Entry): void {
    if (entry.isRepeated) return;
    entry.isRepeated = true;
    dp.flows.resolve.set(...repeatedFlow(key, entry));
  }

  function repeatNoMore(key: string, entry: Entry): void {
    if (!entry.isRepeated) return;
    entry.isRepeated = false;
    dp.flows.resolve.delete(repeatedKey(key));
  }

  function fail(key: string, entry: Entry): void {
    become('failed', FAILED, key, entry);
    for (const packet of waiting.take(key)) unreachable(packet);
  }

  return {
    ask,
    wait(hop, packet) {
      const key = nextHopKey(hop);
      const entry = entries.get(key);
      if (entry === undefined) begin(key, hop, packet);
      else if (entry.state === 'answered') release(entry, [packet]);
      else if (entry.state === 'failed') {
        repeat(key, entry);
        unreachable(packet);
      } else if (!waiting.add(key, packet)) {
        repeat(key, entry);
        dropped();
      }
    },
    resolved(hop) {
      const key = nextHopKey(hop);
      const entry = entries.get(key);
      if (entry === undefined || entry.state === 'answered') return;
      become('answered', 1, key, entry);
      repeatNoMore(key, entry);
      release(entry, waiting.take(key));
    },
    again(segment) {
      for (const each of entries.values())
        if (each.state === 'asked' && each.segment === segment) ask(segment, each.address);
    },
    *unknown() {
      for (const { segment, address, state, since } of entries.values()) {
        if (state !== 'answered') yield { segment, address, state, since };
      }
    },
    flows() {
      const repeated = [...entries].filter(([, { isRepeated }]) => isRepeated);
      return repeated.map(([key, entry]) => repeatedFlow(key, entry));
    },
  };
}

const repeatedKey = (key: string) => `repeated ${key}`;

/** Its timeout is for the switch that is alone. */
function repeatedFlow(key: string, hop: NextHop): RepeatedFlows[number] {
  return [
    repeatedKey(key),
    flow({
      priority: 20,
      match: { ...nextHopMatch(hop), 'router.neighbourKnown': 0 },
      hardTimeout: ATTEMPTS + FAILED,
      actions: [punt(undefined, { meter: REPEATED })],
      intent: `more packets for next hop ${hop.address}, which is asked for or does not answer`,
    }),
  ];
}

/** Before its address was translated. */
function senderOf({ data, match }: Punted): string {
  const { ctNwSrc, ctIpv6Src } = match;
  const original = ctNwSrc ?? ctIpv6Src;
  if (typeof original === 'string') return original;
  const { ipv4, ipv6 } = dissect(data);
  return ipv4?.src ?? ipv6?.src ?? '';
}

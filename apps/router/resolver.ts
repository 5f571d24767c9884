/** Asks by ARP for next hops that are not known, and keeps the packets that wait for them, within limits. */

import {
  type AppDatapath,
  addressNumber,
  addressOf,
  BROADCAST_MAC,
  buildArp,
  overlaps,
  resubmit,
  set,
  type Timers,
} from '../../src/index.ts';
import type { SiteInterface, SiteRouter } from './site.ts';

interface Waiting {
  frames: Uint8Array[];
  asked: number;
}

/** Frames kept for one next hop, next hops waited for at once, and requests before giving up, a second apart. */
const FRAMES = 16;
const NEIGHBOURS = 256;
const ATTEMPTS = 3;
/** Seconds between requests for the gateways of static routes, so that they stay known. */
const GATEWAY_REFRESH = 30;

const REQUEST = 1;
const UNKNOWN = '00:00:00:00:00:00';

export interface Resolver {
  /** A packet whose next hop is not known. */
  wait(segment: number, nextHop: string, frame: Uint8Array): void;
  /** The next hop has answered: the switch knows it now. */
  resolved(segment: number, nextHop: string): void;
  askGateways(): void;
  ask(segment: number, address: string): void;
}

export function createResolver(
  dp: AppDatapath,
  routers: () => SiteRouter[],
  timers: Timers,
  unresolved: (count: number) => void,
): Resolver {
  const waiting = new Map<string, Waiting>();

  function interfaceOf(segment: number): { router: SiteRouter; via: SiteInterface } | undefined {
    for (const router of routers()) {
      const via = router.interfaces.find(({ id }) => id === segment);
      if (via !== undefined) return { router, via };
    }
    return undefined;
  }

  function ask(segment: number, nextHop: string): void {
    const found = interfaceOf(segment);
    if (found === undefined) return;
    const { router, via } = found;
    const sender = addressOf(via.addresses.find((each) => overlaps(each, nextHop)) ?? via.addresses[0] ?? nextHop);
    const data = buildArp(
      { operation: REQUEST, senderMac: router.mac, senderAddress: sender, targetMac: UNKNOWN, targetAddress: nextHop },
      BROADCAST_MAC,
    );
    dp.packetOut({ data, actions: [...set({ segment }), resubmit('flood')] });
  }

  function retry(segment: number, nextHop: string): void {
    const entry = waiting.get(`${segment}/${nextHop}`);
    if (entry === undefined) return;
    if (entry.asked >= ATTEMPTS) {
      waiting.delete(`${segment}/${nextHop}`);
      unresolved(entry.frames.length);
      return;
    }
    entry.asked++;
    ask(segment, nextHop);
    timers.after(1, () => retry(segment, nextHop));
  }

  const resolver: Resolver = {
    ask,
    wait(segment, nextHop, frame) {
      const name = `${segment}/${nextHop}`;
      const entry = waiting.get(name);
      if (entry !== undefined) {
        if (entry.frames.length < FRAMES) entry.frames.push(frame.slice());
        else unresolved(1);
      } else if (waiting.size < NEIGHBOURS) {
        waiting.set(name, { frames: [frame.slice()], asked: 0 });
        retry(segment, nextHop);
      } else unresolved(1);
    },
    resolved(segment, nextHop) {
      const name = `${segment}/${nextHop}`;
      const entry = waiting.get(name);
      const found = interfaceOf(segment);
      if (entry === undefined || found === undefined) return;
      waiting.delete(name);
      const onward = [
        ...set({ segment, 'router.number': found.router.number, 'router.nextHop': addressNumber(nextHop) }),
        resubmit('next-hop'),
      ];
      for (const data of entry.frames) dp.packetOut({ data, actions: onward });
    },
    askGateways() {
      for (const router of routers()) for (const { via, out } of router.routes) ask(out.id, via);
    },
  };
  timers.every(GATEWAY_REFRESH, () => resolver.askGateways());
  return resolver;
}

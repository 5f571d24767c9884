/** Sends each segment's advertisements to the guests of every switch: in random intervals, when one asks, and a last one. */

import {
  type AppDatapath,
  type Config,
  hash32,
  type RouterAdvertisement,
  resubmit,
  set,
  type Timers,
} from '../../src/index.ts';
import { advertisement, type Former, formerOf, NOTHING, type Receiver } from './advertise.ts';
import type { Origin } from './asked.ts';
import { routerOf, type SiteSegment, siteOf } from './site.ts';

export interface Advertiser {
  /** Another file: what it says no more is taken back. */
  serve(config: Config | undefined): void;
  /** Somebody at that place asks. */
  asked(segment: string, origin: Origin, by: Receiver | undefined): void;
  /** A switch is there. */
  begin(dp: AppDatapath): void;
}

/** Seconds between advertisements at most and at least, and between the first ones (RFC 4861 6.2.1, 6.2.4). */
const MOST = 600;
const LEAST = 4;
const AT_FIRST = 16;
/** RFC 8200 5 */
const LEAST_MTU = 1280;
const FIRST_ONES = 3;

interface Told {
  settings: RouterAdvertisement;
  mac: string;
}

export function createAdvertiser(timers: Timers, switches: () => Iterable<AppDatapath>, sent: () => void): Advertiser {
  let file: Config | undefined;
  /** What stations were told last, by segment. */
  let told = new Map<string, Told>();
  /** What they are told to forget, as often as what is new is told in short intervals. */
  let former = new Map<string, Former>();
  /** Goes up with each file: what was put off for an earlier one does not come. */
  let edition = 0;

  function send({ dp, segment, inPort, tunnelPeer }: Origin, data: Uint8Array): void {
    sent();
    dp.packetOut({ data, actions: [...set({ segment, outPort: inPort, tunnelPeer }), resubmit('output')] });
  }

  /** To trunks from the router's own switch alone; into tunnels never, for their other ends have this from their own. */
  function toPorts(dp: AppDatapath, { id, answered }: SiteSegment, data: Uint8Array): void {
    for (const { port, number } of answered) {
      if (port !== undefined) send({ dp, segment: id, inPort: number, tunnelPeer: 0 }, data);
    }
  }

  function toAll(name: string, data: Uint8Array): void {
    for (const dp of switches()) {
      for (const segment of siteOf(file, dp)) if (segment.name === name) toPorts(dp, segment, data);
    }
  }

  function tellAll(name: string, { settings, mac }: Told, over?: Former): void {
    toAll(name, advertisement(settings, mac, undefined, over));
  }

  function goOn(name: string, count: number, mine: number): void {
    const given = told.get(name);
    if (given === undefined) return;
    const most = longestInterval(given.settings);
    const least = Math.ceil(most / 3);
    const interval = least + (hash32(`${name} ${count}`) % (most - least));
    timers.after(count < FIRST_ONES ? Math.min(AT_FIRST, interval) : interval, () => {
      const now = told.get(name);
      if (mine !== edition || now === undefined) return;
      tellAll(name, now, count < FIRST_ONES ? former.get(name) : undefined);
      goOn(name, count + 1, mine);
    });
  }

  return {
    serve(config) {
      const next: typeof told = new Map();
      for (const segment of config?.dhcp ?? []) {
        const mac = config && routerOf(config, segment)?.mac;
        if (config === undefined || segment.advertise === undefined || mac === undefined) continue;
        next.set(segment.segment, { settings: withMtu(segment.advertise, config, segment.segment), mac });
      }
      const over = new Map<string, Former>();
      for (const [name, { settings, mac }] of told) {
        const now = next.get(name);
        const left = formerOf(settings, now?.settings ?? NOTHING);
        over.set(name, left);
        // That router is none any more.
        if (now?.mac !== mac) tellAll(name, { settings: { ...settings, ...NOTHING, lifetime: 0 }, mac }, left);
      }
      const isSame = JSON.stringify([...next]) === JSON.stringify([...told]);
      file = config;
      told = next;
      if (isSame) return;
      former = over;
      edition++;
      for (const [name, now] of told) {
        tellAll(name, now, former.get(name));
        goOn(name, 1, edition);
      }
    },
    asked(segment, origin, by) {
      const now = told.get(segment);
      if (now !== undefined) send(origin, advertisement(now.settings, now.mac, by));
    },
    begin(dp) {
      for (const segment of siteOf(file, dp)) {
        const now = told.get(segment.name);
        if (now !== undefined) toPorts(dp, segment, advertisement(now.settings, now.mac));
      }
    },
  };
}

/** Of what is told nothing may end between two advertisements: three fit into the shortest lifetime. */
function longestInterval({ lifetime, validLifetime, preferredLifetime }: RouterAdvertisement): number {
  const lifetimes = [lifetime, validLifetime, preferredLifetime].filter((seconds) => seconds > 0);
  return Math.max(LEAST, Math.min(MOST, Math.floor(Math.min(...lifetimes, Number.POSITIVE_INFINITY) / 3)));
}

/** What the segment's tunnels leave, where the file says nothing of it. */
function withMtu(settings: RouterAdvertisement, config: Config, segment: string): RouterAdvertisement {
  const mtu = settings.mtu ?? config.segments.find(({ name }) => name === segment)?.mtu;
  return mtu === undefined || mtu < LEAST_MTU ? settings : { ...settings, mtu };
}

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
import { advertisement, type Receiver } from './advertise.ts';
import type { Origin } from './server.ts';
import { routerOf, type SiteSegment, siteOf } from './site.ts';

export interface Advertiser {
  /** Another file: what it says no more is taken back. */
  serve(config: Config | undefined): void;
  /** Somebody at that place asks. */
  asked(segment: string, origin: Origin, by: Receiver | undefined): void;
  /** A switch is there. */
  begin(dp: AppDatapath): void;
}

/** Seconds between advertisements (RFC 4861 6.2.1), and between the first ones. */
const LEAST = 200;
const MOST = 600;
const AT_FIRST = 16;
const FIRST_ONES = 3;

export function createAdvertiser(timers: Timers, switches: () => Iterable<AppDatapath>, sent: () => void): Advertiser {
  let file: Config | undefined;
  /** What stations were told last, by segment. */
  let told = new Map<string, { settings: RouterAdvertisement; mac: string }>();
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

  function goOn(name: string, count: number, mine: number): void {
    const interval = LEAST + (hash32(`${name} ${count}`) % (MOST - LEAST));
    timers.after(count < FIRST_ONES ? AT_FIRST : interval, () => {
      const now = told.get(name);
      if (mine !== edition || now === undefined) return;
      toAll(name, advertisement(now.settings, now.mac));
      goOn(name, count + 1, mine);
    });
  }

  return {
    serve(config) {
      const next: typeof told = new Map();
      for (const segment of config?.dhcp ?? []) {
        const mac = config && routerOf(config, segment)?.mac;
        if (segment.advertise !== undefined && mac !== undefined) {
          next.set(segment.segment, { settings: segment.advertise, mac });
        }
      }
      for (const [name, { settings, mac }] of told) {
        if (next.get(name)?.mac !== mac) toAll(name, advertisement(settings, mac, undefined, 0));
      }
      const isSame = JSON.stringify([...next]) === JSON.stringify([...told]);
      file = config;
      told = next;
      if (isSame) return;
      edition++;
      for (const [name, { settings, mac }] of told) {
        toAll(name, advertisement(settings, mac));
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

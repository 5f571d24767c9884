/**
 * Sums over flows, by why they exist and by whose they are, over all switches. They grow by what flows' counters rise, so
 * a flow that is gone leaves its part with them.
 */

import type { History } from './history.ts';

export interface Sum {
  /** Of an intent: its cookie's; of an app: its own. */
  readonly key: string;
  /** undefined: of an app. */
  readonly app: Sum | undefined;
  packets: number;
  bytes: number;
  flows: number;
  /** When it rose last; of what was loaded, when that was. */
  movedAt: number;
  /** When it rose last while it was looked at; undefined: it did not. */
  hitAt: number | undefined;
  readonly parts: Set<Part>;
}

/** What the flows of one intent in one table of one switch contribute. */
export interface Part {
  readonly sum: Sum;
  /** The switch's datapath id. */
  readonly dpid: string;
  /** Since the table was read last. */
  pendingPackets: number;
  pendingBytes: number;
  /** Per second. */
  packetRate: number;
  byteRate: number;
  flows: number;
}

export interface IntentSums {
  readonly intents: ReadonlyMap<string, Sum>;
  readonly apps: ReadonlyMap<string, Sum>;
  intent(key: string, app: string | undefined): Sum;
  app(key: string): Sum;
  partOf(sum: Sum, dpid: string): Part;
  /** It has no flows any more. */
  drop(part: Part): void;
  /** A flow of the part was found, or is gone. */
  count(part: Part, flows: 1 | -1): void;
  /** A counter rose. `told`: it did so since the last reading, so that it has a rate. */
  rise(part: Part, packets: number, bytes: number, at: number, told: boolean): void;
  /** What is pending becomes rates and history; undefined: nobody knows since when. */
  settle(parts: Iterable<Part>, from: number | undefined, to: number): void;
}

/** Intents without flows are forgotten beyond so many; their apps keep the sum. */
const INTENTS = 16_384;

export function createIntentSums(history: History, limit = INTENTS): IntentSums {
  const intents = new Map<string, Sum>();
  const apps = new Map<string, Sum>();

  function sumIn(sums: Map<string, Sum>, key: string, app: Sum | undefined): Sum {
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { key, app, packets: 0, bytes: 0, flows: 0, movedAt: 0, hitAt: undefined, parts: new Set() };
      sums.set(key, sum);
    }
    return sum;
  }

  function makeRoom(): void {
    if (intents.size < limit) return;
    const idle = [...intents.values()].filter(({ parts }) => parts.size === 0);
    const oldest = idle.toSorted((a, b) => a.movedAt - b.movedAt).slice(0, Math.ceil(limit / 8));
    for (const { key } of oldest) intents.delete(key);
  }

  const sums: IntentSums = {
    intents,
    apps,
    app: (key) => sumIn(apps, key, undefined),
    intent(key, app) {
      if (!intents.has(key)) makeRoom();
      return sumIn(intents, key, app === undefined ? undefined : sums.app(app));
    },
    partOf(sum, dpid) {
      const part: Part = { sum, dpid, pendingPackets: 0, pendingBytes: 0, packetRate: 0, byteRate: 0, flows: 0 };
      sum.parts.add(part);
      sum.app?.parts.add(part);
      return part;
    },
    drop(part) {
      part.sum.parts.delete(part);
      part.sum.app?.parts.delete(part);
    },
    count(part, flows) {
      part.flows += flows;
      part.sum.flows += flows;
      if (part.sum.app !== undefined) part.sum.app.flows += flows;
    },
    rise(part, packets, bytes, at, told) {
      for (const sum of [part.sum, part.sum.app]) {
        if (sum === undefined) continue;
        sum.packets += packets;
        sum.bytes += bytes;
        sum.movedAt = at;
        if (told) sum.hitAt = at;
      }
      if (!told) return;
      part.pendingPackets += packets;
      part.pendingBytes += bytes;
    },
    settle(parts, from, to) {
      const byApp = new Map<Sum, [number, number]>();
      const seconds = from === undefined ? 0 : (to - from) / 1000;
      for (const part of parts) {
        const { sum, pendingPackets: packets, pendingBytes: bytes } = part;
        part.pendingPackets = 0;
        part.pendingBytes = 0;
        part.packetRate = seconds > 0 ? packets / seconds : 0;
        part.byteRate = seconds > 0 ? bytes / seconds : 0;
        if (from === undefined || (packets === 0 && bytes === 0)) continue;
        history.add(`intent/${sum.key}`, from, to, [packets, bytes]);
        if (sum.app === undefined) continue;
        const [appPackets, appBytes] = byApp.get(sum.app) ?? [0, 0];
        byApp.set(sum.app, [appPackets + packets, appBytes + bytes]);
      }
      if (from !== undefined) for (const [app, amounts] of byApp) history.add(`app/${app.key}`, from, to, amounts);
    },
  };
  return sums;
}

/** Per second: packets and bytes. */
export function rateOf({ parts }: Sum): [packets: number, bytes: number] {
  let packets = 0;
  let bytes = 0;
  for (const part of parts) {
    packets += part.packetRate;
    bytes += part.byteRate;
  }
  return [packets, bytes];
}

/** The meters of a switch (OpenFlow 1.4, 5.7 and 7.3.4.4), as Open vSwitch's userspace datapath carries them out: bands drop. */

import type { MeterMod } from '../../proto/openflow/meter-mod.ts';
import type { Refusal } from './switch-state.ts';

export interface MeterBand {
  readonly rate: number;
  readonly burstSize: number;
  /** Tokens: bits, or thousandths of packets. */
  bucket: number;
  packets: number;
  bytes: number;
}

export interface Meter {
  readonly meterId: number;
  readonly flags: MeterMod['flags'];
  readonly bands: readonly MeterBand[];
  packets: number;
  bytes: number;
  readonly created: number;
  /** When its buckets were filled last. */
  used: number;
}

export interface MeterTable {
  readonly all: ReadonlyMap<number, Meter>;
  apply(mod: MeterMod): Refusal | undefined;
  /** Whether a packet of so many bytes may pass; it is counted. */
  pass(meterId: number, bytes: number): boolean;
}

/** The meters that the switch uses of itself, and all of them. */
export const METER_NUMBERS = { slowpath: 0xfffffffd, controller: 0xfffffffe, all: 0xffffffff } as const;
export const MOST_METERS = 262_144;
export const MOST_BANDS = 8;
const MOST_METER_ID = 0xffff_0000;
const UNIT = 1000;
const BITS = 8;

const refuse = (code: string): Refusal => ({ errorType: 'meterModFailed', code });

/** `deleted`: before a meter goes, so that its flows can go first. */
export function createMeterTable(now: () => number, deleted: (meterId: number) => void): MeterTable {
  const meters = new Map<number, Meter>();

  function meterOf({ flags, bands }: MeterMod, meterId: number, before: Meter | undefined): Meter {
    return {
      meterId,
      flags,
      bands: bands.map((band) => {
        const { rate, burstSize: burst } = band as { rate: number; burstSize: number };
        // Without a burst it is what the rate gives in one second; at first a bucket is full.
        const burstSize = burst === 0 ? rate : burst;
        return { rate, burstSize, bucket: burstSize * UNIT, packets: 0, bytes: 0 };
      }),
      packets: 0,
      bytes: 0,
      created: before?.created ?? now(),
      used: now(),
    };
  }

  function remove(meterId: number): void {
    if (!meters.has(meterId)) return;
    deleted(meterId);
    meters.delete(meterId);
  }

  return {
    all: meters,
    apply(mod) {
      const meterId = numberOf(mod.meterId);
      if (mod.command === 'delete') {
        if (meterId === METER_NUMBERS.all) for (const each of [...meters.keys()]) remove(each);
        else remove(meterId);
        return undefined;
      }
      if (typeof mod.command === 'number') return refuse('badCommand');
      const refusal = checkMeter(mod);
      if (refusal !== undefined) return refusal;
      const before = meters.get(meterId);
      if (mod.command === 'add' && before !== undefined) return refuse('meterExists');
      if (mod.command === 'modify' && before === undefined) return refuse('unknownMeter');
      const unable = checkDatapath(mod);
      if (unable !== undefined) return unable;
      if (before === undefined && meters.size >= MOST_METERS) return refuse('outOfMeters');
      meters.set(meterId, meterOf(mod, meterId, before));
      return undefined;
    },
    pass(meterId, bytes) {
      const meter = meters.get(meterId);
      return meter === undefined || passMeter(meter, bytes, now());
    },
  };
}

export function numberOf(meterId: MeterMod['meterId']): number {
  return typeof meterId === 'number' ? meterId : METER_NUMBERS[meterId];
}

/** What is looked at before whether there is such a meter. */
function checkMeter({ meterId, bands }: MeterMod): Refusal | undefined {
  const number = numberOf(meterId);
  const isReserved = number === METER_NUMBERS.slowpath || number === METER_NUMBERS.controller;
  if (number === 0 || (number > MOST_METER_ID && !isReserved)) return refuse('invalidMeter');
  return bands.length > MOST_BANDS ? refuse('outOfBands') : undefined;
}

/** The datapath's own refusals, which come last. */
function checkDatapath({ flags, bands }: MeterMod): Refusal | undefined {
  const units = flags.filter((flag) => flag === 'kbps' || flag === 'pktps');
  if (units.length !== 1 || flags.some((flag) => typeof flag === 'number')) return refuse('badFlags');
  if (bands.length === 0) return refuse('outOfBands');
  if (bands.some((band) => band.type !== 'drop')) return refuse('badBand');
  return bands.some((band) => (band as { rate: number }).rate === 0) ? refuse('badRate') : undefined;
}

/** Of all bands that are exceeded the one with the highest rate counts the packet; any of them drops it. */
function passMeter(meter: Meter, bytes: number, now: number): boolean {
  const countsPackets = (meter.flags as readonly unknown[]).includes('pktps');
  const volume = countsPackets ? UNIT : bytes * BITS;
  const elapsed = Math.max(0, Math.floor(now) - Math.floor(meter.used));
  meter.used = now;
  meter.packets++;
  meter.bytes += bytes;
  let exceeded: MeterBand | undefined;
  for (const band of meter.bands) {
    band.bucket = Math.min(band.bucket + elapsed * band.rate, band.burstSize * UNIT);
    if (band.bucket >= volume) band.bucket -= volume;
    else if (exceeded === undefined || band.rate > exceeded.rate) exceeded = band;
  }
  if (exceeded === undefined) return true;
  exceeded.packets++;
  exceeded.bytes += bytes;
  return false;
}

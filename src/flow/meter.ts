/** Meters (OpenFlow 1.4, 5.7) as they stand in a switch: what exceeds the rate is dropped. */

import type { MeterMod } from '../../proto/openflow/meter-mod.ts';
import type { AppMeter } from './flow.ts';
import { FlowError } from './flow-error.ts';

export interface TableMeter {
  meterId: number;
  flags: MeterMod['flags'];
  bands: MeterMod['bands'];
}

export interface DesiredMeter extends TableMeter {
  app: string;
  key: string;
  content: string;
}

const MOST = 0xffff_ffff;

/** Throws where the meter can't be. */
export function desiredMeter(app: string, key: string, meterId: number, meter: AppMeter): DesiredMeter {
  const { unit, rate, burst } = meter;
  for (const [name, value] of Object.entries({ rate, burst: burst ?? 1 })) {
    if (!Number.isInteger(value) || value < 1 || value > MOST) {
      throw new FlowError(`app "${app}", meter "${key}": ${name} is ${value}; it is a whole number from 1 on`);
    }
  }
  if (unit !== 'packets' && unit !== 'kilobits') {
    throw new FlowError(`app "${app}", meter "${key}": unit is "${String(unit)}"; it is packets or kilobits`);
  }
  const compiled: TableMeter = {
    meterId,
    flags: [unit === 'packets' ? 'pktps' : 'kbps', ...(burst === undefined ? [] : ['burst' as const]), 'stats'],
    bands: [{ type: 'drop', rate, burstSize: burst ?? 0 }],
  };
  return { ...compiled, app, key, content: meterContent(compiled) };
}

/**
 * All of a meter but its id, as text that is equal where the meters are. Open vSwitch fills in a burst size of its own
 * where the flags say that there is none.
 */
export function meterContent({ flags, bands }: Pick<TableMeter, 'flags' | 'bands'>): string {
  const hasBurst = flags.includes('burst');
  const written = bands.map((band) => {
    const told = hasBurst || !('burstSize' in band) ? band : { ...band, burstSize: 0 };
    return JSON.stringify(Object.entries(told).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
  return `${flags.toSorted().join()}/${written.join()}`;
}

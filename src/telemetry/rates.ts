/** Rates per second of counters that are read now and then; a counter that fell starts anew. */

export interface Rates {
  /** Rates of the named counters over the last two readings; `at`: milliseconds, when they were read. */
  rate(name: string, at: number, counters: number[]): number[];
}

interface Reading {
  at: number;
  counters: number[];
  rates: number[];
}

/** What was not asked for so long, in milliseconds, is forgotten. */
const FORGET = 60_000;

export function createRates(): Rates {
  const readings = new Map<string, Reading>();
  let swept = 0;

  function sweep(at: number): void {
    if (at - swept < FORGET) return;
    swept = at;
    for (const [name, reading] of readings) if (at - reading.at > FORGET) readings.delete(name);
  }

  return {
    rate(name, at, counters) {
      sweep(at);
      const last = readings.get(name);
      if (last === undefined) {
        const rates = counters.map(() => 0);
        readings.set(name, { at, counters, rates });
        return rates;
      }
      if (at <= last.at) return last.rates;
      const seconds = (at - last.at) / 1000;
      last.rates = counters.map((value, i) => Math.max(0, (value - (last.counters[i] ?? 0)) / seconds));
      last.at = at;
      last.counters = counters;
      return last.rates;
    },
  };
}

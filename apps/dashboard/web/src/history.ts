/** Rates of flows since the page was opened, for sparklines and charts; bounded in points per flow and over all flows. */

export interface Series {
  /** Milliseconds since 1970, ascending. */
  times: number[];
  packetRates: number[];
  bitRates: number[];
}

export interface History {
  record(id: string, time: number, packetRate: number, bitRate: number): void;
  forget(id: string): void;
  series(id: string): Series | undefined;
  readonly points: number;
}

/** At one point a second: 15 minutes. */
const POINTS_PER_FLOW = 900;
/** Some 24 bytes each. */
const POINTS = 600_000;
/** A flow at rest sends nothing, so a longer silence than this was rest. */
const SILENCE = 2_500;

export function createHistory(pointsPerFlow = POINTS_PER_FLOW, limit = POINTS): History {
  const all = new Map<string, Series>();
  let points = 0;

  function record(id: string, time: number, packetRate: number, bitRate: number): void {
    let series = all.get(id);
    if (series === undefined) {
      // Flows that never moved need no history.
      if (packetRate === 0 && bitRate === 0) return;
      series = { times: [], packetRates: [], bitRates: [] };
      all.set(id, series);
    }
    const last = series.times.at(-1);
    if (last !== undefined && time - last > SILENCE && series.packetRates.at(-1) === 0)
      push(series, time - 1_000, 0, 0);
    push(series, time, packetRate, bitRate);
    if (series.times.length > pointsPerFlow) drop(series, series.times.length - pointsPerFlow);
    if (points > limit) for (const one of all.values()) drop(one, Math.ceil(one.times.length / 2));
  }

  function push(series: Series, time: number, packetRate: number, bitRate: number): void {
    series.times.push(time);
    series.packetRates.push(packetRate);
    series.bitRates.push(bitRate);
    points += 1;
  }

  function drop(series: Series, count: number): void {
    for (const values of [series.times, series.packetRates, series.bitRates]) values.splice(0, count);
    points -= count;
  }

  return {
    record,
    forget(id) {
      points -= all.get(id)?.times.length ?? 0;
      all.delete(id);
    },
    series: (id) => all.get(id),
    get points() {
      return points;
    },
  };
}

/** The last `span` milliseconds up to `now`, as the points of an SVG polyline; a flow at rest ends in a line at zero. */
export function sparkline(series: Series, now: number, span: number, width: number, height: number): string {
  const from = now - span;
  const highest = Math.max(...series.packetRates.filter((_, index) => series.times[index]! >= from), 0);
  if (highest === 0) return '';
  const at = (time: number, rate: number) =>
    `${(((Math.max(time, from) - from) / span) * width).toFixed(1)},${(height - (rate / highest) * height).toFixed(1)}`;
  const points: string[] = [];
  for (const [index, time] of series.times.entries()) {
    if (time >= from) points.push(at(time, series.packetRates[index]!));
  }
  const last = series.packetRates.at(-1) ?? 0;
  if (last === 0) points.push(at(now, 0));
  return points.join(' ');
}

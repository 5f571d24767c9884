/** The chart of one flow's rate, packets and bits per second, drawn by uPlot in the page's colours. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatBitRate, formatPacketRate } from './format.ts';
import type { Series } from './history.ts';

export interface RateChart {
  show(series: Series | undefined, now: number): void;
  destroy(): void;
}

/** So much time is shown at least, so that the first points do not jump about. */
const SHORTEST_SPAN = 60;

export function createRateChart(place: HTMLElement): RateChart {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let data: uPlot.AlignedData = [[], [], []];
  let plot = draw();

  function draw(): uPlot {
    const style = getComputedStyle(place);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
    return new uPlot(
      {
        ...size(),
        cursor: { y: false },
        scales: { x: { time: true }, packets: { range: fromZero }, bits: { range: fromZero } },
        axes: [
          { ...axis, space: 80, values: (_, ticks) => ticks.map(clock) },
          { ...axis, scale: 'packets', size: 84, values: (_, ticks) => ticks.map(formatPacketRate) },
          {
            ...axis,
            scale: 'bits',
            side: 1,
            size: 88,
            grid: { show: false },
            values: (_, ticks) => ticks.map(formatBitRate),
          },
        ],
        series: [
          { value: (_, time) => (time === null ? '–' : clock(time)), label: 'Time' },
          {
            label: 'Packets',
            scale: 'packets',
            stroke: colour('--accent'),
            fill: `${colour('--accent')}22`,
            width: 2,
            points: { show: false },
            value: (_, rate) => (rate === null ? '–' : formatPacketRate(rate)),
          },
          {
            label: 'Bits',
            scale: 'bits',
            stroke: colour('--second'),
            width: 1.5,
            dash: [5, 4],
            points: { show: false },
            value: (_, rate) => (rate === null ? '–' : formatBitRate(rate)),
          },
        ],
      },
      data,
      place,
    );
  }

  function size(): { width: number; height: number } {
    // The legend below it is some 30 pixels.
    return { width: Math.max(place.clientWidth, 200), height: Math.max(place.clientHeight - 32, 120) };
  }

  const redraw = () => {
    plot.destroy();
    plot = draw();
  };
  const observer = new ResizeObserver(() => plot.setSize(size()));
  observer.observe(place);
  dark.addEventListener('change', redraw);

  return {
    show(series, now) {
      const times = (series?.times ?? []).map((time) => time / 1000);
      const packets = [...(series?.packetRates ?? [])];
      const bits = [...(series?.bitRates ?? [])];
      const last = times.at(-1);
      // A flow at rest sends nothing more: its line is drawn on to now.
      if (last !== undefined && packets.at(-1) === 0 && now / 1000 > last) {
        times.push(now / 1000);
        packets.push(0);
        bits.push(0);
      }
      data = [times, packets, bits];
      plot.setData(data, false);
      const end = times.at(-1) ?? now / 1000;
      plot.setScale('x', { min: Math.min(times[0] ?? end, end - SHORTEST_SPAN), max: end });
    },
    destroy() {
      observer.disconnect();
      dark.removeEventListener('change', redraw);
      plot.destroy();
    },
  };
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB');
}

function fromZero(_: uPlot, _lowest: number | null, highest: number | null): [number, number] {
  return [0, Math.max(highest ?? 0, 1) * 1.1];
}

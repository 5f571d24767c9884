/** What `flowloom sim` prints of a load: a line each second, and a summary at the end, in words or as JSON. */

import { createDelays, type Delays } from '../sim/load/delays.ts';
import type { Load, LoadCounts } from '../sim/load/load.ts';
import { counted } from '../text/counted.ts';

export interface LoadReporter {
  /** What has been since the last one. */
  line(): void;
  /** Since the start. */
  seconds(): number;
  summary(): void;
}

/** The line of titles comes again after so many. */
const LINES = 20;
const MEDIAN = 0.5;
const SLOW = 0.99;
const SECOND = 1000;

export function createLoadReporter(load: Load, switches: number, asJson: boolean): LoadReporter {
  const all = createDelays();
  const start = performance.now();
  const seconds = () => (performance.now() - start) / SECOND;
  let lines = 0;
  let last = 0;
  let before = load.counts();

  function told(): Percentiles & { counts: LoadCounts } {
    const counts = load.counts();
    const times = percentiles(load.delays);
    all.addAll(load.delays);
    load.delays.clear();
    return { counts, ...times };
  }

  return {
    seconds,
    line() {
      const { counts, p50, p99 } = told();
      const now = seconds();
      const since = (name: keyof LoadCounts) => counts[name] - before[name];
      // A machine that is busy lets more than a second go by.
      const rate = (name: keyof LoadCounts) => Math.round(since(name) / (now - last));
      const second = {
        second: Math.round(now),
        switches,
        connected: load.connected(),
        flows: load.flows(),
        packetIns: rate('packetIns'),
        packetOuts: rate('packetOuts'),
        flowMods: rate('flowMods'),
        delivered: rate('delivered'),
        lost: since('lost'),
        p50,
        p99,
      };
      last = now;
      before = counts;
      if (!asJson && lines++ % LINES === 0) process.stdout.write(row(TITLES));
      process.stdout.write(asJson ? `${JSON.stringify(second)}\n` : lineOf(second));
    },
    summary() {
      const { counts } = told();
      const now = { seconds: rounded(seconds()), switches, connected: load.connected(), flows: load.flows() };
      const summary = { ...now, ...counts, ...percentiles(all) };
      process.stdout.write(asJson ? `${JSON.stringify({ summary })}\n` : describe(summary));
    },
  };
}

/** Milliseconds; null: nothing was delivered by way of the controller. */
interface Percentiles {
  p50: number | null;
  p99: number | null;
}

function percentiles(delays: Delays): Percentiles {
  const at = (share: number) => rounded(delays.at(share) ?? null);
  return { p50: at(MEDIAN), p99: at(SLOW) };
}

/** To thousandths. */
function rounded<T extends number | null>(value: T): T {
  return (value === null ? null : Number(value.toFixed(3))) as T;
}

interface State extends Percentiles {
  switches: number;
  connected: number;
  flows: number;
}

interface Second extends State, Pick<LoadCounts, 'packetIns' | 'packetOuts' | 'flowMods' | 'delivered' | 'lost'> {
  second: number;
}

const TITLES = [
  ...['s', 'connected', 'flows', 'packet-ins/s', 'packet-outs/s', 'flow-mods/s', 'delivered/s', 'lost'],
  ...['p50 ms', 'p99 ms'],
];
const LEAST_WIDTH = 8;

function lineOf(line: Second): string {
  const { second, switches, connected, flows, packetIns, packetOuts, flowMods, delivered, lost, p50, p99 } = line;
  const cells = [second, `${connected}/${switches}`, flows, packetIns, packetOuts, flowMods, delivered, lost];
  return row([...cells, milliseconds(p50), milliseconds(p99)]);
}

function row(cells: readonly (string | number)[]): string {
  return `${cells.map((cell, i) => String(cell).padStart(Math.max(LEAST_WIDTH, TITLES[i]!.length))).join('  ')}\n`;
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : value.toFixed(2);
}

function describe(summary: LoadCounts & State & { seconds: number }): string {
  const { seconds, switches, connected, flows, sent, delivered, lost, p50, p99 } = summary;
  const { packetIns, packetInsDropped, packetOuts, flowMods } = summary;
  const dropped = packetInsDropped === 0 ? '' : ` (${packetInsDropped} more were dropped: too many waited)`;
  return [
    `After ${seconds.toFixed(1)} s ${connected} of ${counted(switches, 'switch', 'switches')} connected, with ${counted(flows, 'flow')}.`,
    `${counted(sent, 'packet')} sent, ${delivered} delivered, ${lost} lost.`,
    `${counted(packetIns, 'packet-in')}${dropped}, ${counted(packetOuts, 'packet-out')}, ${counted(flowMods, 'flow-mod')}.`,
    ...(p50 === null ? [] : [`From packet-in to delivery: p50 ${milliseconds(p50)} ms, p99 ${milliseconds(p99)} ms.`]),
    '',
  ].join('\n');
}

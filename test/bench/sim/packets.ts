/** How fast packets go through the simulated switch, beside a real one with the same flows that is pushed the same frames. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Figure, figure } from '../measure.ts';
import type { SimMemory } from './memory.ts';
import { fiveTables, framesIn, type Pipeline, withNat } from './pipelines.ts';
import { type MeasuredSwitch, measuredSimulated, startMeasuredReal } from './switches.ts';

const run = promisify(execFile);
const memory = fileURLToPath(new URL('memory.ts', import.meta.url));
const grouped = (value: number) => Math.round(value).toLocaleString('en-US');

export interface SimEffort {
  rounds: number;
  /** Milliseconds of processor that a round takes at least. */
  milliseconds: number;
}

export interface SimReport {
  text: string;
  note: string;
  figures: Figure[];
  /** Frames that each switch was pushed, and that left it. */
  frames: { name: string; pushed: number; left: number }[];
}

const PEER =
  'Open vSwitch is a real ovs-vswitchd on its dummy datapath, which no traffic reaches but by commands: tests push frames\n' +
  '  in hexadecimal digits through its control socket (netdev-dummy/receive), and wait after each 64. It takes a packet from its cache\n' +
  '  of flows where it can, the simulated one looks each up in every table';

export async function measureFiveTables(effort: SimEffort, switches: number): Promise<SimReport & SimMemory> {
  const report = await measurePipeline(fiveTables, effort);
  const { stdout } = await run(process.execPath, ['--expose-gc', memory, String(switches)]);
  const taken = JSON.parse(stdout) as SimMemory;
  const mebibytes = grouped(taken.rss / 1048576);
  const text = 'a packet through five tables (port, VLAN, 256 MACs, 64 prefixes, 1,000 access rules) without conntrack';
  const many = `${grouped(taken.switches)} switches with ${taken.flows} flows each take ${mebibytes} MiB in one process`;
  return { ...report, text, note: `${report.note};\n  ${many}`, ...taken };
}

export async function measureNat(effort: SimEffort): Promise<SimReport> {
  const report = await measurePipeline(withNat, effort);
  return {
    ...report,
    text: 'a packet through conntrack with NAT, then back to the tables; one in ten is of a new connection',
  };
}

async function measurePipeline(make: () => Pipeline, effort: SimEffort): Promise<Omit<SimReport, 'text'>> {
  const pipeline = make();
  const switches = [
    measuredSimulated('flowloom', pipeline.flows),
    await startMeasuredReal('Open vSwitch', pipeline.flows),
  ];
  try {
    const times = switches.map((): number[] => []);
    const pushed = switches.map(() => 0);
    // One round more, which does not count: caches are filled, and code is compiled.
    for (let round = 0; round <= effort.rounds; round++) {
      for (const [i, each] of switches.entries()) {
        const { nanoseconds, frames } = await timed(each, pipeline, effort.milliseconds);
        pushed[i] = pushed[i]! + frames;
        if (round > 0) times[i]!.push(nanoseconds / frames);
      }
    }
    const figures = switches.map(({ name }, i) => figure(name, times[i]!));
    const frames = await Promise.all(
      switches.map(async ({ name, left }, i) => ({ name, pushed: pushed[i]!, left: await left() })),
    );
    const perSecond = figures.map(({ name, median }) => `${name} ${grouped(1e9 / median)}`).join(', ');
    return { figures, frames, note: `packets in a second of a processor: ${perSecond}.\n  ${PEER}` };
  } finally {
    for (const { stop } of switches) await stop();
  }
}

/** Rounds of frames that are made ready at once. */
const READY = 8;

/** Of the processor, as the switch alone takes it; what makes the frames ready is not counted. */
async function timed(
  { prepare, push, processor }: MeasuredSwitch,
  pipeline: Pipeline,
  milliseconds: number,
): Promise<{ nanoseconds: number; frames: number }> {
  let nanoseconds = 0;
  let frames = 0;
  while (nanoseconds < milliseconds * 1e6) {
    const ready = Array.from({ length: READY }, () => {
      const bursts = pipeline.round();
      frames += framesIn(bursts);
      return prepare(bursts);
    });
    const before = processor();
    await push(ready);
    nanoseconds += processor() - before;
  }
  return { nanoseconds, frames };
}

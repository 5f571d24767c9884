// Many flows into an empty Open vSwitch, and a restart where they stand already, beside ovs-ofctl on the same switch.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { type Controller, processorSeconds, startFlowloom } from './controllers.ts';
import { type Figure, figure } from './measure.ts';
import { connectWire, type Wire } from './wire.ts';

const run = promisify(execFile);
const room = { maxBuffer: 256 << 20 };
export const app = fileURLToPath(new URL('apps/many-flows.ts', import.meta.url));
const PATIENCE_MS = 120_000;
/** Those that the learning switch begins with stand beside the app's. */
const SYNCHRONISED = /: (\d+) flows? added|is as it should be: (\d+) flow/;

export interface FlowReport {
  text: string;
  note: string;
  figures: Figure[];
  /** That Flowloom sent, in each round. */
  flowMods: number[];
}

interface Bench {
  server: OvsdbServer;
  socket: string;
  ofctl(...args: string[]): Promise<string>;
}

export async function withSwitch<T>(work: (bench: Bench) => Promise<T>): Promise<T> {
  const server = await startOvsdbServer();
  try {
    await server.startSwitch();
    const settings = ['datapath_type=dummy', 'fail_mode=secure', 'protocols=OpenFlow14'];
    await server.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', ...settings);
    const socket = join(server.folder, 'br0.mgmt');
    const ofctl = async (...args: string[]) => {
      const [command = '', ...more] = args.filter((word) => !word.startsWith('--'));
      const options = args.filter((word) => word.startsWith('--'));
      const words = ['-O', 'OpenFlow14', ...options, command, `unix:${socket}`, ...more];
      return (await run('ovs-ofctl', words, room)).stdout;
    };
    return await work({ server, socket, ofctl });
  } finally {
    await server.stop();
  }
}

/** Flowloom meets the switch; milliseconds from the connection until it says that all is as it should be. */
async function meet(
  socket: string,
  flows: number,
  look: (wire: Wire, readyMs: number, processor: number) => void,
): Promise<void> {
  const controller = await startFlowloom('flowloom', ['--app', app], { FLOWLOOM_BENCH_FLOWS: String(flows) });
  try {
    const before = processorSeconds(controller.pid);
    const wire = await connectWire(socket, controller.port);
    const count = await synchronised(controller);
    const readyMs = performance.now() - wire.started;
    const processor = processorSeconds(controller.pid) - before;
    if (count < flows) throw new Error(`only ${count} flows of ${flows} stand:\n${controller.output()}`);
    look(wire, readyMs, processor);
    wire.close();
  } finally {
    await controller.stop();
  }
}

async function synchronised(controller: Controller): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = SYNCHRONISED.exec(controller.output());
    if (found !== null) return Number(found[1] ?? found[2]);
    if (performance.now() > deadline) throw new Error(`it never was as it should be:\n${controller.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export const figures = (times: Record<string, number[]>) =>
  Object.entries(times).map(([name, each]) =>
    figure(
      name,
      each.map((ms) => 1e6 * ms),
    ),
  );
export const grouped = (value: number) => Math.round(value).toLocaleString('en-US');

const took = (seconds: number[]) =>
  `;\n  Flowloom took ${figure('', seconds).median.toFixed(2)} seconds of a processor`;

export function measureInstall(flows: number, rounds: number): Promise<FlowReport> {
  return withSwitch(async ({ server, socket, ofctl }) => {
    const times = { flowloom: [] as number[], 'sent after': [] as number[], 'ovs-ofctl --bundle': [] as number[] };
    const flowMods: number[] = [];
    const processors: number[] = [];
    const file = join(server.folder, 'flows.txt');
    for (let round = 0; round < rounds; round++) {
      await ofctl('del-flows');
      await meet(socket, flows, (wire, _, processor) => {
        processors.push(processor);
        if (wire.lastCommit === 0) throw new Error('the flows did not come in a bundle');
        times.flowloom.push(wire.lastCommit - wire.started);
        times['sent after'].push(wire.lastChange - wire.started);
        flowMods.push(wire.flowMods);
      });
      if (round === 0) await writeFile(file, asFlows(await ofctl('--no-stats', 'dump-flows')));
      await ofctl('del-flows');
      times['ovs-ofctl --bundle'].push(await timed(() => ofctl('--bundle', 'add-flows', file)));
    }
    return {
      text: `${grouped(flows)} flows into an empty Open vSwitch in a bundle, from the connection to its commit`,
      note: `ovs-ofctl sends the same flows, and is a process that starts; Flowloom sent ${grouped(flowMods[0] ?? 0)} flow-mods${took(processors)}`,
      figures: figures(times),
      flowMods,
    };
  });
}

/** What a dump says, without its head. */
export function asFlows(dump: string): string {
  return dump
    .split('\n')
    .filter((line) => line.includes('actions='))
    .map((line) => line.trim())
    .join('\n');
}

/** Throws where a restart sends a flow. */
export function measureRestart(flows: number, rounds: number): Promise<FlowReport> {
  return withSwitch(async ({ socket, ofctl }) => {
    const times = { flowloom: [] as number[], 'ovs-ofctl dump': [] as number[] };
    const flowMods: number[] = [];
    const processors: number[] = [];
    await meet(socket, flows, () => undefined);
    for (let round = 0; round < rounds; round++) {
      await meet(socket, flows, (wire, readyMs, processor) => {
        processors.push(processor);
        times.flowloom.push(readyMs);
        flowMods.push(wire.flowMods);
        if (wire.flowMods > 0) throw new Error(`a restart sent ${wire.flowMods} flow-mods to flows that stand`);
      });
      times['ovs-ofctl dump'].push(await timed(() => ofctl('dump-flows')));
    }
    return {
      text: `a restart with ${grouped(flows)} flows in place, from the connection until all is known to be as it should be`,
      note: `no flow-mod was sent; ovs-ofctl dump-flows prints the same flows, and is a process that starts${took(processors)}`,
      figures: figures(times),
      flowMods,
    };
  });
}

// How many packet-ins controllers answer, and how soon, beside each other: generator and controller are processes of their own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type Controller,
  startBareProcess,
  startFlowloom,
  startOsKen,
  startPlainProcess,
  startTestController,
} from './controllers.ts';
import type { LoadOptions, LoadResult } from './load/load.ts';
import { type Figure, figure } from './measure.ts';

const run = promisify(execFile);
const generator = fileURLToPath(new URL('load/generator.ts', import.meta.url));
const grouped = (value: number) => Math.round(value).toLocaleString('en-US');

export interface LoadEffort {
  rounds: number;
  measureMs: number;
}

export interface LoadReport {
  text: string;
  note: string;
  figures: Figure[];
  runs: (LoadResult & { name: string })[];
}

/** Throws where an answer is wrong or missing, with what the controller said. */
export async function generate(controller: Controller, options: Omit<LoadOptions, 'target'>): Promise<LoadResult> {
  const target = { host: '127.0.0.1', port: controller.port };
  const words = JSON.stringify({ target, pid: controller.pid, ...options } satisfies LoadOptions);
  const { stdout } = await run(process.execPath, [generator, words]).catch((error: Error & { stderr?: string }) => {
    throw new Error(`${controller.name}: ${error.stderr ?? error.message}\n${controller.output()}`);
  });
  const result = JSON.parse(stdout) as LoadResult;
  if (options.mode !== 'connect' && result.answers === 0) {
    throw new Error(`${controller.name} answered nothing\n${controller.output()}`);
  }
  if (result.wrongs + result.missing > 0) {
    const what = `${result.wrongs} answers were wrong, ${result.missing} are missing`;
    throw new Error(`${controller.name}: ${[what, ...result.wrong].join('\n  ')}\n${controller.output()}`);
  }
  return result;
}

/** What is compiled at run time is compiled after so many; that takes its time in the first round. */
export function warmUp(round: number, measureMs: number): Pick<LoadOptions, 'warmUpMs' | 'warmUpAnswers'> {
  return { warmUpMs: 6 * measureMs, warmUpAnswers: round === 0 ? 300_000 : 30_000 };
}

/** Each in turn, then each again: whatever else the machine does meets all of them. */
async function eachInTurn(effort: LoadEffort, options: Omit<LoadOptions, 'target'>): Promise<LoadReport['runs']> {
  const starts = [startFlowloom(), startTestController(), startOsKen(), startBareProcess(), startPlainProcess()];
  const settled = await Promise.allSettled(starts);
  const controllers = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    for (const each of settled) if (each.status === 'rejected') throw each.reason;
    const runs: LoadReport['runs'] = [];
    for (let round = 0; round < effort.rounds; round++) {
      for (const controller of controllers) {
        const { measureMs } = effort;
        const how = { ...options, ...warmUp(round, measureMs), measureMs };
        runs.push({ name: controller.name, ...(await generate(controller, how)) });
      }
    }
    return runs;
  } finally {
    await Promise.all(controllers.map((controller) => controller.stop()));
  }
}

function byName<T>(runs: LoadReport['runs'], pick: (run: LoadResult) => T): Map<string, T[]> {
  const names = [...new Set(runs.map(({ name }) => name))];
  return new Map(names.map((name) => [name, runs.filter((each) => each.name === name).map(pick)]));
}

export async function measurePacketIns(switches: number, effort: LoadEffort): Promise<LoadReport> {
  const runs = await eachInTurn(effort, { mode: 'throughput', switches });
  const figures = Array.from(
    byName(runs, ({ perSecond }) => 1e9 / perSecond),
    ([name, times]) => figure(name, times),
  );
  const processor = Array.from(
    byName(runs, ({ processorSeconds = 0, answers }) => (1e6 * processorSeconds) / answers),
    ([name, times]) => `${name} ${figure(name, times).median.toFixed(2)}`,
  );
  const busiest = Math.max(...runs.map(({ busy }) => busy));
  return {
    text: `a packet-in answered by a packet-out and a flow, ${switches} switches with 128 under way each`,
    note:
      `microseconds of a processor for one: ${processor.join(', ')};\n` +
      `  the generator itself took ${busiest.toFixed(2)} of a processor at most`,
    figures,
    runs,
  };
}

export async function measureLatency(effort: LoadEffort): Promise<LoadReport> {
  const runs = await eachInTurn(effort, { mode: 'latency', switches: 1 });
  const figures = Array.from(
    byName(runs, ({ p50 = 0 }) => 1000 * p50),
    ([name, times]) => figure(name, times),
  );
  const slow = Array.from(
    byName(runs, ({ p99 = 0 }) => p99),
    ([name, times]) => `${name} ${grouped(figure(name, times).median)}`,
  );
  return {
    text: 'from a packet-in to its packet-out and flow, one switch, one at a time: the 50th percentile',
    note: `the 99th percentile in microseconds: ${slow.join(', ')}`,
    figures,
    runs,
  };
}

// A thousand switches on one controller: until all are set up and have their echo, and what memory that takes.
import { type Controller, startBareProcess, startFlowloom, startOsKen } from './controllers.ts';
import type { LoadResult } from './load/load.ts';
import { type Figure, figure } from './measure.ts';
import { generate } from './packet-in.ts';

const mebibytes = (bytes: number) => Math.round(bytes / 1048576);

export interface ManyReport {
  text: string;
  note: string;
  figures: Figure[];
  runs: (LoadResult & { name: string })[];
}

/** Each round with a controller that was started for it: its memory is of that one time. */
export async function measureSwitches(switches: number, rounds: number): Promise<ManyReport> {
  const runs: ManyReport['runs'] = [];
  const starts: (() => Promise<Controller>)[] = [() => startFlowloom(), startOsKen, startBareProcess];
  for (let round = 0; round < rounds; round++) {
    for (const start of starts) {
      const controller = await start();
      try {
        const small = { ports: 4, stations: 4, patienceMs: 60_000 };
        runs.push({ name: controller.name, ...(await generate(controller, { mode: 'connect', switches, ...small })) });
      } finally {
        await controller.stop();
      }
    }
  }
  const names = [...new Set(runs.map(({ name }) => name))];
  const of = (name: string, pick: (run: LoadResult) => number) =>
    figure(name, runs.filter((run) => run.name === name).map(pick));
  const memory = names.map((name) => `${name} ${mebibytes(of(name, (run) => run.memory ?? 0).median)}`);
  const echoes = names.map((name) => `${name} ${Math.round(of(name, (run) => run.echoMs).median)}`);
  const processor = names.map((name) => `${name} ${of(name, (run) => run.processorSeconds ?? 0).median.toFixed(1)}`);
  return {
    text: `${switches.toLocaleString('en-US')} switches connect at once, until each has the flows that it begins with`,
    note:
      `milliseconds from an echo request of each to the last reply: ${echoes.join(', ')};\n` +
      `  seconds of a processor: ${processor.join(', ')};\n` +
      `  MiB of memory at most: ${memory.join(', ')}; ovs-testcontroller takes 16 switches`,
    figures: names.map((name) => of(name, (run) => 1e6 * run.readyMs)),
    runs,
  };
}

// What a broken app does to the others: how soon the learning switch answers beside it, and without it.
import { fileURLToPath } from 'node:url';
import { type Controller, startFlowloom } from './controllers.ts';
import { type Figure, figure } from './measure.ts';
import { generate, type LoadEffort, warmUp } from './packet-in.ts';

const app = fileURLToPath(new URL('apps/broken.ts', import.meta.url));
const WAYS = {
  'app that throws': 'throws',
  'app that floods': 'floods',
  'app that declares': 'declares',
  'app that waits': 'waits',
} as const;
/** Packet-ins a second for the broken app. */
const NOISE = 2000;

export interface IsolationReport {
  text: string;
  note: string;
  /** The 99th percentile; of the learning switch alone first. */
  figures: Figure[];
  /** The 50th. */
  middle: Figure[];
}

export async function measureIsolation({ rounds, measureMs }: LoadEffort): Promise<IsolationReport> {
  const starts = [
    startFlowloom(),
    ...Object.entries(WAYS).map(([name, how]) => startFlowloom(name, ['--app', app], { FLOWLOOM_BENCH_BROKEN: how })),
  ];
  const settled = await Promise.allSettled(starts);
  const controllers: Controller[] = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const p50 = new Map(controllers.map(({ name }) => [name, [] as number[]]));
  const p99 = new Map(controllers.map(({ name }) => [name, [] as number[]]));
  try {
    for (const each of settled) if (each.status === 'rejected') throw each.reason;
    for (let round = 0; round < rounds; round++) {
      for (const controller of controllers) {
        const noise = controller === controllers[0] ? {} : { noise: NOISE };
        const options = { mode: 'latency', switches: 1, ...warmUp(round, measureMs), measureMs, ...noise } as const;
        const result = await generate(controller, options);
        p50.get(controller.name)?.push(1000 * (result.p50 ?? 0));
        p99.get(controller.name)?.push(1000 * (result.p99 ?? 0));
      }
    }
  } finally {
    await Promise.all(controllers.map((controller) => controller.stop()));
  }
  const middle = Array.from(p50, ([name, times]) => figure(name, times));
  return {
    text: `the learning switch beside a broken app that gets ${NOISE} packet-ins a second: the 99th percentile`,
    note: `the 50th percentile in microseconds: ${middle.map(({ name, median }) => `${name} ${Math.round(median / 1000)}`).join(', ')}`,
    middle,
    figures: Array.from(p99, ([name, times]) => figure(name, times)),
  };
}

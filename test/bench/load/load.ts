/** Plays so many switches at a controller, and says how many packet-ins it answered, how fast, and whether they were right. */

import { memoryOf, processorSeconds } from '../controllers.ts';
import { createPlayer, type Player } from './player.ts';
import type { Target } from './switch-link.ts';

export interface LoadOptions {
  target: Target;
  /** `throughput`: `window` packet-ins of each switch under way; `latency`: one; `connect`: none, until all are set up. */
  mode: 'throughput' | 'latency' | 'connect';
  switches?: number;
  ports?: number;
  stations?: number;
  window?: number;
  unknownEvery?: number;
  /** Warm is who answered so many, or what came of it in so many milliseconds. */
  warmUpMs?: number;
  warmUpAnswers?: number;
  measureMs?: number;
  flowRemoved?: boolean;
  /** Packet-ins a second and switch that are none of the stations'. */
  noise?: number;
  /** How long to wait for what must come. */
  patienceMs?: number;
  /** The controller's process: what it takes of a processor is told. */
  pid?: number;
}

export interface LoadResult {
  /** Milliseconds until every switch was connected, and until the controller had set up its flows. */
  connectedMs: number;
  readyMs: number;
  /** From an echo request of every switch to the last reply. */
  echoMs: number;
  answers: number;
  perSecond: number;
  flowMods: number;
  noiseAnswers: number;
  wrong: string[];
  wrongs: number;
  /** Of the packet-ins, and of the flow-mods to known stations. */
  missing: number;
  /** Of a processor, that the generator took. */
  busy: number;
  /** Of a processor, that the controller took while it was measured; with `connect`, while it set up the switches. */
  processorSeconds?: number;
  /** Bytes of memory that the controller had at most. */
  memory?: number;
  /** Microseconds; of `latency`. */
  p50?: number;
  p99?: number;
}

const QUIET_MS = 200;

export async function load(options: LoadOptions): Promise<LoadResult> {
  const { mode, switches = 16, warmUpMs = 1000, measureMs = 2000, patienceMs = 15_000 } = options;
  const ofController = () => (options.pid === undefined ? 0 : processorSeconds(options.pid));
  const processorAtStart = ofController();
  const start = performance.now();
  const players = await Promise.all(
    Array.from({ length: switches }, (_, i) =>
      createPlayer({
        target: options.target,
        device: i + 1,
        ports: options.ports ?? 16,
        stations: options.stations ?? 64,
        window: mode === 'latency' ? 1 : (options.window ?? 128),
        unknownEvery: options.unknownEvery ?? 16,
        timed: mode === 'latency',
        flowRemoved: options.flowRemoved ?? false,
      }),
    ),
  );
  const connectedMs = performance.now() - start;
  const sum = (pick: (player: Player) => number) => players.reduce((total, player) => total + pick(player), 0);
  const alive = () => {
    const gone = players.find(({ link }) => link.ended() !== undefined);
    if (gone !== undefined) throw new Error(`a connection ended: ${gone.link.ended()}`);
  };
  try {
    await until('the controller sets up every switch', () => {
      alive();
      return players.every(({ link }) => link.punts().some(({ match }) => !('ethType' in match)));
    });
    const readyMs = performance.now() - start;
    for (const player of players) player.askEcho();
    await until('every switch has its echo', () => players.every(({ echoes }) => echoes > 0));
    const echoMs = performance.now() - start - readyMs;
    alive();
    const settingUp = ofController() - processorAtStart;
    let result = { answers: 0, seconds: 0, flowMods: 0, busy: 0, processorSeconds: settingUp };
    if (mode !== 'connect') {
      await until('the controller is quiet', () =>
        players.every((each) => performance.now() - each.lastChange > QUIET_MS && !each.hasClosedPorts()),
      );
      for (const player of players) player.play();
      const noise = options.noise === undefined ? undefined : setInterval(makeNoise, 2);
      const perTick = Math.max(1, Math.round((options.noise ?? 0) / 500));
      function makeNoise(): void {
        for (const player of players) player.makeNoise(perTick);
      }
      await warmUp();
      alive();
      result = await measured(measureMs);
      clearInterval(noise);
      for (const player of players) player.stop();
      await until('every packet-in is answered', () => sum((player) => player.missing()) === 0).catch(() => undefined);
      alive();
    }
    const times = Float64Array.from(players.flatMap((player) => player.times)).sort();
    return {
      connectedMs,
      readyMs,
      echoMs,
      answers: result.answers,
      perSecond: result.seconds === 0 ? 0 : result.answers / result.seconds,
      flowMods: result.flowMods,
      noiseAnswers: sum((player) => player.noiseAnswers),
      wrong: players.flatMap((player) => player.wrong).slice(0, 5),
      wrongs: sum((player) => player.wrongs),
      missing: sum((player) => player.missing()),
      busy: result.busy,
      ...(options.pid === undefined
        ? {}
        : { processorSeconds: result.processorSeconds, memory: memoryOf(options.pid).most }),
      ...(times.length > 0 ? { p50: at(times, 0.5), p99: at(times, 0.99) } : {}),
    };
  } finally {
    for (const player of players) player.link.close();
  }

  async function warmUp(): Promise<void> {
    const { warmUpAnswers = Number.POSITIVE_INFINITY } = options;
    const deadline = performance.now() + warmUpMs;
    while (performance.now() < deadline && sum((player) => player.answered) < warmUpAnswers) await sleep(20);
  }

  async function until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
      await sleep(5);
    }
  }

  async function measured(ms: number) {
    const before = { answers: sum((player) => player.answered), flowMods: sum((player) => player.flowMods) };
    const cpu = process.cpuUsage();
    const controllerBefore = ofController();
    const from = performance.now();
    for (const player of players) player.timing = mode === 'latency';
    await sleep(ms);
    for (const player of players) player.timing = false;
    const seconds = (performance.now() - from) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return {
      answers: sum((player) => player.answered) - before.answers,
      flowMods: sum((player) => player.flowMods) - before.flowMods,
      seconds,
      busy: (user + system) / 1e6 / seconds,
      processorSeconds: ofController() - controllerBefore,
    };
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const at = (sorted: Float64Array, share: number) => sorted[Math.round((sorted.length - 1) * share)]!;

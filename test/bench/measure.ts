// Measures functions against each other: short rounds in turn, so that whatever else the machine does meets all of them.

/** One way to do a thing; `run` does it once and returns what it made. */
export interface Peer {
  name: string;
  run(): unknown;
}

export interface Figure {
  name: string;
  /** Of the rounds' means, nanoseconds for one run. */
  median: number;
  /** Half of the rounds lie between these. */
  lower: number;
  upper: number;
}

export interface Effort {
  rounds: number;
  /** Milliseconds that a round should take. */
  milliseconds: number;
}

/** Results go here, so that no engine may leave out what makes them. */
export const sink: { last: unknown } = { last: undefined };

/** The processor's time, not the clock's: what other processes take in between is not counted, what collects garbage is. */
function timed(peer: Peer, runs: number): number {
  const start = process.cpuUsage();
  for (let i = 0; i < runs; i++) sink.last = peer.run();
  const { user, system } = process.cpuUsage(start);
  return 1000 * (user + system);
}

/** How often a peer runs in so many milliseconds, once it is warm. */
function runsIn(peer: Peer, milliseconds: number): number {
  let runs = 1;
  let nanoseconds = 0;
  while (nanoseconds < milliseconds * 1e6) {
    nanoseconds = timed(peer, runs);
    if (nanoseconds < milliseconds * 1e6) runs *= 2;
  }
  return Math.max(1, Math.round((runs * milliseconds * 1e6) / nanoseconds));
}

export function measure(peers: readonly Peer[], { rounds, milliseconds }: Effort): Figure[] {
  for (const peer of peers) runsIn(peer, milliseconds);
  let runs: number[] = [];
  const times = peers.map((): number[] => []);
  // As many rounds before those that count: the engine compiles in its own thread, whose time would count too.
  for (let round = -rounds; round < rounds; round++) {
    if (round === -rounds || round === 0) runs = peers.map((peer) => runsIn(peer, milliseconds));
    for (let turn = 0; turn < peers.length; turn++) {
      // Another peer begins each round: the garbage of one is not always the burden of the same next.
      const i = (turn + round + rounds) % peers.length;
      const time = timed(peers[i]!, runs[i]!) / runs[i]!;
      if (round >= 0) times[i]!.push(time);
    }
  }
  return peers.map(({ name }, i) => figure(name, times[i]!));
}

/** Of times by the clock, in nanoseconds. */
export function figure(name: string, times: readonly number[]): Figure {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)]!;
  return { name, median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

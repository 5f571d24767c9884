/** What happens in a lab, one thing after the other: each is recorded until all is at rest, the answers of guests included. */

import type { AppHost } from '../app/host.ts';
import type { SwitchSite } from '../app/switch-site.ts';
import type { Delivery } from './delivery.ts';
import type { Guest } from './guest.ts';
import type { LabClock } from './lab-clock.ts';
import type { LabNetwork } from './lab-network.ts';
import { placeOf, unknown } from './place.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { Rest } from './rest.ts';

export interface Stage {
  /** What was asked for before is done first. */
  alone<T>(run: () => Promise<T>): Promise<T>;
  /** The frame comes by the port, from whoever is there. */
  deliver(from: string, place: string, frame: Uint8Array): Promise<Delivery>;
  /** What leaves while something is done that is no frame. */
  during(what: string, run: () => Promise<void>): Promise<Delivery>;
  /** So many milliseconds pass, from one thing that is due to the next. */
  pass(milliseconds: number): Promise<void>;
  packetIn(app: string, switchName: string, frame: Uint8Array): void;
  logged(line: string): void;
}

export interface StageParts {
  clock: LabClock;
  rest: Rest;
  network: LabNetwork;
  guests: ReadonlyMap<string, Guest>;
  host(): AppHost;
  site(dpid: string): SwitchSite | undefined;
}

/** Answers to answers to answers. */
const DEEPEST = 16;

export function createStage({ clock, rest, network, guests, host, site }: StageParts): Stage {
  let last: Promise<unknown> = Promise.resolve();
  let current: { recorder: Recorder; answers: Delivery[]; depth: number } | undefined;

  const guestAt = (place: string) => [...guests.values()].find(({ at }) => at === place);

  function known(what: 'place' | 'guest' | 'app', name: string): void {
    if (what === 'place') placeOf(name, network.switches);
    else if (what === 'guest' && !guests.has(name)) throw unknown('guest', name, guests.keys());
    else if (what === 'app' && !host().apps.has(name)) throw unknown('app', name, host().apps.keys());
  }

  function named(name: string, layer: string): string | undefined {
    const guest = guests.get(name);
    if (guest === undefined) return undefined;
    if (layer === 'eth') return guest.mac;
    return layer === 'ipv6' || layer === 'icmpv6' ? guest.ip6 : guest.ip;
  }

  async function record(from: string, frame: Uint8Array | undefined, run: () => Promise<void>): Promise<Delivery> {
    const outer = current;
    const recorder = createRecorder({ host, site, guestAt });
    const answers: Delivery[] = [];
    current = { recorder, answers, depth: (outer?.depth ?? 0) + 1 };
    network.record(recorder);
    try {
      await run();
      await settle();
    } finally {
      current = outer;
      network.record(outer?.recorder);
    }
    const { left, packetIns, lost, way } = recorder.recorded;
    return { from, frame, left, packetIns, lost, answers, named, known, way: way() };
  }

  /** Until nothing moves, and nobody has anything to answer. */
  async function settle(): Promise<void> {
    for (;;) {
      await rest.reached();
      if (network.isStorm)
        throw new Error('frames go round in the lab without end: its links make a loop that nothing opens');
      const answer = current?.recorder.recorded.answers.shift();
      if (current === undefined || answer === undefined || current.depth > DEEPEST) return;
      const { guest, frame } = answer;
      current.answers.push(await deliver(guest.name, guest.at, frame));
    }
  }

  function deliver(from: string, place: string, frame: Uint8Array): Promise<Delivery> {
    const at = placeOf(place, network.switches);
    return record(from, frame, async () => network.send(at, frame));
  }

  function nextDue(): number | undefined {
    let next = clock.nextDue();
    for (const { sim } of network.switches.values()) {
      const due = sim.nextDue();
      if (due !== undefined) next = Math.min(next ?? due, due);
    }
    return next;
  }

  async function doWhatIsDue(): Promise<void> {
    for (const { sim } of network.switches.values()) sim.advance();
    await settle();
  }

  return {
    alone(run) {
      const turn = last.then(run, run);
      last = turn.catch(() => undefined);
      return turn;
    },
    deliver,
    during: (what, run) => record(what, undefined, run),
    async pass(milliseconds) {
      if (!(milliseconds >= 0)) throw new Error(`time goes on, by 0 seconds or more: not by ${milliseconds / 1000}`);
      const end = clock.now() + milliseconds;
      for (let next = nextDue(); next !== undefined && next <= end; next = nextDue()) {
        // What stays due though it was done is looked at again a moment later.
        clock.goTo(next > clock.now() ? next : clock.now() + 1);
        await doWhatIsDue();
      }
      clock.goTo(end);
      await doWhatIsDue();
    },
    packetIn: (...given) => current?.recorder.packetIn(...given),
    logged: (line) => current?.recorder.logged(line),
  };
}

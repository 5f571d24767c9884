/** One random scenario on the real switch and on the simulated conntrack at once. */

import { type Conntrack, createConntrack } from '../../../src/sim/conntrack/conntrack.ts';
import type { TrackedPacket } from '../../../src/sim/conntrack/packet.ts';
import { createRandom } from '../../fuzz/random.ts';
import { SOON } from '../../support/soon.ts';
import { dumpText, entriesText } from './dump.ts';
import { seenInSimulation, seenOnSwitch, withProgram } from './program.ts';
import type { RealConntrack } from './real-conntrack.ts';
import { createScenario, PROGRAMS } from './scenario.ts';

export interface Differential {
  /** Runs `length` steps. What differed, or undefined; a difference ends it. */
  run(seed: number, length: number): Promise<string | undefined>;
  /** How many frames were compared, and of them how many times each state was seen. */
  compared: Map<string, number>;
}

export function createDifferential(real: RealConntrack): Differential {
  const chance = createRandom(1);
  const conntrack: Conntrack<TrackedPacket> = createConntrack({ random: () => chance.below(2 ** 32) / 2 ** 32 });
  const compared = new Map<string, number>();
  let now = 0;
  let id = 0;
  const nextId = () => {
    id = (id + 1) & 0xffff;
    return id;
  };

  async function wait(time: number): Promise<void> {
    const heldBefore = conntrack.heldFragments(now);
    now += time;
    await real.control('time/warp', `${time}`);
    // Another thread sweeps away what is over, whenever the clock moves.
    conntrack.sweep(now);
    const connections = conntrack.entries(now).length;
    await until(async () => Number(await real.control('dpctl/ct-get-nconns')) <= connections);
    if (heldBefore === 0) return;
    const held = conntrack.heldFragments(now);
    await until(async () => heldOnSwitch(await real.control('dpctl/ipf-get-status')) <= held);
  }

  return {
    compared,
    async run(seed, length) {
      const scenario = createScenario(createRandom(seed), nextId);
      for (let i = 0; i < length || scenario.unfinished(); i++) {
        const step = scenario.next();
        if ('wait' in step) {
          await wait(step.wait);
          continue;
        }
        const frame = withProgram(step.frame, step.program);
        const simulated = seenInSimulation(conntrack, PROGRAMS, frame, now);
        const switched = seenOnSwitch(await real.send([frame]));
        for (const text of simulated) {
          const state = text.split(' ')[1]!;
          compared.set(state, (compared.get(state) ?? 0) + 1);
        }
        if (simulated.join('\n') !== switched.join('\n')) {
          const told = [`seed ${seed}, step ${i}, program ${step.program}:`, Buffer.from(frame).toString('hex')];
          return [...told, 'simulated:', ...simulated, 'switch:', ...switched].join('\n');
        }
        const out = Buffer.from(simulated.at(-1)?.split(' ')[0] ?? '', 'hex');
        if (out.length >= 20) scenario.arrived(Uint8Array.from([...frame.subarray(0, 14), ...out]));
      }
      const held = entriesText(conntrack.entries(now));
      const dumped = dumpText(await real.control('dpctl/dump-conntrack', '-m', '-s'));
      await real.control('dpctl/flush-conntrack');
      conntrack.flushZone(undefined);
      if (held === dumped) return undefined;
      return [`seed ${seed}, at the end:`, 'simulated:', held, 'switch:', dumped].join('\n');
    },
  };
}

/** Asks again until it is so, or never will be: what differs then is told by what comes after. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SOON.timeout;
  while (!(await holds()) && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
}

function heldOnSwitch(status: string): number {
  return Number(/num frag: (\d+)/.exec(status)?.[1]);
}

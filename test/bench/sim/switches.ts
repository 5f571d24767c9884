/** Two switches that are pushed the same frames: the simulated one, and a real ovs-vswitchd through its control socket. */

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeMessage } from '../../../proto/openflow/message.ts';
import { hexText } from '../../../proto/wire/address.ts';
import { parseFlow } from '../../../src/flow/text/parse-flow.ts';
import { createSimulatedSwitch, type SimulatedSwitch } from '../../../src/sim/simulated-switch.ts';
import { startOvsdbServer } from '../../support/ovsdb-server.ts';
import { openUnixctl } from '../../verdict/unixctl.ts';
import { type Burst, PORTS } from './pipelines.ts';

const run = promisify(execFile);

export interface MeasuredSwitch {
  readonly name: string;
  /** How the frames are handed over; not part of what is measured. */
  prepare(bursts: readonly Burst[]): unknown;
  /** Pushes what was prepared. */
  push(prepared: readonly unknown[]): Promise<void> | void;
  /** Frames that have left, in all. */
  left(): Promise<number> | number;
  /** Nanoseconds of processor so far. */
  processor(): number;
  stop(): Promise<void> | void;
}

const HELLO = encodeMessage({ type: 'hello', elements: [{ type: 'versionBitmap', versions: [5] }], xid: 1 });

/** A switch with the flows; throws where it refuses one. */
export function simulatedWith(flows: readonly string[], transmit: SimulatedSwitchTransmit): SimulatedSwitch {
  const device = createSimulatedSwitch({
    dpid: 1n,
    ports: Array.from({ length: PORTS }, (_, i) => ({ portNo: i + 1 })),
    clock: { now: () => performance.now() },
    transmit,
  });
  const connection = device.connect({ write: () => undefined });
  connection.receive(HELLO);
  for (const flow of flows) connection.receive(encodeMessage({ ...parseFlow(flow), xid: 1 }));
  if (device.flowCount() !== flows.length) throw new Error(`${flows.length - device.flowCount()} flows are missing`);
  return device;
}

type SimulatedSwitchTransmit = (portNo: number, frame: Uint8Array) => void;

/** In this process. */
export function measuredSimulated(name: string, flows: readonly string[]): MeasuredSwitch {
  let left = 0;
  const device = simulatedWith(flows, () => {
    left++;
  });
  return {
    name,
    prepare: (bursts) => bursts.map(({ port, frames }) => ({ port, frames: frames.map((frame) => frame.slice()) })),
    push(prepared) {
      for (const bursts of prepared as Burst[][]) {
        for (const { port, frames } of bursts) for (const frame of frames) device.receive(port, frame);
      }
    },
    left: () => left,
    processor() {
      const { user, system } = process.cpuUsage();
      return 1000 * (user + system);
    },
    stop: () => undefined,
  };
}

/** Frames that one command may bring: the queue of a dummy port takes 100. */
const AT_ONCE = 96;

export async function startMeasuredReal(name: string, flows: readonly string[]): Promise<MeasuredSwitch> {
  const ovs = await startOvsdbServer();
  try {
    await ovs.startSwitch();
    const ports = Array.from({ length: PORTS }, (_, i) => i + 1);
    await ovs.vsctl(
      ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy', 'fail_mode=secure'],
      ...ports.flatMap((n) => [
        ...['--', 'add-port', 'br0', `p${n}`, '--', 'set', 'interface', `p${n}`, 'type=dummy'],
        `ofport_request=${n}`,
      ]),
    );
    const management = `unix:${join(ovs.folder, 'br0.mgmt')}`;
    const file = join(ovs.folder, 'flows.txt');
    await writeFile(file, `${flows.join('\n')}\n`);
    await run('ovs-ofctl', ['-O', 'OpenFlow14', 'add-flows', management, file]);
    const control = await openUnixctl(join(ovs.folder, 'sw.ctl'));
    const pid = processWith(`--unixctl=${join(ovs.folder, 'sw.ctl')}`);
    let taken = 0;
    const received = async () => {
      const told = await control.call('dpif-netdev/pmd-stats-show');
      return Number(/^main thread:\n\s+packets received: (\d+)$/m.exec(told)?.[1]);
    };
    return {
      name,
      prepare: (bursts) =>
        bursts.flatMap(({ port, frames }) => {
          const commands: string[][] = [];
          for (let at = 0; at < frames.length; at += AT_ONCE) {
            commands.push([`p${port}`, ...frames.slice(at, at + AT_ONCE).map(hexText)]);
          }
          return commands;
        }),
      async push(prepared) {
        for (const words of (prepared as string[][][]).flat()) {
          await control.call('netdev-dummy/receive', ...words);
          taken += words.length - 1;
          // Before these are through more would find no room, and their answers would come first.
          while ((await received()) < taken);
        }
      },
      async left() {
        const { stdout } = await run('ovs-ofctl', ['-O', 'OpenFlow14', 'dump-ports', management]);
        const sent = [...stdout.matchAll(/port {1,2}p?"?p?\d"?:.*\n\s+tx pkts=(\d+)/g)];
        return sent.reduce((sum, [, count]) => sum + Number(count), 0);
      },
      processor: () => nanosecondsOf(pid),
      async stop() {
        control.close();
        await ovs.stop();
      },
    };
  } catch (error) {
    await ovs.stop();
    throw error;
  }
}

/** The process that was started with this word. */
function processWith(word: string): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(word)) return Number(name);
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error(`no process has ${word}`);
}

/** Of all its threads. */
function nanosecondsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => {
    const [ran = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(ran);
  }, 0);
}

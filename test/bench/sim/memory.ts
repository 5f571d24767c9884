// What so many simulated switches take, as a process of its own: `node --expose-gc memory.ts SWITCHES`, one line of JSON out.
import { fileURLToPath } from 'node:url';
import { encodeMessage, type MessageOf } from '../../../proto/openflow/message.ts';
import { parseFlow } from '../../../src/flow/text/parse-flow.ts';
import { stationOf } from '../../../src/sim/load/conversation.ts';
import { createSimulatedSwitch, type SimulatedSwitch } from '../../../src/sim/simulated-switch.ts';

export interface SimMemory {
  switches: number;
  flows: number;
  /** Bytes of the whole process. */
  rss: number;
}

const FLOWS = 100;
const PORTS = 4;

/** A switch with a controller's connection, and flows as a learning switch puts them for two stations. */
function switchWith(dpid: number, clock: { now(): number }): SimulatedSwitch {
  const device = createSimulatedSwitch({
    ...{ dpid: BigInt(dpid), clock, transmit: () => undefined },
    ports: Array.from({ length: PORTS }, (_, i) => ({ portNo: i + 1 })),
  });
  const connection = device.connect({ write: () => undefined });
  connection.receive(encodeMessage({ type: 'hello', elements: [{ type: 'versionBitmap', versions: [5] }], xid: 1 }));
  for (let n = 0; n < FLOWS; n++) {
    const [from, to] = [stationOf(BigInt(dpid), 1, 1 + n), stationOf(BigInt(dpid), 2, 1 + FLOWS + n)];
    const match = `in_port=${1 + (n % PORTS)},dl_src=${from.mac},dl_dst=${to.mac}`;
    const mod = parseFlow(`priority=10,idle_timeout=300,${match},actions=output:${1 + ((n + 1) % PORTS)}`);
    connection.receive(encodeMessage({ ...mod, xid: n } as MessageOf<'flowMod'>));
  }
  if (device.flowCount() !== FLOWS) throw new Error(`switch ${dpid} has ${device.flowCount()} flows`);
  return device;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const clock = { now: () => performance.now() };
  const all = Array.from({ length: Number(process.argv[2]) }, (_, i) => switchWith(i + 1, clock));
  globalThis.gc?.();
  const taken: SimMemory = { switches: all.length, flows: FLOWS, rss: process.memoryUsage().rss };
  process.stdout.write(`${JSON.stringify(taken)}\n`);
}

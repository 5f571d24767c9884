// Open vSwitch is started anew and has lost its flows: how long a bridge with `fail_mode: secure` forwards nothing.
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startFlowloom } from './controllers.ts';
import { app, asFlows, type FlowReport, figures, grouped, timed, withSwitch } from './flow-install.ts';
import { listenWires, type Wire } from './wire.ts';

const PATIENCE_MS = 120_000;

/** From the bridge's own socket answering, which it does as soon as it is there, to the commit of our bundle. */
export function measureSwitchRestart(flows: number, rounds: number): Promise<FlowReport> {
  return withSwitch(async ({ server, socket, ofctl }) => {
    const times = { flowloom: [] as number[], 'ovs-ofctl --bundle': [] as number[] };
    const flowMods: number[] = [];
    const file = join(server.folder, 'flows.txt');
    const controller = await startFlowloom('flowloom', ['--app', app], { FLOWLOOM_BENCH_FLOWS: String(flows) });
    const wires = await listenWires(controller.port);
    const isThere = async () => {
      await server.stopSwitch();
      const started = server.startSwitch();
      const there = await listens(socket);
      return { there, started };
    };
    try {
      for (let round = 0; round < rounds; round++) {
        await server.vsctl('set-controller', 'br0', `tcp:127.0.0.1:${wires.port}`);
        await committed(wires.last);
        const before = wires.last();
        const { there, started } = await isThere();
        const wire = await committed(() => (wires.last() === before ? undefined : wires.last()));
        times.flowloom.push(wire.lastCommit - there);
        flowMods.push(wire.flowMods);
        await started;
        const dump = await ofctl('--no-stats', 'dump-flows');
        if (round === 0) await writeFile(file, asFlows(dump));
        if (dump.split('actions=').length <= flows) throw new Error('not all flows came back');

        await server.vsctl('del-controller', 'br0');
        const again = await isThere();
        times['ovs-ofctl --bundle'].push(
          performance.now() - again.there + (await timed(() => ofctl('--bundle', 'add-flows', file))),
        );
        await again.started;
      }
    } finally {
      wires.close();
      await controller.stop();
    }
    return {
      text: `Open vSwitch is started anew: from its bridge being there until ${grouped(flows)} flows are in it again`,
      note: 'ovs-ofctl sends the same flows from a file as soon as the bridge is there; the switch dials Flowloom at about that time',
      figures: figures(times),
      flowMods,
    };
  });
}

async function listens(socket: string): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const dialled = connect({ path: socket });
      dialled.once('connect', () => resolve(true)).once('error', () => resolve(false));
      dialled.once('connect', () => dialled.destroy());
    });
    if (isOpen) return performance.now();
    if (performance.now() > deadline) throw new Error('the bridge did not come up');
    await setTimeout(1);
  }
}

async function committed(find: () => Wire | undefined): Promise<Wire> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const wire = find();
    if (wire !== undefined && wire.lastCommit > 0) return wire;
    if (performance.now() > deadline) throw new Error('no bundle was committed');
    await setTimeout(1);
  }
}

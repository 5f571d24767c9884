// kill -9 at the steps of a reconfiguration: at the next start the switch ends in the desired state, and what the change
// did not concern lost no packet. Some steps here; all of them with `npm run fault`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAULT_POINTS, type FaultPoint } from '../../../src/fault-point.ts';
import { check, expect } from '../support/check.ts';
import { startControl } from '../support/control.ts';
import {
  type Flowloom,
  flowloomCommand,
  labFile,
  reload,
  startAgain,
  startFlowloom,
  status,
  stopFlowloom,
} from '../support/flowloom.ts';
import { dumpFlows, timeless } from '../support/flows.ts';
import { addGuest } from '../support/guest.ts';
import { type OpenVSwitch, ofctl, startHost, vsctl } from '../support/host.ts';
import type { Lab, LabDefinition } from '../support/lab.ts';
import { startPing, stopPing } from '../support/traffic.ts';
import { until } from '../support/wait.ts';

const SOME: readonly FaultPoint[] = [
  'hosts: transaction answered',
  'flows: half of a bundle sent',
  'flows: commit sent',
];

/** Of the leaving, which ends in nothing of ours; the others end in what the file says. */
const isOfRelease = (point: FaultPoint) => point.startsWith('release: ');

const REFUSED = `      - { intent: cannot be, priority: 9, match: { inPort: 1 }, actions: [{ output: 65281 }] }\n`;

/** FLOWLOOM_FAULT: `all`, or one by its name. */
function chosen(wanted: string | undefined): readonly FaultPoint[] {
  if (wanted === undefined) return SOME;
  return wanted === 'all' ? FAULT_POINTS : FAULT_POINTS.filter((point) => point === wanted);
}

/** The network as it is, and as it is to become. */
const before = (lab: Lab) =>
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the file's own placeholder.
  labFile(lab).replaceAll('${metered}', fileURLToPath(new URL('metered.ts', import.meta.url)));
const after = (lab: Lab) =>
  before(lab)
    .replace('limit: 100', 'limit: 200')
    .replace('tcpDst: 80 }', 'tcpDst: 8080 }')
    .replace('hv1/guest3: { access: dmz }', 'hv1/guest3: { access: dmz, mtu: 1400 }')
    .replace('hv1/guest4: { access: dmz }', 'hv1/guest4: { access: loc }');

/** Open vSwitch takes up a shorter pause between its attempts only when it changes while it is connected. */
const unhurried = (text: string) => text.replace(', maxBackoff: 1000', '');

/** Only a bundle with a flow that the switch refuses is discarded. */
const change = (lab: Lab, point: FaultPoint) =>
  point === 'flows: bundle discarded' ? `${after(lab)}${REFUSED}` : after(lab);

export const lab: LabDefinition = {
  title: 'kill -9 in the middle of a change: the next start mends it, and nobody else notices',
  alone: true,
  minutes: process.env.FLOWLOOM_FAULT === undefined ? 5 : 30,
  async run(lab) {
    const visited = chosen(process.env.FLOWLOOM_FAULT);
    const points = visited.filter((point) => !isOfRelease(point));
    await startControl(lab);
    const hv1 = await startHost(lab, 'hv1', 'unix');
    const guest1 = await addGuest(lab, hv1, 'guest1', { addresses: ['10.1.0.1/24'] });
    await addGuest(lab, hv1, 'guest2', { addresses: ['10.1.0.2/24'] });
    await addGuest(lab, hv1, 'guest3', { addresses: ['10.2.0.3/24'] });
    await addGuest(lab, hv1, 'guest4', { addresses: ['10.2.0.4/24'] });
    writeFileSync(join(lab.folder, 'flowloom.yaml'), before(lab));
    const flowloom = await startFlowloom(lab, ['hv1/br0'], unhurried(before(lab)));
    reload(flowloom, before(lab));
    await until('it is to come back sooner', async () =>
      /: 1000$/.test(await vsctl(hv1, '--columns=max_backoff', 'list', 'Controller')),
    );
    await addForeign(hv1);
    const old = await stateOf(hv1);
    const pings = await startPing(lab, guest1, '10.1.0.2', 0.02);

    reload(flowloom, after(lab));
    await check(lab, 'without a kill the change takes effect', async () => {
      await until('it is another state', async () => (await stateOf(hv1)) !== old);
    });
    await settled(flowloom);
    const fresh = await stateOf(hv1);
    reload(flowloom, before(lab));
    await until('it is as it was', async () => (await stateOf(hv1)) === old);
    await stopFlowloom(flowloom);

    for (const point of points) {
      await check(lab, `killed at "${point}": the next start brings it to what the file says`, async () => {
        await killAt(flowloom, point, before(lab), change(lab, point));
        writeFileSync(flowloom.file, after(lab));
        await startAgain(flowloom);
        await until('it is as the file says', async () => {
          const now = await stateOf(hv1);
          return now === fresh || expect(false, 'it is', () => `${now}\n-- instead of --\n${fresh}`);
        });
      });
      await check(lab, 'and back by another reload', async () => {
        reload(flowloom, before(lab));
        await until('it is as it was', async () => (await stateOf(hv1)) === old);
        await stopFlowloom(flowloom);
      });
    }
    await check(lab, 'no ping was lost all the time (50 a second)', () => stopPing(pings));
    await check(lab, 'a foreign flow is still there', async () => {
      const flows = await dumpFlows(hv1, 'br0', 'cookie=0x77/-1');
      expect(flows.length === 1, `${flows.length} of one`);
    });
    for (const point of visited.filter(isOfRelease)) {
      await check(lab, `killed at "${point}": a second release leaves nothing of ours, and all of others`, async () => {
        await killReleaseAt(flowloom, point);
        const said = await flowloomCommand(flowloom, 'release', flowloom.file, '--yes');
        expect(said.includes('released: nothing of ours is left there'), said);
        await onlyForeign(hv1);
      });
      await vsctl(hv1, 'del-br', 'br0');
      await startAgain(flowloom);
      await addForeign(hv1);
      await stopFlowloom(flowloom);
    }
    await startAgain(flowloom);
  },
};

/** It starts with what stands, reads the change, and dies at the point. */
async function killAt(flowloom: Flowloom, point: FaultPoint, standing: string, next: string): Promise<void> {
  writeFileSync(flowloom.file, standing);
  process.env.FLOWLOOM_FAULT_POINT = point;
  try {
    // Where every start comes by, it dies at once.
    await startAgain(flowloom).catch((error: Error) => {
      if (flowloom.daemon.ended() === undefined) throw error;
    });
  } finally {
    delete process.env.FLOWLOOM_FAULT_POINT;
  }
  if (flowloom.daemon.ended() === undefined) reload(flowloom, next);
  const end = await until(`it dies at ${point}`, () => flowloom.daemon.ended(), 30);
  expect(end.signal === 'SIGKILL', `it ended with ${end.code ?? end.signal}, not by kill -9 at the point`);
}

/** It is told to release all, and dies at the point. */
async function killReleaseAt(flowloom: Flowloom, point: FaultPoint): Promise<void> {
  process.env.FLOWLOOM_FAULT_POINT = point;
  try {
    await startAgain(flowloom);
  } finally {
    delete process.env.FLOWLOOM_FAULT_POINT;
  }
  const told = await flowloomCommand(flowloom, 'release', '--yes').catch((error: Error) => error);
  expect(told instanceof Error, 'the release came to its end');
  const end = await until(`it dies at ${point}`, () => flowloom.daemon.ended(), 30);
  expect(end.signal === 'SIGKILL', `it ended with ${end.code ?? end.signal}, not by kill -9 at the point`);
}

async function addForeign(host: OpenVSwitch): Promise<void> {
  await ofctl(host, 'add-meter', 'br0', 'meter=7,pktps,band=type=drop,rate=10');
  await ofctl(host, 'add-group', 'br0', 'group_id=7,type=all,bucket=actions=drop');
  await ofctl(host, 'add-flow', 'br0', 'cookie=0x77,table=3,priority=77,udp,in_port=1,actions=meter:7,group:7');
}

async function onlyForeign(host: OpenVSwitch): Promise<void> {
  const rows = await Promise.all(
    ['Bridge', 'Port', 'Interface', 'Controller', 'Open_vSwitch'].map((table) =>
      vsctl(host, '--columns=external_ids', 'list', table),
    ),
  );
  expect(!rows.join().includes('flowloom'), 'a row is still marked as ours', () => rows.join('\n'));
  const flows = (await dumpFlows(host, 'br0')).map(timeless);
  expect(flows.length === 1 && flows[0]!.includes('cookie=0x77'), 'there are other flows', () => flows.join('\n'));
  for (const [kind, one] of [
    ['groups', 'group_id='],
    ['meters', 'meter='],
  ] as const) {
    const text = await ofctl(host, `dump-${kind}`, 'br0');
    expect(text.split(one).length === 2 && text.includes(`${one}7`), `there are other ${kind}`, () => text);
  }
}

async function settled(flowloom: Flowloom): Promise<void> {
  await until('nothing waits', async () => (await status(flowloom)).switches.every(({ state }) => state === 'up'));
}

/** Flows that last, groups, meters, ports: all that Flowloom has put there. */
async function stateOf(host: OpenVSwitch): Promise<string> {
  const flows = (await dumpFlows(host, 'br0')).filter(
    ({ text }) => !/(idle|hard)_timeout=/.test(text) && !text.includes('cookie=0x77,'),
  );
  const lines = (text: string) => text.split('\n').filter((line) => !line.includes(' reply (OF1.4)'));
  const groups = lines(await ofctl(host, 'dump-groups', 'br0'));
  const meters = lines(await ofctl(host, 'dump-meters', 'br0'));
  const ports = await vsctl(host, '--columns=name,mtu_request', 'list', 'Interface');
  return [...flows.map(timeless), ...groups, ...meters, ports].toSorted().join('\n');
}

// What NAT and a firewall cost: TCP between two stations through Flowloom's pipeline, and through plain flows on the same Open vSwitch.

import { startControl } from '../lab/support/control.ts';
import { startDaemon, untilSaid } from '../lab/support/daemon.ts';
import { startFlowloom, stopFlowloom } from '../lab/support/flowloom.ts';
import { addGuest } from '../lab/support/guest.ts';
import { type OpenVSwitch, ofctl, startHost, vsctl } from '../lab/support/host.ts';
import { inside, type Lab, type Namespace, openLab } from '../lab/support/lab.ts';
import { cleanAfterKilledRuns, closeRecord, openRecord } from '../lab/support/record.ts';
import { CODEC } from './cases.ts';
import { type Figure, figure } from './measure.ts';

const SECONDS = 4;
const INSIDE = '10.1.0.2';
const OUTSIDE = '10.2.0.2';
const MIB = 2 ** 20;

export interface ThroughputReport {
  text: string;
  note: string;
  figures: Figure[];
}

/** A round is so many seconds of iperf3 for each, in turn. */
export async function measureThroughput(rules: number, rounds: number): Promise<ThroughputReport> {
  await cleanAfterKilledRuns();
  const record = openRecord();
  try {
    const lab = openLab(record, 'throughput', '', () => undefined);
    await startControl(lab);
    const host = await startHost(lab, 'hv1', 'dials-in');
    const ways = [await behindFlowloom(lab, host, rules), ...(await plain(lab, host))];
    const times = new Map(ways.map(({ name }) => [name, [] as number[]]));
    for (let round = 0; round < rounds; round++) {
      for (const { name, from, to } of ways) times.get(name)!.push(await nanosecondsPerMib(from, to));
    }
    await ways[0]!.stop();
    return {
      text: `a MiB by TCP (iperf3) from station to station; flowloom's way: ${rules} rules, masquerade, routed`,
      note: 'a second: MiB/s. Stations, iperf3 and Open vSwitch share the processors',
      figures: Array.from(times, ([name, all]) => figure(name, all)),
    };
  } finally {
    await closeRecord(record);
  }
}

interface Way {
  name: string;
  from: Namespace;
  to: string;
  stop(): Promise<void>;
}

async function behindFlowloom(lab: Lab, host: OpenVSwitch, rules: number): Promise<Way> {
  const from = await addGuest(lab, host, 'in1', { addresses: [`${INSIDE}/24`], via: '10.1.0.1' });
  const server = await addGuest(lab, host, 'out1', { addresses: [`${OUTSIDE}/24`] });
  const flowloom = await startFlowloom(lab, ['hv1/br0'], fileWith(rules));
  if (lab.failures.length > 0) throw new Error(lab.failures.join('\n'));
  await serve(lab, server);
  return { name: CODEC, from, to: OUTSIDE, stop: () => stopFlowloom(flowloom) };
}

/** The rule that lets the measured connection in is the last one. */
export function fileWith(rules: number): string {
  const others = Array.from(
    { length: rules - 1 },
    (_, i) => `    - drop tcp ${1024 + i} from inside to outside:10.2.0.9\n`,
  );
  return `flowloom: 1
hosts: { hv1: {} }
segments: { inside: { subnet: 10.1.0.0/24 }, outside: { subnet: 10.2.0.0/24 } }
bridges:
  br0: { hosts: [hv1], datapath: netdev, ports: { hv1/in1: { access: inside }, hv1/out1: { access: outside } } }
routers:
  edge:
    host: hv1
    interfaces:
      inside: { segment: inside, address: 10.1.0.1/24 }
      outside: { segment: outside, address: 10.2.0.1/24 }
nat: [masquerade 10.1.0.0/24 out edge/outside]
firewall:
  zones: { inside: [edge/inside], outside: [edge/outside] }
  policy: [all to all drop]
  rules:
${others.join('')}    - accept all from inside to outside
`;
}

/** On bridges of their own: one flow NORMAL, and the same behind one ct. */
async function plain(lab: Lab, host: OpenVSwitch): Promise<Way[]> {
  const flows: [name: string, flows: string[]][] = [
    [
      'NORMAL and ct',
      ['priority=1,actions=normal', 'priority=2,ip,actions=ct(commit,table=1)', 'table=1,actions=normal'],
    ],
    ['NORMAL', ['priority=1,actions=normal']],
  ];
  const ways: Way[] = [];
  for (const [i, [name, lines]] of flows.entries()) {
    const [a, b] = [`in${i + 2}`, `out${i + 2}`];
    const from = await addGuest(lab, host, a, { addresses: ['10.3.0.1/24'] });
    const server = await addGuest(lab, host, b, { addresses: ['10.3.0.2/24'] });
    const bridge = `plain${i}`;
    const ports = [a, b].flatMap((port) => ['--', 'add-port', bridge, port]);
    await vsctl(
      host,
      'add-br',
      bridge,
      '--',
      'set',
      'bridge',
      bridge,
      'datapath_type=netdev',
      'fail_mode=secure',
      ...ports,
    );
    for (const line of lines) await ofctl(host, 'add-flow', `unix:${host.folder}/${bridge}.mgmt`, line);
    await serve(lab, server);
    ways.push({ name, from, to: '10.3.0.2', stop: async () => undefined });
  }
  return ways;
}

async function serve(lab: Lab, on: Namespace): Promise<void> {
  const daemon = startDaemon(lab, `iperf3-${on.name}`, on, ['iperf3', '-s', '--forceflush']);
  await untilSaid(daemon, /Server listening/);
}

async function nanosecondsPerMib(from: Namespace, to: string): Promise<number> {
  const said = await inside(from, ['iperf3', '-c', to, '-t', String(SECONDS), '-O', '1', '-J']);
  const { end } = JSON.parse(said) as { end: { sum_received: { bytes: number; seconds: number } } };
  const { bytes, seconds } = end.sum_received;
  return (seconds * 1e9 * MIB) / bytes;
}

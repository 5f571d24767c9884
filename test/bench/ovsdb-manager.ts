// How long the manager takes to make many ports, and to change one among many, beside ovs-vsctl on the same server.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pino } from 'pino';
import type { Config } from '../../src/config/model.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { type HostManager, manageHosts } from '../../src/ovsdb/manager/manager.ts';
import { testBridge, testConfig, testHost, testPort, testSegment } from '../ovsdb/config.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { type Figure, figure } from './measure.ts';

const run = promisify(execFile);
const log = pino({ level: 'silent' });
const room = { maxBuffer: 64 * 1024 * 1024 };
/** Separate calls of ovs-vsctl, at most; each later one is slower, so the figure of more is too good for it. */
const MOST_CALLS = 1000;

/** A bridge that forwards by itself, with access ports in one of two VLANs; `other` is in the second. */
function configOf(server: OvsdbServer, ports: number, other = -1): Config {
  const segments = [testSegment('loc', { vlan: 100 }), testSegment('dmz', { vlan: 200 })];
  const made = Array.from({ length: ports }, (_, i) => ({
    ...testPort(`p${i}`, { type: 'internal', vlans: { mode: 'access', segment: i === other ? 'dmz' : 'loc' } }),
    source: `flowloom.yaml:${i + 10}`,
  }));
  const bridges = [testBridge('br0', made, { forwarding: 'normal' })];
  return testConfig({ hosts: [testHost('hv1', { ovsdb: server.target })], segments, bridges });
}

interface Watched {
  manager: HostManager;
  /** Resolves when the host is settled with so many ports. */
  settled(ports: number): Promise<void>;
  stop(): Promise<void>;
}

async function manage(config: Config): Promise<Watched> {
  let check = () => {};
  const manager = await manageHosts({ config, openflowPort: 6653, listen: undefined, log, onChange: () => check() });
  return {
    manager,
    settled: (ports) =>
      new Promise((resolve) => {
        check = () => {
          const [status] = manager.status();
          const faces = manager.hosts()[0]?.interfaces ?? [];
          const here = faces.filter(({ ofport }) => ofport !== undefined && ofport > 0).length;
          if (status?.warnings.length === 0 && here >= ports) resolve();
        };
        check();
      }),
    stop: () => manager.stop(),
  };
}

export async function measurePorts(ports: number, rounds: number): Promise<{ figures: Figure[]; calls: number }> {
  const server = await startOvsdbServer();
  const calls = Math.min(ports, MOST_CALLS);
  const times = { flowloom: [] as number[], one: [] as number[], each: [] as number[] };
  try {
    await server.startSwitch();
    const vsctl = (...words: string[]) => run('ovs-vsctl', [`--db=${server.target}`, ...words], room);
    const timed = async (list: number[], work: () => Promise<unknown>) => {
      const start = process.hrtime.bigint();
      await work();
      list.push(Number(process.hrtime.bigint() - start));
      await vsctl('--if-exists', 'del-br', 'br0');
    };
    const add = (i: number) => [
      'add-port',
      'br0',
      `p${i}`,
      'tag=100',
      '--',
      'set',
      'interface',
      `p${i}`,
      'type=internal',
    ];
    const bridge = ['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev'];
    for (let round = -1; round < rounds; round++) {
      await timed(round < 0 ? [] : times.flowloom, async () => {
        const watched = await manage(configOf(server, ports));
        await watched.settled(ports);
        await watched.stop();
      });
      await timed(round < 0 ? [] : times.one, () =>
        vsctl(...bridge, ...Array.from({ length: ports }, (_, i) => ['--', ...add(i)]).flat()),
      );
    }
    await timed(times.each, async () => {
      await vsctl(...bridge);
      for (let i = 0; i < calls; i++) await vsctl(...add(i));
    });
  } finally {
    await server.stop();
  }
  const each = times.each.map((time) => (time * ports) / calls);
  const figures = [
    figure('flowloom', times.flowloom),
    figure('one ovs-vsctl', times.one),
    figure('ovs-vsctl each', each),
  ];
  return { figures, calls };
}

/** From the new file, or from somebody's change, until the database has the port as the file says. */
export async function measureChange(ports: number, rounds: number): Promise<{ figures: Figure[]; text: string }> {
  const server = await startOvsdbServer();
  const times = { sent: [] as number[], flowloom: [] as number[], repaired: [] as number[], vsctl: [] as number[] };
  const client = await connectOvsdb(server.target);
  /** Asks the server to answer when a port is so: nothing that happens in between is missed. */
  const portIs = (name: string, row: { tag: number; protected: boolean }) =>
    client.transact('Open_vSwitch', [
      {
        op: 'wait',
        table: 'Port',
        where: [['name', '==', name]],
        columns: Object.keys(row),
        until: '==',
        rows: [row],
        timeout: 30_000,
      },
    ]);
  const timed = async (list: number[], work: () => Promise<unknown>) => {
    const start = process.hrtime.bigint();
    await work();
    list.push(Number(process.hrtime.bigint() - start));
  };
  const watched = await manage(configOf(server, ports));
  try {
    await portIs(`p${ports - 1}`, { tag: 100, protected: false });
    for (let round = 0; round < rounds; round++) {
      const number = (round * 7919) % ports;
      const name = `p${number}`;
      const [next, back] = [configOf(server, ports, number), configOf(server, ports)];
      await timed(times.flowloom, () => {
        const start = process.hrtime.bigint();
        // When it returns, the transaction has been written to the socket.
        watched.manager.setConfig(next);
        times.sent.push(Number(process.hrtime.bigint() - start));
        return portIs(name, { tag: 200, protected: false });
      });
      watched.manager.setConfig(back);
      await portIs(name, { tag: 100, protected: false });
      await quiet(watched.manager);
      await timed(times.repaired, async () => {
        await client.transact('Open_vSwitch', [
          { op: 'update', table: 'Port', where: [['name', '==', name]], row: { protected: true } },
        ]);
        await portIs(name, { tag: 100, protected: false });
      });
      await quiet(watched.manager);
    }
    await watched.stop();
    for (let round = 0; round < Math.min(rounds, 8); round++) {
      const words = ['--no-wait', 'set', 'port', `p${round % ports}`, 'tag=200'];
      await timed(times.vsctl, () => run('ovs-vsctl', [`--db=${server.target}`, ...words], room));
    }
  } finally {
    await watched.stop();
    client.close();
    await server.stop();
  }
  const text = `one of ${ports.toLocaleString('en-US')} ports gets another VLAN by the file, or by somebody and is put right`;
  return {
    text,
    figures: [
      figure('flowloom', times.flowloom),
      figure('found and sent', times.sent),
      figure('repaired', times.repaired),
      figure('ovs-vsctl', times.vsctl),
    ],
  };
}

/** Nothing is under way any more: the last transaction's own update was seen. */
async function quiet(manager: HostManager): Promise<void> {
  let before: unknown;
  for (;;) {
    const changes = manager.status()[0]?.changes.at(-1);
    if (changes === before) return;
    before = changes;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// `npm run bench [-- NAME…] [--json] [--rounds N] [--milliseconds N] …`: what we do, as it is published, beside its peers in the same run.
import { parseArgs } from 'node:util';
import { build } from './built.ts';
import { type Case, CODEC, cases } from './cases.ts';
import { measureChange as measureRule } from './flow-change.ts';
import { measureInstall, measureRestart } from './flow-install.ts';
import { measureIsolation } from './isolation.ts';
import { measureSwitches } from './many-switches.ts';
import { type Figure, measure } from './measure.ts';
import { measureChange, measurePorts } from './ovsdb-manager.ts';
import { measureSync } from './ovsdb-sync.ts';
import { measureLatency, measurePacketIns } from './packet-in.ts';
import { measureFiveTables, measureNat } from './sim/packets.ts';
import { measureSwitchRestart } from './switch-restart.ts';
import { measureThroughput } from './throughput.ts';

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '31' },
    milliseconds: { type: 'string', default: '20' },
    /** Of ovsdb-sync's and ovsdb-change's database. */
    ports: { type: 'string', default: '10000' },
    /** Ports that ovsdb-ports makes. */
    count: { type: 'string', default: '1000' },
    /** Of flow-install, flow-restart and switch-restart; rules of flow-change; switches of switches-1000 and sim. */
    flows: { type: 'string', default: '100000' },
    rules: { type: 'string', default: '10000' },
    switches: { type: 'string', default: '1000' },
  },
});

function columns(...cells: string[]): string {
  return `  ${cells[0]!.padEnd(18)}${cells
    .slice(1)
    .map((cell) => `  ${cell.padStart(16)}`)
    .join('')}\n`;
}

const mebibytes = (bytes: number) => (bytes / 1048576).toFixed(1);
const grouped = (value: number) => Math.round(value).toLocaleString('en-US');

function table({ name, text }: Omit<Case, 'peers'>, figures: readonly Figure[], unit: 'ns' | 'ms' = 'ns'): string {
  const size = unit === 'ms' ? 1e6 : 1;
  const own = figures.find((figure) => figure.name === CODEC)!;
  const lines = [`${name}: ${text}\n`, columns('', `median ${unit}`, 'middle half', 'a second', `times ${CODEC}'s`)];
  for (const { name: peer, median, lower, upper } of figures) {
    const spread = `${grouped(lower / size)}–${grouped(upper / size)}`;
    const often = unit === 'ms' ? (1e9 / median).toFixed(1) : grouped(1e9 / median);
    lines.push(columns(peer, grouped(median / size), spread, often, `${(median / own.median).toFixed(2)}×`));
  }
  return `${lines.join('')}\n`;
}

const all = cases();
const SYNC = 'ovsdb-sync';
const PORTS = 'ovsdb-ports';
const CHANGE = 'ovsdb-change';
const PACKET_IN = 'packet-in';
const LATENCY = 'packet-in-latency';
const ISOLATION = 'isolation';
const INSTALL = 'flow-install';
const RESTART = 'flow-restart';
const SWITCH_RESTART = 'switch-restart';
const ONE_RULE = 'flow-change';
const SWITCHES = 'switches-1000';
const OPENFLOW = [PACKET_IN, LATENCY, ISOLATION, INSTALL, RESTART, SWITCH_RESTART, ONE_RULE, SWITCHES];
const SIM_TABLES = 'sim-tables';
const SIM_NAT = 'sim-nat';
const THROUGHPUT = 'throughput';
/** Rules of its firewall. */
const FIREWALL_RULES = 5000;
/** Both of the simulated switch. */
const SIM = 'sim';
const known = [...all.map(({ name }) => name), SYNC, PORTS, CHANGE, ...OPENFLOW, SIM, SIM_TABLES, SIM_NAT, THROUGHPUT];
const strange = names.filter((name) => !known.includes(name));
if (strange.length > 0) {
  process.stderr.write(`no benchmark ${strange.join(', ')}; there are ${known.join(', ')}\n`);
  process.exit(2);
}
if (names.includes(SIM)) names.push(SIM_TABLES, SIM_NAT);
const effort = { rounds: Number(options.rounds), milliseconds: Number(options.milliseconds) };
const ports = Number(options.ports);
const count = Number(options.count);
const flows = Number(options.flows);
const rules = Number(options.rules);
const switches = Number(options.switches);
if (![...Object.values(effort), ports, count, flows, rules, switches].every((value) => value >= 1)) {
  process.stderr.write(
    '--rounds, --milliseconds, --ports, --count, --flows, --rules and --switches take a number from 1 on\n',
  );
  process.exit(2);
}

const results: unknown[] = [];
for (const each of all) {
  if (names.length > 0 && !names.includes(each.name)) continue;
  const figures = measure(each.peers, effort);
  if (!options.json) process.stdout.write(table(each, figures));
  results.push({
    name: each.name,
    text: each.text,
    peers: figures.map((figure) => ({ ...figure, opsPerSecond: 1e9 / figure.median })),
  });
}
// A real server fills its part of each round, so a few are enough.
const few = Math.ceil(effort.rounds / 6);
const loadEffort = { rounds: few, measureMs: 50 * effort.milliseconds };
const simEffort = { rounds: few, milliseconds: 25 * effort.milliseconds };
interface Report {
  text: string;
  note: string;
  figures: Figure[];
  unit?: 'ns' | 'ms';
}
const withServer: Record<string, () => Promise<Report & object>> = {
  [SYNC]: async () => {
    const { figures, rows, heap, rss } = await measureSync(ports, few);
    const text = `the first copy of a database with ${grouped(ports)} ports (${grouped(rows)} rows)`;
    const note = `the copy takes ${mebibytes(heap)} MiB of heap, the whole process ${mebibytes(rss)} MiB`;
    return { text, note, figures, rows, heap, rss };
  },
  [PORTS]: async () => {
    const { figures, calls } = await measurePorts(count, few);
    const text = `${grouped(count)} access ports with VLANs on a new bridge, until ovs-vswitchd has them`;
    const note =
      calls === count ? '' : `ovs-vsctl was called ${calls} times; its figure is that, times ${count / calls}`;
    return { text, note, figures };
  },
  [CHANGE]: async () => {
    const { figures, text } = await measureChange(ports, few * 4);
    return { text, note: '', figures };
  },
  [PACKET_IN]: async () => ({ ...(await measurePacketIns(16, loadEffort)), unit: 'ns' }),
  [LATENCY]: async () => ({ ...(await measureLatency(loadEffort)), unit: 'ns' }),
  [ISOLATION]: async () => ({ ...(await measureIsolation(loadEffort)), unit: 'ns' }),
  [INSTALL]: () => measureInstall(flows, few),
  [RESTART]: () => measureRestart(flows, few),
  [SWITCH_RESTART]: () => measureSwitchRestart(flows, few),
  [ONE_RULE]: () => measureRule(rules, few),
  [SWITCHES]: () => measureSwitches(switches, Math.ceil(few / 2)),
  [SIM_TABLES]: async () => ({ ...(await measureFiveTables(simEffort, switches)), unit: 'ns' }),
  [SIM_NAT]: async () => ({ ...(await measureNat(simEffort)), unit: 'ns' }),
  [THROUGHPUT]: async () => ({ ...(await measureThroughput(FIREWALL_RULES, few)), unit: 'ns' }),
};
for (const [name, run] of Object.entries(withServer)) {
  if (names.length > 0 && !names.includes(name)) continue;
  if (OPENFLOW.includes(name)) process.env.FLOWLOOM_BENCH_PROGRAM ||= await build();
  const { text, note, figures, unit = 'ms', ...more } = await run();
  if (!options.json) {
    process.stdout.write(table({ name, text }, figures, unit));
    if (note !== '') process.stdout.write(`  ${note}\n\n`);
  }
  results.push({ name, text, peers: figures, ...more });
}
if (options.json) {
  const { version, arch, platform } = process;
  process.stdout.write(`${JSON.stringify({ node: version, arch, platform, ...effort, results }, undefined, 2)}\n`);
}

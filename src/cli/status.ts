/** `flowloom status`: what is connected, what waits, what was refused. */

import type { Command } from 'commander';
import type {
  AppStatus,
  CableEnd,
  HostStatus,
  InterfaceStatus,
  Snapshot,
  StationStatus,
  SwitchStatus,
} from '../api/snapshot.ts';
import { counted } from '../text/counted.ts';
import { type AskFlags, type AskOptions, addAskOptions, ask, askOptions } from './ask.ts';
import { type NetworkStatus, networkSections } from './status-network.ts';
import { formatTable } from './table.ts';
import { describeUnconfirmed } from './unconfirmed.ts';

/** So many stations are printed. */
const STATIONS = 50;
/** So many interfaces are. */
const INTERFACES = 50;

async function runStatus(options: AskOptions): Promise<number> {
  const status = await ask<Snapshot>(options, 'status');
  if (status === undefined) return 1;
  const network: Record<string, unknown> = {};
  for (const what of ['interfaces', 'routes', 'neighbours', 'leases', 'rules'] as const) {
    network[what] = await ask(options, what);
    if (network[what] === undefined) return 1;
  }
  const all = { ...status, ...(network as unknown as NetworkStatus) };
  process.stdout.write(options.json ? `${JSON.stringify(all, undefined, 2)}\n` : describeStatus(all));
  return 0;
}

function describeStatus(status: Snapshot & NetworkStatus): string {
  const { file, sent } = status;
  const sections = [
    `Flowloom ${status.version}, ${file === null ? 'without a file' : file.path}\n`,
    file?.error == null ? '' : `The file as it is now can't be used, an earlier one is in force:\n${file.error}\n`,
    file?.unconfirmed == null ? '' : `${describeUnconfirmed(file.path, file.unconfirmed)}\n`,
    section(
      'HOST',
      status.hosts.map((host) => [host.name, host.ovsdb, host.state, versions(host), host.error ?? '']),
    ),
    lines(
      status.hosts.flatMap(({ name, waiting, warnings, drift }) => [
        ...waiting.map((line) => `${name} waiting: ${line}`),
        ...warnings.map((line) => `${name} ${line}`),
        ...drift.left.map((line) => `${name} changed by somebody, and left so: ${line}`),
        ...repaired(name, drift),
      ]),
    ),
    ...interfaces(status.hosts),
    section(
      'SWITCH',
      status.switches.map((one) => [
        one.name,
        one.dpid,
        one.state,
        `${counted(one.flows, 'flow')}, ${one.foreignFlows} foreign, ${counted(one.ports.length, 'port')}`,
      ]),
    ),
    lines(
      status.switches.flatMap(({ name, refused, drift }) => [
        ...refused.map((line) => `refused by ${name}: ${line}`),
        ...repairedFlows(name, drift),
      ]),
    ),
    section(
      'SEGMENT',
      status.segments.map(({ name, vlan, vni, mtu, mtuReason }) => [
        name,
        vlan === null ? '' : `VLAN ${vlan}`,
        vni === null ? '' : `VNI ${vni}`,
        mtu === null ? '' : `MTU ${mtu}${mtuReason === null ? '' : `: ${mtuReason}`}`,
      ]),
    ),
    ...topology(status),
    section('STATION', status.stations.slice(0, STATIONS).map(describeStation)),
    lines([
      ...(status.stations.length > STATIONS
        ? [`and ${status.stations.length - STATIONS} more: flowloom status --json`]
        : []),
      ...status.macTables.flatMap(({ switch: name, command }) =>
        command === null ? [] : [`those of ${name} are kept by Open vSwitch itself: ${command}`],
      ),
    ]),
    ...networkSections(status).flatMap(({ title, rows, lines: behind }) => [section(title, rows), lines(behind)]),
    section(
      'APP',
      status.apps.map((app) => [
        app.name,
        app.state,
        `${counted(app.flows, 'flow')}, ${counted(app.packets, 'packet')}`,
        app.error ?? '',
      ]),
    ),
    lines(status.apps.flatMap(newerCode)),
    `Sent since the start: ${[
      counted(sent.flowMods, 'flow-mod'),
      counted(sent.groupMods, 'group-mod'),
      counted(sent.meterMods, 'meter-mod'),
      counted(sent.bundles, 'bundle'),
    ].join(', ')}\n`,
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function newerCode({ name, code: { loadedAt, refused } }: AppStatus): string[] {
  if (refused === null) return [];
  const since = loadedAt === null ? '' : ` of ${new Date(loadedAt).toLocaleTimeString('sv')}`;
  return [`${name}: newer code does not run, that${since} goes on: ${refused}`];
}

function repaired(name: string, { seen, recent, left }: HostStatus['drift']): string[] {
  const count = seen - left.length;
  if (count <= 0) return [];
  const last = recent.findLast((line) => !left.includes(line));
  const what = counted(count, 'change');
  return [`${name}: ${what} by somebody else put right${last === undefined ? '' : `, the last: ${last}`}`];
}

function repairedFlows(name: string, { seen, last }: SwitchStatus['drift']): string[] {
  if (seen === 0) return [];
  const what = counted(seen, 'change');
  return [`${name}: ${what} by somebody else put right${last === null ? '' : `, the last: ${last}`}`];
}

function versions({ ovsVersion, dpdk }: HostStatus): string {
  return ovsVersion === null
    ? ''
    : `Open vSwitch ${ovsVersion}${dpdk === null ? '' : `, ${dpdk.startsWith('DPDK') ? dpdk : `DPDK ${dpdk}`}`}`;
}

/** Flowloom's own, those that need somebody to look first. */
function interfaces(hosts: HostStatus[]): string[] {
  const own = hosts.flatMap((host) => host.interfaces.filter(({ owned }) => owned).map((face) => ({ host, face })));
  // A bridge's own interface is down unless the host has use for it.
  const isFine = ({ name, bridge, error, link, bfd }: InterfaceStatus) =>
    Number(error === null && (link !== 'down' || name === bridge) && (bfd === null || bfd === 'up'));
  const nameOf = ({ host, face }: (typeof own)[number]) => `${host.name}/${face.bridge}/${face.name}`;
  const shown = own
    .toSorted((a, b) => isFine(a.face) - isFine(b.face) || nameOf(a).localeCompare(nameOf(b)))
    .slice(0, INTERFACES);
  return [
    section(
      'INTERFACE',
      shown.map(({ host, face }) => [
        nameOf({ host, face }),
        face.type,
        face.datapath,
        face.ofport === null ? '' : `port ${face.ofport}`,
        face.link === null ? '' : `link ${face.link}`,
        face.mtu === null ? '' : `MTU ${face.mtu}`,
        face.bfd === null ? '' : `BFD ${face.bfd}`,
        face.error ?? '',
      ]),
    ),
    lines(own.length > INTERFACES ? [`and ${own.length - INTERFACES} more: flowloom status --json`] : []),
  ];
}

function topology({ topology: { settled, cables, closedPorts } }: Snapshot): string[] {
  const end = ({ switch: name, name: port }: CableEnd) => `${name} ${port}`;
  const ends = new Set(cables.flatMap(({ a, b, state }) => (state === 'blocked' ? [end(a), end(b)] : [])));
  const others = closedPorts.filter((port) => port.segments !== null || !ends.has(end(port)));
  return [
    section(
      'CABLE',
      cables.map(({ a, b, state, loop }) => [
        end(a),
        end(b),
        state === 'blocked' ? `blocked, it would close the loop ${[...loop, ...loop.slice(0, 1)].join(' – ')}` : state,
      ]),
    ),
    lines([
      ...others.map(
        (port) =>
          `closed${port.segments === null ? '' : ` for ${port.segments.join(', ')}`}: ${end(port)}: ${port.why}`,
      ),
      ...(settled ? [] : ['not all switches have been heard since the start: no closed port is opened until then']),
    ]),
  ];
}

function describeStation(station: StationStatus): string[] {
  const { mac, addresses, segment, switch: name, port, peer, peerHost, known, age, expires } = station;
  const behind = peer === null ? '' : ` to ${peerHost ?? peer}`;
  const heard = age === null ? (known === null ? '' : 'not heard since Flowloom started') : `heard ${age} s ago`;
  const [first = '', ...more] = addresses;
  return [
    mac,
    more.length === 0 ? first : `${first} and ${more.length} more`,
    segment ?? '',
    name,
    `port ${port}${behind}`,
    expires === null ? heard : `${heard}, forgotten in ${expires} s`,
  ];
}

function section(title: string, rows: string[][]): string {
  return rows.length === 0 ? '' : formatTable([[title], ...rows]);
}

function lines(texts: string[]): string {
  return texts.map((text) => `  ${text}\n`).join('');
}

export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .description('hosts, switches, segments, routers, leases, rules and apps of the Flowloom that runs');
  addAskOptions(command).action(async (flags: AskFlags) => {
    process.exitCode = await runStatus(askOptions(flags));
  });
}

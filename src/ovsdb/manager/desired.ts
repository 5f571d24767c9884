/** What one host's Open vSwitch should hold, from the user's file: bridges, ports, tunnels, controllers. Pure. */
import type { Bridge, Config, Remote, Source } from '../../config/model.ts';
import type { DesiredMemory } from './desired-memory.ts';
import { desiredLocalPort, desiredPort } from './desired-port.ts';
import { type DesiredRow, desiredRow, rowFromFile, splitColumns } from './desired-row.ts';
import { desiredTunnels } from './desired-tunnels.ts';
import { ownerIds } from './ownership.ts';
import type { Release } from './plan-release.ts';

export interface HostDesired {
  /** In whose name. */
  owner: string;
  bridges: DesiredBridge[];
  managers: DesiredRow[];
  ssl: DesiredRow | undefined;
  /** Keys of Open_vSwitch.other_config; `atLeast`: a larger number that stands there does as well. */
  otherConfig: { key: string; value: string; atLeast: boolean; source: Source; reason: string }[];
  /** Nothing is wanted any more: all that is ours goes. */
  release?: Release;
}

export interface DesiredBridge {
  name: string;
  source: Source;
  /** A bridge that somebody else made is taken over. */
  adopt: boolean;
  row: DesiredRow;
  /** Rows of Port; that of the bridge's own name is always among them. */
  ports: DesiredRow[];
}

export interface DesiredOptions {
  /** Where the host's bridges find Flowloom's OpenFlow; undefined: nowhere. */
  controllerTarget: string | undefined;
  /** The largest packet that a segment carries; undefined: not known for certain (yet), null: no tunnel limits it. */
  segmentMtu?: (segment: string) => number | null | undefined;
  /** Of what was made before for this host. */
  memory?: DesiredMemory;
}

export function desiredHost(config: Config, host: string, options: DesiredOptions): HostDesired {
  const own = config.hosts.find(({ name }) => name === host);
  const otherConfig: HostDesired['otherConfig'] = Object.entries(own?.otherConfig ?? {}).map(([key, value]) => ({
    key,
    value,
    atLeast: false,
    source: own?.source ?? config.file,
    reason: '',
  }));
  const bridges = config.bridges.filter(({ hosts }) => hosts.includes(host));
  const qinq = bridges
    .flatMap((bridge) => bridge.ports)
    .find((port) => port.host === host && port.vlans?.mode === 'dot1q-tunnel');
  if (qinq !== undefined && own?.otherConfig['vlan-limit'] === undefined) {
    const reason = 'dot1q-tunnel';
    otherConfig.push({ key: 'vlan-limit', value: '2', atLeast: true, source: qinq.source, reason });
  }
  return {
    owner: config.owner,
    bridges: bridges.map((bridge): DesiredBridge => {
      const listed = bridge.ports.filter((port) => port.host === host && port.select === undefined);
      const rows = options.memory?.rowsOf(config, bridge);
      const ports = listed.map((port) => desiredPort(config, bridge, port, options, rows));
      if (!listed.some((port) => port.name === bridge.name)) ports.unshift(desiredLocalPort(config, bridge));
      ports.push(...desiredTunnels(config, host, bridge));
      const { name, source, adopt } = bridge;
      return { name, source, adopt, row: bridgeRow(config, host, bridge, options), ports };
    }),
    managers: (own?.managers ?? []).map((remote) => remoteRow(config, host, 'Manager', remote, remote.target)),
    ssl: own?.ssl && rowFromFile(config.owner, host, own.ssl),
    otherConfig,
  };
}

function bridgeRow(config: Config, host: string, bridge: Bridge, { controllerTarget }: DesiredOptions): DesiredRow {
  const flows = bridge.forwarding === 'flows';
  const { name, source, macAging } = bridge;
  const { columns, children } = splitColumns(config.owner, name, bridge.columns);
  const controllers = bridge.controllers.flatMap((remote) => {
    const target = remote.target === 'flowloom' ? controllerTarget : remote.target;
    return target === undefined ? [] : [remoteRow(config, name, 'Controller', remote, target)];
  });
  const mirrors = bridge.mirrors
    .filter((mirror) => mirror.host === host)
    .map((mirror) => mirrorRow(config, name, mirror));
  const own = bridge.ports.find((port) => port.host === host && port.name === name && port.select === undefined);
  const otherConfig = new Map([
    ...(own?.macs[0] === undefined ? [] : [['hwaddr', own.macs[0]] as const]),
    ...(flows ? [['disable-in-band', 'true'] as const] : []),
    ...(macAging === undefined ? [] : [['mac-aging-time', String(macAging)] as const]),
    ...Object.entries(bridge.otherConfig),
  ]);
  const settings = [bridge.datapath, bridge.failMode, ...controllers.map(({ key }) => key)];
  return desiredRow({
    table: 'Bridge',
    key: name,
    label: name,
    source,
    announce: `${name}: create bridge (${settings.join(', ')})`,
    own: true,
    columns: {
      ...columns,
      name,
      datapath_type: bridge.datapath,
      fail_mode: bridge.failMode,
      ...(bridge.protocols === undefined ? {} : { protocols: bridge.protocols }),
      other_config: otherConfig,
      external_ids: ownerIds(config.owner, columns.external_ids),
    },
    children: { ...children, controller: controllers, mirrors },
    ...(flows && bridge.protocols === undefined ? { atLeast: { protocols: ['OpenFlow14'] } } : {}),
    leave: !flows && bridge.protocols === undefined ? ['protocols'] : [],
  });
}

function remoteRow(
  config: Config,
  label: string,
  table: 'Controller' | 'Manager',
  remote: Remote,
  target: string,
): DesiredRow {
  return desiredRow({
    table,
    key: target,
    label,
    source: remote.source,
    announce: `${label}: add ${table.toLowerCase()} ${target}`,
    columns: {
      ...(table === 'Controller' ? { connection_mode: 'out-of-band' } : {}),
      ...(remote.columns as DesiredRow['columns']),
      target,
      external_ids: ownerIds(config.owner),
    },
  });
}

function mirrorRow(config: Config, bridge: string, mirror: Bridge['mirrors'][number]): DesiredRow {
  const { name, source, all, from, to, vlans, output } = mirror;
  return desiredRow({
    table: 'Mirror',
    key: name,
    label: bridge,
    source,
    announce: `${bridge}: add mirror ${name}`,
    columns: {
      name,
      ...(all ? { select_all: true } : {}),
      ...(vlans.length === 0 ? {} : { select_vlan: vlans }),
      ...('vlan' in output ? { output_vlan: output.vlan } : {}),
      external_ids: ownerIds(config.owner),
    },
    portNames: {
      ...(from.length === 0 ? {} : { select_src_port: from }),
      ...(to.length === 0 ? {} : { select_dst_port: to }),
      ...('port' in output ? { output_port: [output.port] } : {}),
    },
  });
}

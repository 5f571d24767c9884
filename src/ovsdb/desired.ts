/** What one host's Open vSwitch should hold, from the user's file: bridges, ports, tunnels, controllers. Pure. */
import type { RowInput, VswitchTables } from '../../proto/ovsdb/index.ts';
import type { Bridge, Config, Overlay, Port, Segment, Source } from '../config/model.ts';
import { tunnelPorts } from '../config/tunnel.ts';

export interface HostDesired {
  bridges: DesiredBridge[];
  /** Open_vSwitch other_config:vlan-limit that QinQ needs; undefined: nothing needs more than the default. */
  vlanLimit: { value: number; source: Source } | undefined;
  /** What the file asks for and Open vSwitch cannot do. */
  refused: string[];
}

export interface DesiredBridge {
  name: string;
  source: Source;
  datapathType: 'system' | 'netdev';
  failMode: 'secure' | 'standalone';
  /** A version that must be enabled; undefined: whatever is. */
  protocol: 'OpenFlow14' | undefined;
  otherConfig: ReadonlyMap<string, string>;
  controller: { target: string; connectionMode: 'out-of-band' } | undefined;
  ports: DesiredPort[];
}

export interface DesiredPort {
  name: string;
  source: Source;
  /** Interface.type. */
  type: '' | 'internal' | Overlay['type'];
  options: ReadonlyMap<string, string>;
  /** Interface.mac; undefined: Open vSwitch's own choice. */
  mac: string | undefined;
  /** What NORMAL heeds; a bridge with flows has its VLANs in the flows and nothing here. */
  vlan: DesiredVlan;
}

export interface DesiredVlan {
  mode: RowInput<VswitchTables['Port']>['vlan_mode'];
  tag: number | undefined;
  trunks: readonly number[];
}

const noVlan: DesiredVlan = { mode: undefined, tag: undefined, trunks: [] };

/** `controllerTarget`: where the host's bridges find Flowloom's OpenFlow; undefined: nowhere. */
export function desiredHost(config: Config, host: string, controllerTarget: string | undefined): HostDesired {
  const refused: string[] = [];
  const segments = new Map(config.segments.map((segment) => [segment.name, segment]));
  let vlanLimit: HostDesired['vlanLimit'];

  const bridges = config.bridges
    .filter((bridge) => bridge.hosts.includes(host))
    .map((bridge): DesiredBridge => {
      const flows = bridge.forwarding === 'flows';
      const here = bridge.ports.filter((port) => port.host === host);
      const own = here.filter((port) => port.select === undefined);
      for (const { vlans, source } of here) {
        if (vlans?.mode === 'dot1q-tunnel') vlanLimit ??= { value: 2, source };
      }
      const ports = own.map((port) =>
        desiredPort(port, port.name === bridge.name, flows ? noVlan : vlanOf(port, segments)),
      );
      if (!ports.some((port) => port.name === bridge.name)) ports.unshift(localPort(bridge));
      ports.push(...desiredTunnels(config, host, bridge));
      return {
        name: bridge.name,
        source: bridge.source,
        datapathType: bridge.datapath,
        failMode: flows ? 'secure' : 'standalone',
        protocol: flows ? 'OpenFlow14' : undefined,
        otherConfig: new Map(
          Object.entries({ ...(flows ? { 'disable-in-band': 'true' } : {}), ...bridge.otherConfig }),
        ),
        controller:
          flows && controllerTarget !== undefined
            ? { target: controllerTarget, connectionMode: 'out-of-band' }
            : undefined,
        ports,
      };
    });
  return { bridges, vlanLimit, refused };
}

/** Every bridge has a port of its own name, the host's way into it. */
function localPort(bridge: Bridge): DesiredPort {
  return {
    name: bridge.name,
    source: bridge.source,
    type: 'internal',
    options: new Map(),
    mac: undefined,
    vlan: noVlan,
  };
}

function desiredPort(port: Port, local: boolean, vlan: DesiredVlan): DesiredPort {
  const internal = local || port.type === 'internal';
  return {
    name: port.name,
    source: port.source,
    type: internal ? 'internal' : '',
    options: new Map(),
    // A bridge's own port has its MAC from other_config:hwaddr; Open vSwitch ignores Interface.mac there.
    mac: internal && !local ? port.mac : undefined,
    vlan,
  };
}

function desiredTunnels(config: Config, host: string, bridge: Bridge): DesiredPort[] {
  const underlay = config.hosts.find(({ name }) => name === host)?.underlay ?? '';
  return tunnelPorts(config, host, bridge).map(({ name, overlay, peer, segments }) => {
    const { type, dstPort, ttl } = overlay;
    const further = Object.entries(overlay.options).map(([key, value]): [string, string] => [
      key,
      value.replaceAll('{peer}', peer?.host ?? ''),
    ]);
    const options = new Map([
      ...further,
      ['remote_ip', peer?.address ?? 'flow'],
      ['local_ip', underlay],
      ['key', 'flow'],
      ...(dstPort === undefined ? [] : [['dst_port', String(dstPort)] as const]),
      ['ttl', String(ttl)],
    ]);
    return { name, source: segments[0]?.source ?? bridge.source, type, options, mac: undefined, vlan: noVlan };
  });
}

function vlanOf(port: Port, segments: ReadonlyMap<string, Segment>): DesiredVlan {
  const { vlans } = port;
  if (vlans === undefined) return noVlan;
  const numberOf = (name: string | undefined) => (name === undefined ? undefined : segments.get(name)?.vlan);
  if (vlans.mode !== 'trunk') {
    const tag = numberOf(vlans.segment);
    return tag === undefined ? noVlan : { mode: vlans.mode, tag, trunks: [] };
  }
  const trunks = vlans.segments.map(numberOf).filter((tag) => tag !== undefined);
  const tag = numberOf(vlans.native);
  return { mode: tag === undefined ? 'trunk' : 'native-untagged', tag, trunks };
}

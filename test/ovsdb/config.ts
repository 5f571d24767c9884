/** A checked file as the loader would give it, with only what these tests name. */
import type { Bridge, Config, Host, Overlay, Port, Segment } from '../../src/config/model.ts';
import type { InterfaceView } from '../../src/ovsdb/manager/host-view.ts';

export function testConfig(parts: Partial<Config>): Config {
  return {
    file: 'flowloom.yaml',
    owner: 'main',
    tls: undefined,
    hosts: [],
    segments: [],
    bridges: [],
    routers: [],
    nat: [],
    firewall: undefined,
    dhcp: [],
    apps: [],
    ...parts,
  };
}

export function testHost(name: string, parts: Partial<Host> = {}): Host {
  return {
    name,
    source: 'flowloom.yaml:3',
    ovsdb: undefined,
    systemId: name,
    underlay: undefined,
    underlayMtu: undefined,
    controller: undefined,
    drift: 'repair',
    otherConfig: {},
    managers: [],
    ssl: undefined,
    ...parts,
  };
}

export function testSegment(name: string, parts: Partial<Segment> = {}): Segment {
  return {
    name,
    source: 'flowloom.yaml:5',
    id: parts.vlan ?? 4096,
    vlan: undefined,
    subnets: [],
    overlay: undefined,
    zone: 0,
    ...parts,
  };
}

export function testBridge(name: string, ports: Port[] = [], parts: Partial<Bridge> = {}): Bridge {
  const flows = parts.forwarding !== 'normal';
  return {
    name,
    source: 'flowloom.yaml:10',
    hosts: ['hv1'],
    datapath: 'netdev',
    forwarding: 'flows',
    adopt: false,
    failMode: flows ? 'secure' : 'standalone',
    protocols: undefined,
    macAging: undefined,
    otherConfig: {},
    columns: {},
    controllers: flows ? [{ source: 'flowloom.yaml:10', target: 'flowloom', columns: {} }] : [],
    mirrors: [],
    ports,
    ...parts,
  };
}

let line = 10;
export function testPort(name: string, parts: Partial<Port> = {}): Port {
  return {
    host: 'hv1',
    name,
    source: `flowloom.yaml:${++line}`,
    type: '',
    options: {},
    bond: undefined,
    mtu: undefined,
    vlans: undefined,
    addresses: [],
    macs: [],
    serves: [],
    zone: 0,
    select: undefined,
    columns: {},
    interfaceColumns: {},
    ...parts,
  };
}

export function testOverlay(parts: Partial<Overlay> = {}): Overlay {
  return {
    type: 'vxlan',
    vni: 5000,
    dstPort: 4789,
    ttl: 5,
    members: undefined,
    perPeer: false,
    bfd: false,
    headroom: 0,
    options: {},
    ...parts,
  };
}

/** An interface as the manager sees it; others' unless it says otherwise. */
export function testInterface(name: string, parts: Partial<InterfaceView> = {}): InterfaceView {
  return {
    name,
    bridge: 'br0',
    type: '',
    ofport: 1,
    mtu: 1500,
    mac: undefined,
    error: undefined,
    link: 'up',
    bfd: undefined,
    options: new Map(),
    status: new Map(),
    externalIds: new Map(),
    owned: false,
    ...parts,
  };
}

/** The checked file written out again as YAML, every default filled in; reading it gives the same configuration. */

import { Document, isMap, isSeq, visit } from 'yaml';
import { writeDhcp } from './dhcp/describe.ts';
import { serviceText } from './firewall/protocols.ts';
import type {
  Bridge,
  Config,
  DatabaseColumns,
  DatabaseValue,
  Firewall,
  Host,
  Mirror,
  NatRule,
  Overlay,
  Port,
  PortVlans,
  Remote,
  Route,
  Router,
  Segment,
} from './model.ts';
import { writeSelector } from './port-selector.ts';

type Written = Record<string, unknown>;

export function describeConfig(config: Config): string {
  const sections: Written = {
    flowloom: 1,
    owner: config.owner,
    tls: config.tls,
    hosts: byName(config.hosts, writeHost),
    segments: byName(config.segments, writeSegment),
    bridges: byName(config.bridges, writeBridge),
    routers: byName(config.routers, writeRouter),
    nat: config.nat.map(writeNat),
    firewall: config.firewall && writeFirewall(config.firewall),
    dhcp: Object.fromEntries(config.dhcp.map((each) => [each.segment, writeDhcp(each)])),
    apps: Object.fromEntries(config.apps.map(({ name, config: settings }) => [name, settings])),
  };
  const document = new Document(given(sections), { aliasDuplicateObjects: false });
  // Leaves stand on one line, as people write them.
  visit(document, {
    Map: (_, node, path) => {
      if (path.length > 2 && node.items.every(({ value }) => !isMap(value))) node.flow = true;
    },
    Seq: (_, node, path) => {
      const short = node.items.every((item) => !isMap(item) && !isSeq(item) && !/ /.test(String(item)));
      if (path.length > 2 && short) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function byName<Item extends { name: string }>(items: readonly Item[], write: (item: Item) => Written): Written {
  return Object.fromEntries(items.map((item) => [item.name, write(item)]));
}

/** Without the keys that have no value. */
function given(written: Written): Written {
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
}

function writeSegment({ vlan, subnets, overlay }: Segment): Written {
  const subnet = subnets.length === 0 ? undefined : subnets.length === 1 ? subnets[0] : subnets;
  return given({ vlan, subnet, overlay: overlay && writeOverlay(overlay) });
}

function writeOverlay({ type, vni, dstPort, ttl, members, perPeer, bfd, headroom, options }: Overlay): Written {
  const further = Object.keys(options).length === 0 ? undefined : options;
  return given({ type, vni, port: dstPort, ttl, members, perPeer, bfd, headroom, options: further });
}

function writeRouter({ host, mac, self, interfaces, routes }: Router): Written {
  return given({
    host,
    mac,
    self: self && `${host}/${self.port}`,
    interfaces: byName(interfaces, ({ segment, addresses, follow, mtu, options }) =>
      given({
        ...{ segment, address: follow ? 'follow' : addresses, mtu },
        options: options.length === 0 ? undefined : options,
      }),
    ),
    routes: routes.map(writeRoute),
  });
}

function writeRoute({ prefix, hops, type }: Route): string {
  const [first] = hops;
  if (first === undefined) return `${prefix} ${type}`;
  const to = /^(0\.0\.0\.0|::)\/0$/.test(prefix) ? 'default' : prefix;
  const dev = hops.some(({ address }) => address.startsWith('fe80:')) ? ` dev ${first.interface}` : '';
  return `${to} via ${hops.map(({ address }) => address).join(', ')}${dev}`;
}

function writeHost(host: Host): Written {
  const { ovsdb, systemId, underlay, underlayMtu, controller, drift, otherConfig, managers, ssl } = host;
  const { private_key, certificate, ca_cert, bootstrap_ca_cert } = ssl?.columns ?? {};
  return given({
    ovsdb,
    systemId,
    underlay,
    underlayMtu,
    controller,
    drift,
    otherConfig: filled(otherConfig),
    managers: managers.length === 0 ? undefined : managers.map(writeRemote),
    ssl: ssl && given({ privateKey: private_key, certificate, caCert: ca_cert, bootstrapCaCert: bootstrap_ca_cert }),
  });
}

function writeBridge(bridge: Bridge): Written {
  const { hosts, datapath, forwarding, adopt, failMode, protocols, macAging, otherConfig, controllers } = bridge;
  return given({
    hosts,
    datapath,
    forwarding,
    adopt,
    failMode,
    protocols,
    macAging,
    otherConfig,
    columns: filled(writeColumns(bridge.columns)),
    controllers: controllers.length === 0 ? undefined : controllers.map(writeRemote),
    mirrors: filled(Object.fromEntries(bridge.mirrors.map((mirror) => [mirror.name, writeMirror(mirror)]))),
    ports: Object.fromEntries(bridge.ports.map((port) => [`${port.host}/${port.name}`, writePort(port)])),
  });
}

function writeMirror({ host, all, from, to, vlans, output }: Mirror): Written {
  const ports = (from.length === 0 ? to : from).map((name) => `${host}/${name}`);
  return given({
    of: all ? 'all' : ports,
    direction: all || (from.length > 0 && to.length > 0) ? 'both' : from.length > 0 ? 'in' : 'out',
    vlans: vlans.length === 0 ? undefined : vlans,
    ...('port' in output ? { to: `${host}/${output.port}` } : { toVlan: output.vlan }),
  });
}

function writeRemote({ target, columns }: Remote): unknown {
  if (Object.keys(columns).length === 0) return target;
  const { other_config, ...rest } = writeColumns(columns);
  const names: Record<string, string> = {
    connection_mode: 'connectionMode',
    max_backoff: 'maxBackoff',
    inactivity_probe: 'inactivityProbe',
    controller_rate_limit: 'rateLimit',
    controller_burst_limit: 'burstLimit',
  };
  const named = Object.entries(rest).map(([column, value]) => [names[column] ?? column, value]);
  return given({ target, ...Object.fromEntries(named), otherConfig: other_config });
}

function writePort(port: Port): Written {
  const { name, type, options, bond, mtu, vlans, select, columns, interfaceColumns } = port;
  if (select !== undefined)
    return given({ ...writeSelector(name, select), ...writeVlans(vlans), ...writeStation(port) });
  const { bond_mode, lacp, ...rest } = writeColumns(columns);
  return given({
    type: type === '' ? 'system' : type,
    options: filled(options),
    bond,
    bondMode: bond_mode,
    lacp,
    ...writeVlans(vlans),
    ...writeStation(port),
    mtu,
    columns: filled(rest),
    interface: filled(writeColumns(interfaceColumns)),
  });
}

/** Columns of a row as the file writes them. */
function writeColumns(columns: DatabaseColumns): Written {
  return Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, writeValue(value)]));
}

function writeValue(value: DatabaseValue): unknown {
  if (typeof value !== 'object') return value;
  if ('rows' in value) {
    const rows = value.rows.map((row) => writeColumns(row.columns));
    return rows.length === 1 ? rows[0] : rows;
  }
  if ('rowsByKey' in value) {
    return Object.fromEntries([...value.rowsByKey].map(([key, row]) => [String(key), writeColumns(row.columns)]));
  }
  return value instanceof Map ? Object.fromEntries(value) : value;
}

function filled<T extends object>(map: T): T | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

function writeVlans(vlans: PortVlans | undefined): Written {
  if (vlans === undefined) return {};
  if (vlans.mode !== 'trunk') return { [vlans.mode]: vlans.segment };
  return { trunk: vlans.segments, [vlans.nativeTagged ? 'native-tagged' : 'native']: vlans.native };
}

function writeNat(rule: NatRule): string {
  const hasPorts = rule.kind !== 'snat' || rule.text.includes(' ports ');
  return hasPorts ? rule.text : `${rule.text} ports ${rule.ports.join('-')}`;
}

function writeFirewall({ zones, sets, services, policy, rules }: Firewall): Written {
  return given({
    zones: Object.fromEntries(zones.map(({ name, members }) => [name, members])),
    services: filled(Object.fromEntries(services.map((each) => [each.name, each.services.map(serviceText)]))),
    sets: filled(Object.fromEntries(sets.map((set) => [set.name, set.members.map(({ prefix }) => prefix)]))),
    policy: policy.map(({ text }) => text),
    rules: rules.filter(({ back }) => back === undefined).map(({ text }) => text),
  });
}

function writeStation({ addresses, macs, serves }: Port): Written {
  const written = (list: readonly string[]) => (list.length > 1 ? [...list] : list[0]);
  return { address: written(addresses), mac: written(macs), serves: serves.length === 0 ? undefined : serves };
}

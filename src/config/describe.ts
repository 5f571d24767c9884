/** The checked file written out again as YAML, every default filled in; reading it gives the same configuration. */

import { Document, isMap, isSeq, visit } from 'yaml';
import type { Config, FirewallRule, FirewallZoneRef, NatRule, Overlay, Port, PortVlans, Segment } from './model.ts';
import { writeSelector } from './port-selector.ts';

type Written = Record<string, unknown>;

export function describeConfig(config: Config): string {
  const sections: Written = {
    flowloom: 1,
    hosts: byName(config.hosts, ({ ovsdb, systemId, underlay, controller }) =>
      given({ ovsdb, systemId, underlay, controller }),
    ),
    segments: byName(config.segments, writeSegment),
    bridges: byName(config.bridges, (bridge) => ({
      hosts: bridge.hosts,
      datapath: bridge.datapath,
      forwarding: bridge.forwarding,
      otherConfig: bridge.otherConfig,
      ports: Object.fromEntries(bridge.ports.map((port) => [`${port.host}/${port.name}`, writePort(port)])),
    })),
    routers: byName(config.routers, (router) => ({
      host: router.host,
      mac: router.mac,
      interfaces: byName(router.interfaces, ({ segment, addresses }) => ({ segment, address: addresses })),
      routes: router.routes.map(({ prefix, via }) => `${prefix === '0.0.0.0/0' ? 'default' : prefix} via ${via}`),
    })),
    nat: config.nat.map(writeNat),
    firewall: config.firewall && {
      zones: Object.fromEntries(config.firewall.zones.map(({ name, members }) => [name, members])),
      policy: config.firewall.policy.map(({ from, to, action }) => `${zone(from)} to ${zone(to)} ${action}`),
      rules: config.firewall.rules.map(writeRule),
    },
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

function writeSegment({ vlan, subnet, overlay }: Segment): Written {
  return given({ vlan, subnet, overlay: overlay && writeOverlay(overlay) });
}

function writeOverlay({ type, vni, dstPort, ttl, members, perPeer, headroom, options }: Overlay): Written {
  const further = Object.keys(options).length === 0 ? undefined : options;
  return given({ type, vni, port: dstPort, ttl, members, perPeer, headroom, options: further });
}

function writePort({ name, type, vlans, address, mac, select }: Port): Written {
  if (select !== undefined) return given({ ...writeSelector(name, select), ...writeVlans(vlans), address, mac });
  return given({ type: type === '' ? 'system' : type, ...writeVlans(vlans), address, mac });
}

function writeVlans(vlans: PortVlans | undefined): Written {
  if (vlans === undefined) return {};
  return vlans.mode === 'trunk' ? { trunk: vlans.segments, native: vlans.native } : { [vlans.mode]: vlans.segment };
}

function writeNat(rule: NatRule): string {
  if (rule.kind === 'forward') {
    return `forward ${rule.protocol} ${rule.address}:${rule.port} to ${rule.toAddress}:${rule.toPort}`;
  }
  const out = `out ${rule.router}/${rule.interface} ports ${rule.ports.join('-')}`;
  // Masquerading follows the interface when its address changes; the address itself would not.
  return rule.text.startsWith('masquerade')
    ? `masquerade ${rule.from} ${out}`
    : `snat ${rule.from} to ${rule.to} ${out}`;
}

function writeRule(rule: FirewallRule): string {
  const side = (name: string, address: string | undefined) => (address === undefined ? name : `${name}:${address}`);
  // The service by the name that the user gave it.
  const service = rule.text.slice(rule.text.indexOf(' ') + 1, rule.text.indexOf(' from '));
  return `${rule.action} ${service} from ${side(zone(rule.from), rule.fromAddress)} to ${side(zone(rule.to), rule.toAddress)}`;
}

function zone(ref: FirewallZoneRef | undefined): string {
  return ref?.name ?? 'all';
}

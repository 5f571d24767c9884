/** What a host's database says about itself, for status and for the flow side. Pure. */

import type { Snapshot } from '../replica/replica.ts';
import type { HostDesired } from './desired.ts';
import type { ManagedInterface, ManagedTables } from './managed-tables.ts';
import { isOwned } from './ownership.ts';

export interface BridgeView {
  name: string;
  /** 16 hex digits; undefined until ovs-vswitchd has made the bridge. */
  datapathId: string | undefined;
  /** `system` or `netdev`. */
  datapath: string;
  owned: boolean;
}

export interface InterfaceView {
  name: string;
  bridge: string;
  type: string;
  /** The OpenFlow port; undefined: not known yet, -1: it could not be had. */
  ofport: number | undefined;
  mtu: number | undefined;
  mac: string | undefined;
  error: string | undefined;
  /** `up` or `down`; undefined: not known. */
  link: string | undefined;
  /** State of the BFD session over it (RFC 5880): `up`, `down`, `init`, `admin_down`; undefined: none was asked for. */
  bfd: string | undefined;
  options: ReadonlyMap<string, string>;
  status: ReadonlyMap<string, string>;
  externalIds: ReadonlyMap<string, string>;
  /** Its port is Flowloom's. */
  owned: boolean;
}

export interface HostView {
  ovsVersion: string | undefined;
  /** ovs-vswitchd has done what was last asked of it. */
  settled: boolean;
  /** Version of the database's schema. */
  dbVersion: string | undefined;
  /** DPDK's version where it runs. */
  dpdk: string | undefined;
  bridges: BridgeView[];
  interfaces: InterfaceView[];
}

export const emptyView: HostView = {
  ovsVersion: undefined,
  settled: true,
  dbVersion: undefined,
  dpdk: undefined,
  bridges: [],
  interfaces: [],
};

/** `owner`: whose rows count as owned. */
export function viewHost(snapshot: Snapshot<ManagedTables>, owner: string): HostView {
  const [root] = snapshot.Open_vSwitch.values();
  const interfaces: InterfaceView[] = [];
  const bridges: BridgeView[] = [];
  for (const bridge of snapshot.Bridge.values()) {
    const datapath = bridge.datapath_type === '' ? 'system' : bridge.datapath_type;
    bridges.push({ name: bridge.name, datapathId: bridge.datapath_id, datapath, owned: isOwned(bridge, owner) });
    for (const portUuid of bridge.ports) {
      const port = snapshot.Port.get(portUuid);
      for (const uuid of port?.interfaces ?? []) {
        const row = snapshot.Interface.get(uuid);
        if (row === undefined) continue;
        interfaces.push(viewInterface(row, bridge.name, isOwned(port, owner)));
      }
    }
  }
  return {
    ovsVersion: root?.ovs_version,
    settled: root === undefined || root.cur_cfg >= root.next_cfg,
    dbVersion: root?.db_version,
    dpdk: root?.dpdk_initialized === true ? (root.dpdk_version ?? 'yes') : undefined,
    bridges,
    interfaces,
  };
}

/** Rows never change, and most are the same ones at the next look. */
const views = new WeakMap<ManagedInterface, InterfaceView>();

function viewInterface(row: ManagedInterface, bridge: string, owned: boolean): InterfaceView {
  const known = views.get(row);
  if (known !== undefined && known.bridge === bridge && known.owned === owned) return known;
  const view: InterfaceView = {
    name: row.name,
    bridge,
    type: row.type,
    ofport: row.ofport === undefined ? undefined : Number(row.ofport),
    mtu: row.mtu === undefined ? undefined : Number(row.mtu),
    mac: row.mac_in_use ?? row.mac,
    error: row.error,
    link: row.link_state,
    bfd: row.bfd_status.get('state'),
    options: row.options,
    status: row.status,
    externalIds: row.external_ids,
    owned,
  };
  views.set(row, view);
  return view;
}

/** Ports of the file that Open vSwitch could not open: usually their device does not exist yet. By `bridge/port`. */
export function waitingPorts(view: HostView, desired: HostDesired): Map<string, string> {
  const waiting = new Map<string, string>();
  const failed = view.interfaces.filter(({ error, ofport }) => error !== undefined || ofport === -1);
  if (failed.length === 0) return waiting;
  const byName = new Map(failed.map((item) => [`${item.bridge}/${item.name}`, item]));
  for (const bridge of desired.bridges) {
    for (const port of bridge.ports) {
      for (const { key } of port.children.interfaces ?? []) {
        const name = `${bridge.name}/${key}`;
        const found = byName.get(name);
        if (found === undefined) continue;
        waiting.set(name, `${name}: ${found.error ?? 'Open vSwitch could not open it'} (${port.source})`);
      }
    }
  }
  return waiting;
}

/** Bridges of the file that ovs-vswitchd has seen and made nothing of. */
export function failedBridges(view: HostView, desired: HostDesired): string[] {
  if (!view.settled) return [];
  const made = new Map(view.bridges.map((bridge) => [bridge.name, bridge]));
  return desired.bridges.flatMap(({ name, source }) => {
    const bridge = made.get(name);
    if (bridge === undefined || bridge.datapathId !== undefined) return [];
    const why =
      bridge.datapath === 'system'
        ? "is the kernel's module there (modprobe openvswitch)? `datapath: netdev` works without"
        : 'its log says why (ovs-vswitchd.log)';
    return [`Open vSwitch could not make bridge ${name} with datapath ${bridge.datapath} (${source}): ${why}`];
  });
}

/** What a host's database says about itself, for status and for the flow side. Pure. */
import type { VswitchTables } from '../../proto/ovsdb/index.ts';
import type { HostDesired } from './desired.ts';
import { isOwned } from './ownership.ts';
import type { Snapshot } from './replica.ts';

export interface BridgeView {
  name: string;
  /** 16 hex digits; undefined until ovs-vswitchd has made the bridge. */
  datapathId: string | undefined;
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
  linkUp: boolean;
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
  bridges: BridgeView[];
  interfaces: InterfaceView[];
}

export const emptyView: HostView = { ovsVersion: undefined, settled: true, bridges: [], interfaces: [] };

export function viewHost(snapshot: Snapshot<VswitchTables>): HostView {
  const [root] = snapshot.Open_vSwitch.values();
  const interfaces: InterfaceView[] = [];
  const bridges: BridgeView[] = [];
  for (const bridge of snapshot.Bridge.values()) {
    bridges.push({ name: bridge.name, datapathId: bridge.datapath_id });
    for (const portUuid of bridge.ports) {
      const port = snapshot.Port.get(portUuid);
      for (const uuid of port?.interfaces ?? []) {
        const row = snapshot.Interface.get(uuid);
        if (row === undefined) continue;
        interfaces.push({
          name: row.name,
          bridge: bridge.name,
          type: row.type,
          ofport: row.ofport === undefined ? undefined : Number(row.ofport),
          mtu: row.mtu === undefined ? undefined : Number(row.mtu),
          mac: row.mac_in_use ?? row.mac,
          error: row.error,
          linkUp: row.link_state === 'up',
          options: row.options,
          status: row.status,
          externalIds: row.external_ids,
          owned: isOwned(port),
        });
      }
    }
  }
  return {
    ovsVersion: root?.ovs_version,
    settled: root === undefined || root.cur_cfg >= root.next_cfg,
    bridges,
    interfaces,
  };
}

/** Ports of the file that Open vSwitch could not open: usually their device does not exist yet. By `bridge/port`. */
export function waitingPorts(view: HostView, desired: HostDesired): Map<string, string> {
  const interfaces = new Map(view.interfaces.map((item) => [`${item.bridge}/${item.name}`, item]));
  const waiting = new Map<string, string>();
  for (const bridge of desired.bridges) {
    for (const port of bridge.ports) {
      const name = `${bridge.name}/${port.name}`;
      const found = interfaces.get(name);
      if (found === undefined || (found.error === undefined && found.ofport !== -1)) continue;
      waiting.set(name, `${name}: ${found.error ?? 'Open vSwitch could not open it'} (${port.source})`);
    }
  }
  return waiting;
}

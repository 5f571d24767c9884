/** A host's rows by name: names are unique per host for bridges, ports and interfaces. */
import type { BridgeRow, InterfaceRow, PortRow, VswitchTables } from '../../proto/ovsdb/index.ts';
import { isOwned } from './ownership.ts';
import type { Snapshot } from './replica.ts';

export interface IndexedPort {
  uuid: string;
  row: PortRow;
  bridge: { uuid: string; row: BridgeRow } | undefined;
}

export interface SnapshotIndex {
  snapshot: Snapshot<VswitchTables>;
  bridges: ReadonlyMap<string, { uuid: string; row: BridgeRow }>;
  ports: ReadonlyMap<string, IndexedPort>;
  interfaces: ReadonlyMap<string, { uuid: string; row: InterfaceRow }>;
  /** The port's name by the interface's. */
  portOfInterface: ReadonlyMap<string, string>;
  /** Bridges that this plan leaves whole, with the ports of others on them. */
  left: ReadonlyMap<string, string[]>;
  /** Interface types that this Open vSwitch has; empty: it does not say. */
  interfaceTypes: readonly string[];
}

/** `isLeft` decides by the bridge and the names of the ports on it that are not Flowloom's. */
export function indexSnapshot(
  snapshot: Snapshot<VswitchTables>,
  owner: string,
  isLeft: (row: BridgeRow, foreign: readonly string[]) => boolean,
): SnapshotIndex {
  const bridges = new Map<string, { uuid: string; row: BridgeRow }>();
  const bridgeOf = new Map<string, { uuid: string; row: BridgeRow }>();
  const left = new Map<string, string[]>();
  for (const [uuid, row] of snapshot.Bridge) {
    const foreign = row.ports
      .map((port) => snapshot.Port.get(port))
      .filter((port) => port !== undefined && !isOwned(port, owner) && port.name !== row.name)
      .map((port) => port?.name ?? '');
    if (isLeft(row, foreign)) left.set(row.name, foreign);
    bridges.set(row.name, { uuid, row });
    for (const port of row.ports) bridgeOf.set(port, { uuid, row });
  }
  const ports = new Map<string, IndexedPort>();
  const portOfInterface = new Map<string, string>();
  for (const [uuid, row] of snapshot.Port) {
    ports.set(row.name, { uuid, row, bridge: bridgeOf.get(uuid) });
    for (const item of row.interfaces) {
      const face = snapshot.Interface.get(item);
      if (face !== undefined) portOfInterface.set(face.name, row.name);
    }
  }
  const interfaces = new Map<string, { uuid: string; row: InterfaceRow }>();
  for (const [uuid, row] of snapshot.Interface) interfaces.set(row.name, { uuid, row });
  const [root] = snapshot.Open_vSwitch.values();
  return { snapshot, bridges, ports, interfaces, portOfInterface, left, interfaceTypes: root?.iface_types ?? [] };
}

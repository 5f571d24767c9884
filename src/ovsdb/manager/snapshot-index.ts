/** A host's rows by name: names are unique per host for bridges, ports and interfaces. What is rarely asked is made when it is. */

import type { Snapshot } from '../replica/replica.ts';
import type { ManagedBridge, ManagedPort, ManagedTables } from './managed-tables.ts';
import { isOwned } from './ownership.ts';

export interface SnapshotIndex {
  snapshot: Snapshot<ManagedTables>;
  bridges: ReadonlyMap<string, ManagedBridge>;
  portNamed(name: string): ManagedPort | undefined;
  bridgeOf(port: ManagedPort): ManagedBridge | undefined;
  /** The port that has an interface of this name. */
  holderOf(interfaceName: string): ManagedPort | undefined;
  /** Bridges that this plan leaves whole, with the ports of others on them where that is why. */
  left: ReadonlyMap<string, string[]>;
  /** Interface types that this Open vSwitch has; empty: it does not say. */
  interfaceTypes: readonly string[];
}

/** Finds a port by its name, where somebody keeps an index of them. */
export type PortNamed = SnapshotIndex['portNamed'];

/** `isLeft` decides by the bridge and the names of the ports on it that are not Flowloom's. */
export function indexSnapshot(
  snapshot: Snapshot<ManagedTables>,
  owner: string,
  isLeft: (row: ManagedBridge, foreign: () => readonly string[]) => boolean,
  portNamed?: PortNamed,
): SnapshotIndex {
  const bridges = new Map<string, ManagedBridge>();
  const left = new Map<string, string[]>();
  for (const row of snapshot.Bridge.values()) {
    let foreign: string[] = [];
    const listed = () => {
      foreign = foreignPorts(snapshot, owner, row);
      return foreign;
    };
    if (isLeft(row, listed)) left.set(row.name, foreign);
    bridges.set(row.name, row);
  }
  let homes: Map<string, ManagedBridge> | undefined;
  let named: Map<string, ManagedPort> | undefined;
  let holders: Map<string, ManagedPort> | undefined;
  const [root] = snapshot.Open_vSwitch.values();
  return {
    snapshot,
    bridges,
    left,
    interfaceTypes: root?.iface_types ?? [],
    portNamed:
      portNamed ??
      ((name) => {
        named ??= new Map(Array.from(snapshot.Port.values(), (row) => [row.name, row]));
        return named.get(name);
      }),
    bridgeOf(port) {
      homes ??= new Map([...bridges.values()].flatMap((bridge) => bridge.ports.map((uuid) => [uuid, bridge])));
      return homes.get(port._uuid);
    },
    holderOf(name) {
      holders ??= holdersOf(snapshot);
      return holders.get(name);
    },
  };
}

function holdersOf(snapshot: Snapshot<ManagedTables>): Map<string, ManagedPort> {
  const holders = new Map<string, ManagedPort>();
  for (const port of snapshot.Port.values()) {
    for (const uuid of port.interfaces) {
      const name = snapshot.Interface.get(uuid)?.name;
      if (name !== undefined) holders.set(name, port);
    }
  }
  return holders;
}

function foreignPorts(snapshot: Snapshot<ManagedTables>, owner: string, bridge: ManagedBridge): string[] {
  return bridge.ports
    .map((port) => snapshot.Port.get(port))
    .filter((port) => port !== undefined && !isOwned(port, owner) && port.name !== bridge.name)
    .map((port) => port?.name ?? '');
}

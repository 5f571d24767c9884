/** Which ports of a bridge were found as they should be: as long as neither side has another object, nobody looks again. */
import type { AnyRow } from '../../../proto/ovsdb/index.ts';
import type { Snapshot } from '../replica/replica.ts';
import type { DesiredRow } from './desired-row.ts';
import type { ManagedBridge, ManagedPort, ManagedTables } from './managed-tables.ts';

export interface PlanMemory {
  /** Names of the bridges that were seen with a controller since the file wants one: to lose it is somebody's doing. */
  readonly controlled: Set<string>;
  /** Those of the ports that have to be looked at. */
  unsettled(
    snapshot: Snapshot<ManagedTables>,
    bridge: ManagedBridge,
    wanted: readonly DesiredRow[],
  ): readonly DesiredRow[];
  /** UUIDs of the bridge's ports that need not be looked at. */
  settled(bridge: ManagedBridge): ReadonlySet<string>;
  /** A port of the bridge was found as it should be. */
  settle(snapshot: Snapshot<ManagedTables>, bridge: ManagedBridge, desired: DesiredRow, port: ManagedPort): void;
}

interface Settled {
  port: ManagedPort;
  interfaces: readonly (AnyRow | undefined)[];
}

interface Looked {
  /** The tables and the bridge's list of ports as they were when every entry was last compared with them. */
  ports: object;
  interfaces: object;
  members: readonly string[];
  settled: Map<DesiredRow, Settled>;
  /** Of the settled ports. */
  uuids: Set<string>;
}

const none: ReadonlySet<string> = new Set();

/** `controlled`: of the memory before, where only the connection is another. */
export function createPlanMemory(controlled = new Set<string>()): PlanMemory {
  const bridges = new Map<string, Looked>();

  /** Forgets what has changed on the switch's side since the last look. */
  function lookedAt({ Port, Interface }: Snapshot<ManagedTables>, { name, ports }: ManagedBridge): Looked {
    let looked = bridges.get(name);
    if (looked === undefined) {
      looked = { ports: Port, interfaces: Interface, members: ports, settled: new Map(), uuids: new Set() };
      bridges.set(name, looked);
    }
    const { settled, uuids } = looked;
    const forget = (desired: DesiredRow, { port }: Settled) => {
      settled.delete(desired);
      uuids.delete(port._uuid);
    };
    if (looked.members !== ports) {
      const here = new Set(ports);
      for (const [desired, entry] of settled) if (!here.has(entry.port._uuid)) forget(desired, entry);
    }
    if (looked.ports !== Port) {
      for (const [desired, entry] of settled) if (Port.get(entry.port._uuid) !== entry.port) forget(desired, entry);
    }
    if (looked.interfaces !== Interface) {
      for (const [desired, entry] of settled) {
        for (const row of entry.interfaces) {
          if (row === undefined || Interface.get(row._uuid) !== row) forget(desired, entry);
        }
      }
    }
    looked.ports = Port;
    looked.interfaces = Interface;
    looked.members = ports;
    return looked;
  }

  return {
    controlled,
    unsettled(snapshot, bridge, wanted) {
      const { settled, uuids } = lookedAt(snapshot, bridge);
      const left = wanted.filter((desired) => !settled.has(desired));
      // Rows that the file no longer wants are kept for nobody.
      if (settled.size + left.length > wanted.length) {
        const current = new Set(wanted);
        for (const [desired, { port }] of settled) {
          if (current.has(desired)) continue;
          settled.delete(desired);
          uuids.delete(port._uuid);
        }
      }
      return left;
    },
    settled: ({ name }) => bridges.get(name)?.uuids ?? none,
    settle(snapshot, bridge, desired, port) {
      // Rows of other tables would have to be looked at as well.
      for (const column in desired.children) if (column !== 'interfaces') return;
      const interfaces = port.interfaces.map((uuid) => snapshot.Interface.get(uuid));
      const { settled, uuids } = lookedAt(snapshot, bridge);
      settled.set(desired, { port, interfaces });
      uuids.add(port._uuid);
    },
  };
}

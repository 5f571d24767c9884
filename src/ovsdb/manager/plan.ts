/** From what a host has and what it should have to one transaction of just the differences. What is not Flowloom's is never changed. Pure. */

import { type AnyRow, type Operation, type UuidReference, uuidIs, vswitch } from '../../../proto/ovsdb/index.ts';
import { encodeSet } from '../../../proto/ovsdb/set.ts';
import type { Snapshot } from '../replica/replica.ts';
import type { HostDesired } from './desired.ts';
import type { TableName } from './desired-row.ts';
import type { ManagedBridge, ManagedPort, ManagedTables } from './managed-tables.ts';
import { isOwned } from './ownership.ts';
import {
  changeBridge,
  createBridge,
  reasonToLeave,
  refuseLeftBridge,
  removeBridge,
  removeStrays,
} from './plan-bridge.ts';
import type { Plan } from './plan-builder.ts';
import { createPlanContext, type PlanContext } from './plan-context.ts';
import { createPlanMemory, type PlanMemory } from './plan-memory.ts';
import { releaseBridge } from './plan-release.ts';
import { planOtherConfig, planRoot } from './plan-root.ts';
import { indexSnapshot, type PortNamed } from './snapshot-index.ts';

/** Tables whose rows stay when nothing refers to them any more, and that Flowloom makes rows of. */
const LASTING = Object.entries(vswitch.rules)
  .filter(([table, rules]) => rules.isRoot === true && table !== 'Open_vSwitch')
  .map(([table]) => table as TableName);

/** `missing`: `Table.column` and `Table` that the host's own schema lacks. `memory`: of earlier plans of this host with this schema. */
export function planHost(
  snapshot: Snapshot<ManagedTables>,
  desired: HostDesired,
  missing: ReadonlySet<string> = new Set(),
  memory: PlanMemory = createPlanMemory(),
  portNamed?: PortNamed,
): Plan {
  const { owner } = desired;
  const wanted = new Map(desired.bridges.map((bridge) => [bridge.name, bridge]));
  const isLeft = (row: ManagedBridge, foreign: () => readonly string[]) => {
    const bridge = wanted.get(row.name);
    if (bridge !== undefined) return reasonToLeave(snapshot, owner, bridge, row, memory.controlled) !== undefined;
    return isOwned(row, owner) && foreign().length > 0;
  };
  const index = indexSnapshot(snapshot, owner, isLeft, portNamed);
  const context = createPlanContext(index, owner, missing, memory);
  const { builder } = context;

  const [root] = snapshot.Open_vSwitch.values();
  const added: UuidReference[] = [];
  const removed: string[] = [];
  for (const bridge of desired.bridges) {
    const existing = index.bridges.get(bridge.name);
    if (existing === undefined) added.push(createBridge(context, bridge));
    else changeBridge(context, bridge, existing);
  }
  for (const [uuid, row] of snapshot.Bridge) {
    if (wanted.has(row.name)) continue;
    if (desired.release !== undefined) {
      if (releaseBridge(context, desired.release, row)) removed.push(uuid);
      continue;
    }
    const left = index.left.get(row.name);
    if (!isOwned(row, owner)) removeStrays(context, row);
    else if (left !== undefined) refuseLeftBridge(context, row.name, left);
    else {
      removed.push(uuid);
      removeBridge(context, row);
    }
  }
  planRoot(context, desired, root, added, removed);
  planOtherConfig(context, desired, root);
  removeUnused(context, snapshot);
  if (builder.plan.operations.length > 0) finish(context);
  return builder.plan;
}

/** Rows of ours that nothing wants any more; one that a row refers to which stays as it is stays too. */
function removeUnused({ builder, kept, planned, owner }: PlanContext, snapshot: Snapshot<ManagedTables>): void {
  const foreign = [...snapshot.QoS.values()].filter((row) => !isOwned(row, owner));
  const held = new Set(foreign.flatMap(({ queues }) => [...queues.values()]));
  const users = new Map<string, ManagedPort[]>();
  if (snapshot.QoS.size > 0) {
    for (const port of snapshot.Port.values()) {
      if (port.qos === undefined) continue;
      const others = users.get(port.qos);
      if (others === undefined) users.set(port.qos, [port]);
      else others.push(port);
    }
  }
  // QoS stands before Queue there: what stays of the first keeps rows of the second.
  for (const table of LASTING) {
    const rows = snapshot[table] as ReadonlyMap<string, AnyRow> | undefined;
    for (const [uuid, row] of rows ?? []) {
      if (kept.has(uuid) || held.has(uuid) || !isOwned(row, owner)) continue;
      const ports = users.get(uuid) ?? [];
      if (ports.some((port) => !planned.has(port._uuid))) {
        for (const queue of snapshot.QoS.get(uuid)?.queues.values() ?? []) held.add(queue);
        continue;
      }
      builder.change(
        { text: `remove ${table} ${String(row.type ?? '')}`.trimEnd(), source: undefined, name: '' },
        // A port that goes in this transaction still counts as a user of the row.
        ...ports.map(
          (port): Operation => ({
            op: 'mutate',
            table: 'Port',
            where: uuidIs(port._uuid),
            mutations: [['qos', 'delete', encodeSet('uuid', [uuid])]],
          }),
        ),
        { op: 'delete', table, where: uuidIs(uuid) },
      );
    }
  }
}

/** ovs-vswitchd copies next_cfg to cur_cfg when it has done all this; the comment shows in `ovsdb-tool show-log`. */
function finish({ builder }: PlanContext): void {
  builder.operation({ op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] });
  builder.operation({ op: 'comment', comment: `flowloom: ${builder.plan.changes.length} changes` });
}

/** From what a host has and what it should have to one transaction of just the differences. What is not Flowloom's is never changed. Pure. */
import {
  type BridgeRow,
  encodeRow,
  type Mutation,
  namedUuid,
  type OpenVswitchRow,
  type UuidReference,
  uuidIs,
  type VswitchTables,
  vswitch,
} from '../../proto/ovsdb/index.ts';
import { encodeSet } from '../../proto/ovsdb/set.ts';
import type { DesiredBridge, HostDesired } from './desired.ts';
import { isOwned } from './ownership.ts';
import { changeBridge, createBridge, type NameRow } from './plan-bridge.ts';
import { createPlanBuilder, type Plan, type PlanBuilder } from './plan-builder.ts';
import { planVlanLimit } from './plan-vlan-limit.ts';
import type { Snapshot } from './replica.ts';
import { indexSnapshot, type SnapshotIndex } from './snapshot-index.ts';

const { tables } = vswitch;

export function planHost(snapshot: Snapshot<VswitchTables>, desired: HostDesired): Plan {
  const builder = createPlanBuilder();
  let named = 0;
  const name: NameRow = () => namedUuid(`row${++named}`);
  for (const text of desired.refused) builder.refuse(text);
  const wanted = new Map(desired.bridges.map((bridge) => [bridge.name, bridge]));
  const index = indexSnapshot(snapshot, (row, foreign) =>
    wanted.has(row.name) ? !isOwned(row) : isOwned(row) && foreign.length > 0,
  );

  const [root] = snapshot.Open_vSwitch;
  const added: UuidReference[] = [];
  const removed: string[] = [];
  for (const bridge of desired.bridges) {
    const existing = index.bridges.get(bridge.name);
    if (existing === undefined) added.push(createBridge(builder, index, bridge, name));
    else if (isOwned(existing.row)) changeBridge(builder, index, existing.uuid, existing.row, bridge, name);
    else builder.refuse(refuseForeignBridge(bridge));
  }
  for (const [uuid, row] of snapshot.Bridge) {
    if (wanted.has(row.name)) continue;
    if (!isOwned(row)) removeStrays(builder, index, uuid, row);
    else if (index.left.has(row.name)) builder.refuse(refuseLeftBridge(row.name, index.left.get(row.name) ?? []));
    else {
      removed.push(uuid);
      builder.change({ text: `${row.name}: remove bridge, no longer in the file`, source: undefined, name: row.name });
    }
  }
  planRoot(builder, root, added, removed);
  planVlanLimit(builder, root?.[1], desired.vlanLimit);
  if (builder.plan.operations.length > 0) finish(builder);
  return builder.plan;
}

function refuseForeignBridge({ name, source }: DesiredBridge): string {
  return (
    `bridge ${name} exists and is not Flowloom's, so it is left as it is (${source}); give the bridge another name in the file, ` +
    `remove it (ovs-vsctl del-br ${name}), or hand it over (ovs-vsctl br-set-external-id ${name} flowloom 1): ` +
    'then Flowloom changes its settings, and its flows go when it gets a controller'
  );
}

/** A bridge of ours that is no longer wanted stays while it holds what others put there. */
function refuseLeftBridge(name: string, foreign: readonly string[]): string {
  return (
    `${name}: the bridge is no longer in the file but holds ${foreign.join(', ')}, not Flowloom's; ` +
    `it goes when they are gone (ovs-vsctl del-port ${foreign[0]})`
  );
}

/** Ports of ours on a bridge that is not: they go alone. */
function removeStrays(builder: PlanBuilder, index: SnapshotIndex, uuid: string, row: BridgeRow): void {
  const strays = row.ports.filter((item) => isOwned(index.snapshot.Port.get(item)));
  if (strays.length === 0) return;
  const names = strays.map((item) => index.snapshot.Port.get(item)?.name ?? item);
  builder.change(
    { text: `${row.name}: remove port ${names.join(', ')}, not in the file`, source: undefined, name: row.name },
    { op: 'mutate', table: 'Bridge', where: uuidIs(uuid), mutations: [['ports', 'delete', encodeSet('uuid', strays)]] },
  );
}

function planRoot(
  builder: PlanBuilder,
  root: [string, OpenVswitchRow] | undefined,
  added: UuidReference[],
  removed: string[],
): void {
  if (root === undefined) {
    // A database that nobody has used yet lacks its one row; ovs-vsctl makes it, too.
    if (added.length === 0) return;
    builder.operation({ op: 'insert', table: 'Open_vSwitch', row: encodeRow(tables.Open_vSwitch, { bridges: added }) });
    return;
  }
  const mutations: Mutation[] = [];
  if (removed.length > 0) mutations.push(['bridges', 'delete', encodeSet('uuid', removed)]);
  if (added.length > 0) mutations.push(['bridges', 'insert', encodeSet('uuid', added)]);
  if (mutations.length > 0)
    builder.operation({ op: 'mutate', table: 'Open_vSwitch', where: uuidIs(root[0]), mutations });
}

/** ovs-vswitchd copies next_cfg to cur_cfg when it has done all this; the comment shows in `ovsdb-tool show-log`. */
function finish(builder: PlanBuilder): void {
  builder.operation({ op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] });
  builder.operation({ op: 'comment', comment: `flowloom: ${builder.plan.changes.length} changes` });
}

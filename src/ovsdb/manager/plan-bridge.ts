/** The part of a plan that concerns one bridge: made, changed, taken over, or left as it is. */

import { type UuidReference, uuidIs } from '../../../proto/ovsdb/index.ts';
import { encodeSet } from '../../../proto/ovsdb/set.ts';
import type { Snapshot } from '../replica/replica.ts';
import type { DesiredBridge } from './desired.ts';
import type { ManagedBridge, ManagedTables } from './managed-tables.ts';
import { isOwned, otherOwner, ownerWords } from './ownership.ts';
import type { PlanContext } from './plan-context.ts';
import { changePortSet, planPorts } from './plan-ports.ts';
import { changeRow, insertRow } from './plan-row.ts';

export function createBridge(context: PlanContext, bridge: DesiredBridge): UuidReference {
  const { builder } = context;
  const { row } = bridge;
  builder.change({ text: row.announce, source: row.source, name: row.key });
  const { added: ports } = planPorts(context, bridge, undefined);
  return insertRow(context, { ...row, columns: { ...row.columns, ports } }, false);
}

/** Why a bridge that is there stays as it is, with its ports; undefined: it is made as it should be. */
export function reasonToLeave(
  snapshot: Snapshot<ManagedTables>,
  owner: string,
  bridge: DesiredBridge,
  row: ManagedBridge,
  controlled: ReadonlySet<string>,
): string | undefined {
  const { name, source, adopt } = bridge;
  const other = otherOwner(row, owner);
  if (other !== undefined) {
    // Also with `adopt`: two that take it from each other would never end.
    return (
      `bridge ${name} is ${ownerWords(row, owner)}, so it is left as it is (${source}); give the bridge another name in the file, ` +
      `or end that Flowloom's part and hand the bridge over: ovs-vsctl br-set-external-id ${name} flowloom ${owner}, ` +
      'and `adopt: true` in the file for its ports'
    );
  }
  if (adopt) return undefined;
  if (!isOwned(row, owner)) {
    return (
      `bridge ${name} exists and is ${ownerWords(row, owner)}, so it is left as it is (${source}); give the bridge another name in the file, ` +
      'or write `adopt: true` and Flowloom takes it over (`flowloom plan` lists what that changes)'
    );
  }
  // A bridge that had our flows lost its controller, and its flows with it, to somebody else: nothing is left to lose.
  const had = row.other_config.has('disable-in-band') || row.fail_mode === 'secure' || controlled.has(name);
  if (had || controllersOf(snapshot, owner, bridge, row) !== 'first') return undefined;
  return (
    `${name}: Open vSwitch removes every flow of a bridge that gets its first controller, so the bridge is left as it is ` +
    `(${source}); write \`adopt: true\` to permit it (\`flowloom plan\` lists the flows)`
  );
}

export function changeBridge(context: PlanContext, bridge: DesiredBridge, row: ManagedBridge): void {
  const { builder, owner, index, memory } = context;
  const { name, source } = bridge;
  const left = reasonToLeave(index.snapshot, owner, bridge, row, memory.controlled);
  if (left !== undefined) {
    builder.refuse(left);
    return;
  }
  const controllers = controllersOf(index.snapshot, owner, bridge, row);
  if (controllers !== undefined) {
    const why = controllers === 'first' ? 'it gets its first controller' : 'it loses its last controller';
    builder.plan.flushes.push({ bridge: name, source, why });
  }
  if ((bridge.row.children.controller?.length ?? 0) === 0) memory.controlled.delete(name);
  else if (row.controller.length > 0) memory.controlled.add(name);
  const planned = planPorts(context, bridge, row);
  changeRow(context, bridge.row, row, !isOwned(row, owner));
  changePortSet(context, bridge, row, planned);
}

/** Open vSwitch removes all flows of a bridge that gets its first controller, and of one that loses its last. */
function controllersOf(
  { Controller }: Snapshot<ManagedTables>,
  owner: string,
  bridge: DesiredBridge,
  row: ManagedBridge,
): 'first' | 'last' | undefined {
  const foreign = row.controller.filter((uuid) => !isOwned(Controller.get(uuid), owner));
  const after = foreign.length + (bridge.row.children.controller?.length ?? 0);
  if (row.controller.length === 0) return after > 0 ? 'first' : undefined;
  return after === 0 ? 'last' : undefined;
}

/** A bridge of ours that is no longer wanted stays while it holds what others put there. */
export function refuseLeftBridge({ builder }: PlanContext, name: string, foreign: readonly string[]): void {
  builder.refuse(
    `${name}: the bridge is no longer in the file but holds ${foreign.join(', ')}, not Flowloom's; ` +
      `it goes when they are gone (ovs-vsctl del-port ${foreign[0]})`,
  );
}

/** A port that somebody puts there meanwhile would go with the bridge: then the server does nothing of all this. */
export function removeBridge(
  { builder, planned }: PlanContext,
  { _uuid, name, ports }: ManagedBridge,
  why = ', no longer in the file',
): void {
  for (const port of ports) planned.add(port);
  builder.change(
    { text: `${name}: remove bridge${why}`, source: undefined, name },
    {
      op: 'wait',
      timeout: 0,
      table: 'Bridge',
      where: uuidIs(_uuid),
      columns: ['ports'],
      until: '==',
      rows: [{ ports: encodeSet('uuid', ports) }],
    },
  );
}

/** Ports of ours on a bridge that is not: they go alone. */
export function removeStrays({ builder, index, owner, planned }: PlanContext, row: ManagedBridge): void {
  const strays = row.ports.filter((item) => isOwned(index.snapshot.Port.get(item), owner));
  if (strays.length === 0) return;
  for (const port of strays) planned.add(port);
  const names = strays.map((item) => index.snapshot.Port.get(item)?.name ?? item);
  const { name } = row;
  builder.change(
    { text: `${name}: remove port ${names.join(', ')}, not in the file`, source: undefined, name },
    {
      op: 'mutate',
      table: 'Bridge',
      where: uuidIs(row._uuid),
      mutations: [['ports', 'delete', encodeSet('uuid', strays)]],
    },
  );
}

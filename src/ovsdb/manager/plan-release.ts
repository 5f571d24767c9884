/** The part of a plan that takes everything of ours from a host: what to do with each bridge, and what others have on it. */

import { type AnyRow, type Mutation, type Operation, uuidIs } from '../../../proto/ovsdb/index.ts';
import { encodeSet } from '../../../proto/ovsdb/set.ts';
import type { Snapshot } from '../replica/replica.ts';
import type { HostDesired } from './desired.ts';
import type { ManagedBridge, ManagedTables } from './managed-tables.ts';
import { isMarked, isOwned, marksOf } from './ownership.ts';
import { removeBridge } from './plan-bridge.ts';
import { isWeak, referencesOf, refTableOf } from './plan-columns.ts';
import type { PlanContext } from './plan-context.ts';
import { referred, removal } from './plan-references.ts';

export interface Release {
  /** Bridges of ours that stay although nothing of others' is in their rows: others' flows are in them. */
  handOver: ReadonlySet<string>;
  /** Bridges that stay whose controller stays too: without it Open vSwitch would remove others' flows. */
  keepController: ReadonlySet<string>;
}

/** A bridge that is ours, or has rows of ours, and what others have there. */
export interface BridgeSurvey {
  name: string;
  owned: boolean;
  /** `port eth9`, `controller tcp:10.0.0.9:6653`: what would go with the bridge. */
  others: string[];
  /** It has a controller of ours and none of others: Open vSwitch removes all its flows with that row. */
  losesLast: boolean;
}

export function nothingOf(owner: string, release: Release): HostDesired {
  return { owner, bridges: [], managers: [], ssl: undefined, otherConfig: [], release };
}

export function surveyBridges(snapshot: Snapshot<ManagedTables>, owner: string): BridgeSurvey[] {
  const rows = [...snapshot.Bridge.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return rows.flatMap((row) => {
    const children = childrenOf(snapshot, owner, row);
    const owned = isOwned(row, owner);
    if (!owned && !children.some(({ ours }) => ours)) return [];
    const others = children.filter(({ ours, isLocal }) => !ours && !isLocal).map(({ words }) => words);
    const controllers = children.filter(({ column }) => column === 'controller');
    const losesLast = controllers.length > 0 && controllers.every(({ ours }) => ours);
    return [{ name: row.name, owned, others, losesLast }];
  });
}

/** Whether the bridge itself goes; else what is ours on it does, and its mark. */
export function releaseBridge(
  context: PlanContext,
  { handOver, keepController }: Release,
  row: ManagedBridge,
): boolean {
  const { builder, index, owner, planned } = context;
  const { name } = row;
  const children = childrenOf(index.snapshot, owner, row);
  const owned = isOwned(row, owner);
  const others = children.filter(({ ours, isLocal }) => !ours && !isLocal);
  if (owned && others.length === 0 && !handOver.has(name)) {
    removeBridge(context, row, '');
    return true;
  }
  const mutations: Mutation[] = [];
  const going = children.filter((child) => child.ours && !child.isLocal);
  const kept = keepController.has(name) ? going.filter(({ column }) => column === 'controller') : [];
  for (const { words } of kept) {
    builder.refuse(
      `${name}: ${words} stays: with the last controller Open vSwitch removes every flow of the bridge, others' too, ` +
        `and they can't be put back from here; "--drop-controller" takes it`,
    );
  }
  for (const child of going) {
    if (kept.includes(child)) continue;
    if (child.column === 'ports') planned.add(child.uuid);
    mutations.push([child.column, 'delete', child.removal]);
    builder.change({ text: `${name}: remove ${child.words}`, source: undefined, name });
  }
  const losesLast = children.some(({ column, ours }) => column === 'controller' && ours) && kept.length === 0;
  if (losesLast && children.every(({ column, ours }) => column !== 'controller' || ours))
    builder.plan.flushes.push({ bridge: name, source: '', why: 'it loses its last controller' });
  if (owned) {
    const why = others.length > 0 ? others.map(({ words }) => words).join(', ') : 'flows of others';
    builder.change({ text: `${name}: hand over, it stays for ${why}`, source: undefined, name });
    mutations.push(...unmark(row));
  }
  if (mutations.length > 0) builder.operation({ op: 'mutate', table: 'Bridge', where: uuidIs(row._uuid), mutations });
  // The bridge's own port stays with it.
  for (const { uuid } of children.filter(({ ours, isLocal }) => ours && isLocal)) {
    planned.add(uuid);
    const port = index.snapshot.Port.get(uuid);
    if (port === undefined) continue;
    for (const operation of unmarkPort(port, index.snapshot, owner)) builder.operation(operation);
  }
  return false;
}

interface Child {
  column: string;
  uuid: string;
  ours: boolean;
  /** The port of the bridge's own name. */
  isLocal: boolean;
  words: string;
  /** What a mutation deletes from the column. */
  removal: ReturnType<typeof removal>;
}

/** All rows that are there for the bridge alone. */
function childrenOf(snapshot: Snapshot<ManagedTables>, owner: string, row: ManagedBridge): Child[] {
  return referencesOf('Bridge').flatMap(({ name: column, type }) => {
    const table = refTableOf(type);
    if (table === undefined || isWeak(type)) return [];
    const rows = snapshot[table] as ReadonlyMap<string, AnyRow> | undefined;
    return referred(type, (row as AnyRow)[column]).map((each): Child => {
      const child = rows?.get(each.uuid);
      const name = String(child?.name ?? child?.target ?? '');
      return {
        column,
        uuid: each.uuid,
        // A row of a table without external_ids is whose the bridge is.
        ours: child?.external_ids === undefined ? isOwned(row, owner) : isMarked(child, owner),
        isLocal: column === 'ports' && name === row.name,
        words: `${table === 'sFlow' || table === 'IPFIX' ? table : table.toLowerCase()} ${name}`.trimEnd(),
        removal: removal(type, [each]),
      };
    });
  });
}

function unmark(row: AnyRow): Mutation[] {
  return [['external_ids', 'delete', encodeSet('string', marksOf(row))]];
}

function unmarkPort(port: AnyRow, snapshot: Snapshot<ManagedTables>, owner: string): Operation[] {
  const mutate = (table: string, row: AnyRow): Operation => ({
    op: 'mutate',
    table,
    where: uuidIs(String(row._uuid)),
    mutations: unmark(row),
  });
  const interfaces = (port.interfaces as readonly string[]).flatMap((uuid) => {
    const face = snapshot.Interface.get(uuid);
    return face !== undefined && isMarked(face, owner) ? [mutate('Interface', face)] : [];
  });
  return [mutate('Port', port), ...interfaces];
}

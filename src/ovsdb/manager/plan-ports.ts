/** The part of a plan that concerns the ports of one bridge: which there are, whose they are. */

import { type Mutation, type UuidReference, uuidIs } from '../../../proto/ovsdb/index.ts';
import { encodeSet } from '../../../proto/ovsdb/set.ts';
import type { DesiredBridge } from './desired.ts';
import type { DesiredRow } from './desired-row.ts';
import type { ManagedBridge, ManagedPort } from './managed-tables.ts';
import { isOwned, ownerWords } from './ownership.ts';
import { differingColumns } from './plan-columns.ts';
import type { PlanContext } from './plan-context.ts';
import { changeRow, insertRow } from './plan-row.ts';

export interface PlannedPorts {
  /** Rows to be added to the bridge. */
  added: UuidReference[];
  /** Names of the ports that were looked at; the others are settled. */
  looked: ReadonlySet<string>;
}

/** Gives the rows to be added; those that are there are changed as needed. */
export function planPorts(
  context: PlanContext,
  bridge: DesiredBridge,
  existing: ManagedBridge | undefined,
): PlannedPorts {
  const { index, memory } = context;
  const ports = existing === undefined ? bridge.ports : memory.unsettled(index.snapshot, existing, bridge.ports);
  const added: UuidReference[] = [];
  const looked = new Set<string>();
  if (ports.length === 0) return { added, looked };
  const here = onBridge(existing, ports.length);
  for (const port of ports) {
    looked.add(port.key);
    const found = index.portNamed(port.key);
    if (!hasType(context, bridge, port)) continue;
    if (existing !== undefined && found !== undefined && here(found._uuid)) {
      changePort(context, bridge, existing, port, found);
    } else {
      const row = addPort(context, bridge, port, found, existing === undefined);
      if (row === undefined) continue;
      added.push(row);
      context.ports.set(port.key, row);
    }
  }
  return { added, looked };
}

/** A set is worth making for many questions only. */
function onBridge(existing: ManagedBridge | undefined, questions: number): (port: string) => boolean {
  const uuids = existing?.ports ?? [];
  if (questions < 8) return (port) => uuids.includes(port);
  const set = new Set(uuids);
  return (port) => set.has(port);
}

function hasType(
  { index: { interfaceTypes }, builder }: PlanContext,
  bridge: DesiredBridge,
  port: DesiredRow,
): boolean {
  const type = String(port.children.interfaces?.[0]?.columns.type ?? '');
  if (type === '' || interfaceTypes.length === 0 || interfaceTypes.includes(type)) return true;
  builder.refuse(
    `${bridge.name}: Open vSwitch there has no interface type ${type}, so port ${port.key} is left out (${port.source}); ` +
      `it has ${interfaceTypes.join(', ')}`,
  );
  return false;
}

/** Ports of ours that are no longer wanted go, and only they. */
export function changePortSet(
  context: PlanContext,
  bridge: DesiredBridge,
  row: ManagedBridge,
  { added, looked }: PlannedPorts,
): void {
  const { builder, index, owner, memory, planned } = context;
  const settled = memory.settled(row);
  const gone: ManagedPort[] = [];
  for (const uuid of row.ports) {
    if (settled.has(uuid)) continue;
    const port = index.snapshot.Port.get(uuid);
    if (port !== undefined && !looked.has(port.name) && isOwned(port, owner)) gone.push(port);
  }
  // By name, so that the same differences always make the same plan.
  gone.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const port of gone) {
    planned.add(port._uuid);
    const text = `${bridge.name}: remove port ${port.name}, no longer in the file`;
    builder.change({ text, source: undefined, name: port.name });
  }
  const mutations: Mutation[] = [];
  const removed = gone.map(({ _uuid }) => _uuid);
  if (removed.length > 0) mutations.push(['ports', 'delete', encodeSet('uuid', removed)]);
  if (added.length > 0) mutations.push(['ports', 'insert', encodeSet('uuid', [...added])]);
  if (mutations.length > 0) builder.operation({ op: 'mutate', table: 'Bridge', where: uuidIs(row._uuid), mutations });
}

/** A port that stands on its bridge. */
function changePort(
  context: PlanContext,
  bridge: DesiredBridge,
  existing: ManagedBridge,
  port: DesiredRow,
  found: ManagedPort,
): void {
  const { index, memory, owner, builder } = context;
  if (!isOwned(found, owner) && !bridge.adopt) {
    // The bridge's own port comes with it, and fits as it is.
    if (port.key !== bridge.name) holdForeign(context, bridge, port, found);
    return;
  }
  const names = found.interfaces.map((uuid) => index.snapshot.Interface.get(uuid)?.name);
  for (const { key } of port.children.interfaces ?? []) {
    if (!names.includes(key) && refuseHeld(context, bridge, port, key)) return;
  }
  const { operations, refused } = builder.plan;
  const before = operations.length + refused.length;
  changeRow(context, port, found, bridge.adopt);
  if (operations.length + refused.length === before) memory.settle(index.snapshot, existing, port, found);
}

/** The new port's row, or nothing where it cannot be had. `isNew`: the bridge is. */
function addPort(
  context: PlanContext,
  bridge: DesiredBridge,
  port: DesiredRow,
  found: ManagedPort | undefined,
  isNew: boolean,
): UuidReference | undefined {
  const { builder, index, owner } = context;
  const { key: name, source } = port;
  if ((port.children.interfaces ?? []).some(({ key }) => refuseHeld(context, bridge, port, key))) return undefined;
  // That a new bridge has a port of its own name goes without saying.
  const told = port.own || !isNew;
  if (found === undefined) return insertRow(context, port, told);
  const place = index.bridgeOf(found)?.name;
  if (!isOwned(found, owner)) {
    builder.refuse(
      `${bridge.name}: port ${name} is on bridge ${place ?? '?'} and is ${ownerWords(found, owner)} (${source}); ` +
        `take it off there (ovs-vsctl del-port ${name})`,
    );
    return undefined;
  }
  // Ours, on another bridge: it goes there in this same transaction, unless that bridge is left as it is.
  if (place !== undefined && !index.left.has(place)) return insertRow(context, port, told);
  builder.refuse(`${bridge.name}: port ${name} is on bridge ${place ?? '?'}, which is left as it is (${source})`);
  return undefined;
}

/** Whether an interface is part of somebody else's port, or of one of ours that stays where it is. */
function refuseHeld(
  { builder, index, owner }: PlanContext,
  bridge: DesiredBridge,
  port: DesiredRow,
  key: string,
): boolean {
  const holder = index.holderOf(key);
  if (holder === undefined || holder.name === port.key) return false;
  const what = `${bridge.name}: ${key} is an interface of port ${holder.name}`;
  if (!isOwned(holder, owner)) {
    builder.refuse(`${what}, which is ${ownerWords(holder, owner)} (${port.source}); take it out there`);
    return true;
  }
  const place = index.bridgeOf(holder)?.name ?? '?';
  if (!index.left.has(place)) return false;
  builder.refuse(`${what} on bridge ${place}, which is left as it is (${port.source})`);
  return true;
}

/** Another's port on a bridge of ours is used where it fits. */
function holdForeign(
  { builder, index, owner }: PlanContext,
  bridge: DesiredBridge,
  port: DesiredRow,
  row: ManagedPort,
): void {
  const words = differingColumns(port, row, true).words;
  for (const wanted of port.children.interfaces ?? []) {
    const found = row.interfaces
      .map((uuid) => index.snapshot.Interface.get(uuid))
      .find((each) => each?.name === wanted.key);
    if (found === undefined) words.push(`add interface ${wanted.key}`);
    else words.push(...differingColumns(wanted, found, true).words);
  }
  if (words.length === 0) return;
  builder.refuse(
    `${bridge.name}: port ${port.key} is ${ownerWords(row, owner)}, and the file would ${words.join(', ')} (${port.source}); ` +
      `remove it (ovs-vsctl del-port ${port.key}) and Flowloom makes it, or write \`adopt: true\` at the bridge`,
  );
}

/** The part of a plan that concerns the ports of one bridge: which there are, whose they are. */
import { type BridgeRow, type Mutation, type UuidReference, uuidIs } from '../../proto/ovsdb/index.ts';
import { encodeSet } from '../../proto/ovsdb/set.ts';
import type { DesiredBridge } from './desired.ts';
import type { DesiredRow } from './desired-row.ts';
import { isOwned, ownerWords } from './ownership.ts';
import { differingColumns } from './plan-columns.ts';
import type { PlanContext } from './plan-context.ts';
import { changeRow, insertRow } from './plan-row.ts';
import type { IndexedPort } from './snapshot-index.ts';

/** Gives the rows to be added; those that are there are changed as needed. */
export function planPorts(
  context: PlanContext,
  bridge: DesiredBridge,
  existing: BridgeRow | undefined,
): UuidReference[] {
  const iface = context.index.interfaceTypes;
  return bridge.ports.flatMap((port) => {
    const type = String(port.children.interfaces?.[0]?.columns.type ?? '');
    if (type !== '' && iface.length > 0 && !iface.includes(type)) {
      context.builder.refuse(
        `${bridge.name}: Open vSwitch there has no interface type ${type}, so port ${port.key} is left out (${port.source}); it has ${iface.join(', ')}`,
      );
      return [];
    }
    const added = planPort(context, bridge, existing, port);
    const reference = added[0] ?? context.index.ports.get(port.key)?.uuid;
    if (reference !== undefined) context.ports.set(port.key, reference);
    return added;
  });
}

/** Ports of ours that are no longer wanted go, and only they. */
export function changePortSet(
  context: PlanContext,
  bridge: DesiredBridge,
  row: BridgeRow,
  added: readonly UuidReference[],
): void {
  const { builder, index, owner } = context;
  const wanted = new Set(bridge.ports.map((port) => port.key));
  // By name, so that the same differences always make the same plan.
  const gone = row.ports
    .map((item) => ({ item, port: index.snapshot.Port.get(item) }))
    .filter(({ port }) => isOwned(port, owner) && !wanted.has(port?.name ?? ''))
    .sort((a, b) => ((a.port?.name ?? '') < (b.port?.name ?? '') ? -1 : 1));
  for (const { item, port } of gone) {
    const text = `${bridge.name}: remove port ${port?.name}, no longer in the file`;
    builder.change({ text, source: undefined, name: port?.name ?? item });
  }
  const mutations: Mutation[] = [];
  const removed = gone.map(({ item }) => item);
  if (removed.length > 0) mutations.push(['ports', 'delete', encodeSet('uuid', removed)]);
  if (added.length > 0) mutations.push(['ports', 'insert', encodeSet('uuid', [...added])]);
  if (mutations.length > 0) builder.operation({ op: 'mutate', table: 'Bridge', where: uuidIs(row._uuid), mutations });
}

/** The new port's row, or nothing where the port is there already or cannot be had. */
function planPort(
  context: PlanContext,
  bridge: DesiredBridge,
  existing: BridgeRow | undefined,
  port: DesiredRow,
): UuidReference[] {
  const { builder, index, owner } = context;
  const { key: name, source } = port;
  const refuse = (text: string) => {
    builder.refuse(`${bridge.name}: ${text}`);
    return [];
  };
  for (const { key } of port.children.interfaces ?? []) {
    const holder = index.portOfInterface.get(key);
    if (holder === undefined || holder === name) continue;
    const row = index.ports.get(holder)?.row;
    if (row === undefined || isOwned(row, owner)) continue;
    return refuse(
      `${key} is an interface of port ${holder}, which is ${ownerWords(row)} (${source}); take it out there`,
    );
  }
  const found = index.ports.get(name);
  if (found === undefined) return [insertRow(context, port, port.own)];
  if (existing !== undefined && found.bridge?.uuid === existing._uuid) {
    // The bridge's own port comes with it, and fits as it is.
    if (isOwned(found.row, owner) || bridge.adopt) changeRow(context, port, found.row, bridge.adopt);
    else if (name !== bridge.name) holdForeign(context, bridge, port, found);
    return [];
  }
  const place = found.bridge?.row.name ?? '?';
  if (!isOwned(found.row, owner)) {
    return refuse(
      `port ${name} is on bridge ${place} and is ${ownerWords(found.row)} (${source}); take it off there (ovs-vsctl del-port ${name})`,
    );
  }
  // Ours, on another bridge: it goes there in this same transaction, unless that bridge is left as it is.
  if (found.bridge !== undefined && !index.left.has(place)) return [insertRow(context, port, port.own)];
  return refuse(`port ${name} is on bridge ${place}, which is left as it is (${source})`);
}

/** Another's port on a bridge of ours is used where it fits. */
function holdForeign(
  { builder, index }: PlanContext,
  bridge: DesiredBridge,
  port: DesiredRow,
  { row }: IndexedPort,
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
    `${bridge.name}: port ${port.key} is ${ownerWords(row)}, and the file would ${words.join(', ')} (${port.source}); ` +
      `remove it (ovs-vsctl del-port ${port.key}) and Flowloom makes it, or write \`adopt: true\` at the bridge`,
  );
}

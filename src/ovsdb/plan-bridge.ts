/** The part of a plan that concerns one bridge: its settings, its controller, which ports it has. */
import {
  type BridgeRow,
  encodeRow,
  encodeUuid,
  type Mutation,
  type NamedUuid,
  type UuidReference,
  uuidIs,
  vswitch,
} from '../../proto/ovsdb/index.ts';
import { encodeSet } from '../../proto/ovsdb/set.ts';
import type { DesiredBridge, DesiredPort } from './desired.ts';
import { isOwned, ownerIds } from './ownership.ts';
import { mapMutations, type Origin, type PlanBuilder, was } from './plan-builder.ts';
import { changePort, portRows } from './plan-port.ts';
import type { SnapshotIndex } from './snapshot-index.ts';

const { tables } = vswitch;

/** Counts the names of rows to be inserted. */
export type NameRow = () => NamedUuid;

export function createBridge(
  builder: PlanBuilder,
  index: SnapshotIndex,
  bridge: DesiredBridge,
  name: NameRow,
): UuidReference {
  const { controller } = bridge;
  const settings = [bridge.datapathType, bridge.failMode, ...(controller === undefined ? [] : [controller.target])];
  const origin: Origin = {
    text: `${bridge.name}: create bridge (${settings.join(', ')})`,
    source: bridge.source,
    name: bridge.name,
  };
  builder.change(origin);
  const ports = bridge.ports.flatMap((port) => addPort(builder, index, bridge, undefined, port, name));
  const controllers = controller === undefined ? [] : [insertController(builder, controller, origin, name())];
  const row = name();
  builder.operation(
    {
      op: 'insert',
      table: 'Bridge',
      row: encodeRow(tables.Bridge, {
        name: bridge.name,
        datapath_type: bridge.datapathType,
        fail_mode: bridge.failMode,
        protocols: bridge.protocol === undefined ? [] : [bridge.protocol],
        other_config: bridge.otherConfig,
        external_ids: ownerIds,
        controller: controllers,
        ports,
      }),
      'uuid-name': row.named,
    },
    origin,
  );
  return row;
}

export function changeBridge(
  builder: PlanBuilder,
  index: SnapshotIndex,
  uuid: string,
  row: BridgeRow,
  bridge: DesiredBridge,
  name: NameRow,
): void {
  const tell = (text: string): Origin => ({
    text: `${bridge.name}: ${text}`,
    source: bridge.source,
    name: bridge.name,
  });
  const where = uuidIs(uuid);
  // The empty type is Open vSwitch's way to say "system".
  const datapathType = row.datapath_type === '' ? 'system' : row.datapath_type;
  if (datapathType !== bridge.datapathType) {
    builder.change(tell(`set datapath_type ${bridge.datapathType}, was ${datapathType}`), {
      op: 'update',
      table: 'Bridge',
      where,
      row: encodeRow(tables.Bridge, { datapath_type: bridge.datapathType }),
    });
  }
  if (row.fail_mode !== bridge.failMode) {
    builder.change(tell(`set fail_mode ${bridge.failMode}${was(row.fail_mode)}`), {
      op: 'update',
      table: 'Bridge',
      where,
      row: encodeRow(tables.Bridge, { fail_mode: bridge.failMode }),
    });
  }
  if (bridge.protocol !== undefined && !row.protocols.includes(bridge.protocol)) {
    const mutations: Mutation[] = [['protocols', 'insert', encodeSet('string', [bridge.protocol])]];
    builder.change(tell(`enable ${bridge.protocol}`), { op: 'mutate', table: 'Bridge', where, mutations });
  }
  const config = mapMutations('other_config', row.other_config, bridge.otherConfig);
  if (config.mutations.length > 0) {
    builder.change(tell(config.words.join(', ')), {
      op: 'mutate',
      table: 'Bridge',
      where,
      mutations: config.mutations,
    });
  }
  changeController(builder, index, uuid, row, bridge, tell, name);
  changePorts(builder, index, uuid, row, bridge, name);
}

function changeController(
  builder: PlanBuilder,
  index: SnapshotIndex,
  uuid: string,
  row: BridgeRow,
  bridge: DesiredBridge,
  tell: (text: string) => Origin,
  name: NameRow,
): void {
  const [kept, ...extra] = row.controller.filter((item) => isOwned(index.snapshot.Controller.get(item)));
  const { controller } = bridge;
  const gone = controller === undefined && kept !== undefined ? [kept, ...extra] : extra;
  if (gone.length > 0) {
    const mutations: Mutation[] = [['controller', 'delete', encodeSet('uuid', gone)]];
    builder.change(tell('remove controller'), { op: 'mutate', table: 'Bridge', where: uuidIs(uuid), mutations });
  }
  if (controller === undefined) return;
  if (kept === undefined) {
    const origin = tell(`set controller ${controller.target}`);
    builder.change(origin);
    const reference = insertController(builder, controller, origin, name());
    const mutations: Mutation[] = [['controller', 'insert', encodeUuid(reference)]];
    builder.operation({ op: 'mutate', table: 'Bridge', where: uuidIs(uuid), mutations }, origin);
    return;
  }
  const actual = index.snapshot.Controller.get(kept);
  if (actual?.target === controller.target && actual.connection_mode === controller.connectionMode) return;
  builder.change(
    tell(`set controller ${controller.target}${actual?.target === controller.target ? '' : was(actual?.target)}`),
    {
      op: 'update',
      table: 'Controller',
      where: uuidIs(kept),
      row: encodeRow(tables.Controller, { target: controller.target, connection_mode: controller.connectionMode }),
    },
  );
}

function insertController(
  builder: PlanBuilder,
  controller: NonNullable<DesiredBridge['controller']>,
  origin: Origin,
  name: NamedUuid,
): NamedUuid {
  const { target, connectionMode } = controller;
  const row = encodeRow(tables.Controller, { target, connection_mode: connectionMode, external_ids: ownerIds });
  builder.operation({ op: 'insert', table: 'Controller', row, 'uuid-name': name.named }, origin);
  return name;
}

function changePorts(
  builder: PlanBuilder,
  index: SnapshotIndex,
  uuid: string,
  row: BridgeRow,
  bridge: DesiredBridge,
  name: NameRow,
): void {
  const wanted = new Set(bridge.ports.map((port) => port.name));
  const added: UuidReference[] = [];
  const removed: string[] = [];
  for (const port of bridge.ports) added.push(...addPort(builder, index, bridge, uuid, port, name));
  // By name, so that the same differences always make the same plan.
  const gone = row.ports
    .map((item) => ({ item, port: index.snapshot.Port.get(item) }))
    .filter(({ port }) => isOwned(port) && !wanted.has(port?.name ?? ''))
    .sort((a, b) => ((a.port?.name ?? '') < (b.port?.name ?? '') ? -1 : 1));
  for (const { item, port } of gone) {
    removed.push(item);
    const text = `${bridge.name}: remove port ${port?.name}, no longer in the file`;
    builder.change({ text, source: undefined, name: port?.name ?? item });
  }
  const mutations: Mutation[] = [];
  if (removed.length > 0) mutations.push(['ports', 'delete', encodeSet('uuid', removed)]);
  if (added.length > 0) mutations.push(['ports', 'insert', encodeSet('uuid', added)]);
  if (mutations.length > 0) builder.operation({ op: 'mutate', table: 'Bridge', where: uuidIs(uuid), mutations });
}

/** Gives the new port's row, or nothing where the port is there already (then changed as needed) or cannot be had. */
function addPort(
  builder: PlanBuilder,
  index: SnapshotIndex,
  bridge: DesiredBridge,
  bridgeUuid: string | undefined,
  port: DesiredPort,
  name: NameRow,
): UuidReference[] {
  const existing = index.ports.get(port.name);
  if (existing === undefined) {
    const holder = index.portOfInterface.get(port.name);
    if (holder !== undefined && !isOwned(index.ports.get(holder)?.row)) {
      builder.refuse(
        `${bridge.name}: ${port.name} is an interface of port ${holder}, which is not Flowloom's (${port.source}); take it out there`,
      );
      return [];
    }
    return [portRows(builder, bridge, port, name)];
  }
  if (existing.bridge?.uuid === bridgeUuid && bridgeUuid !== undefined) {
    changePort(builder, index, bridge, existing, port);
    return [];
  }
  if (!isOwned(existing.row)) {
    builder.refuse(
      `${bridge.name}: port ${port.name} is on bridge ${existing.bridge?.row.name ?? '?'} and is not Flowloom's (${port.source}); ` +
        `take it off there (ovs-vsctl del-port ${port.name})`,
    );
    return [];
  }
  // Ours, on another bridge: it goes there in this same transaction, unless that bridge is left as it is.
  if (existing.bridge !== undefined && !index.left.has(existing.bridge.row.name))
    return [portRows(builder, bridge, port, name)];
  builder.refuse(
    `${bridge.name}: port ${port.name} is on bridge ${existing.bridge?.row.name ?? '?'}, which is left as it is (${port.source})`,
  );
  return [];
}

/** The part of a plan that concerns one port and its interface. */
import {
  encodeRow,
  type NamedUuid,
  type RowInput,
  uuidIs,
  type VswitchTables,
  vswitch,
} from '../../proto/ovsdb/index.ts';
import { sameSet } from '../../proto/ovsdb/set.ts';
import type { DesiredBridge, DesiredPort } from './desired.ts';
import { isOwned, ownerIds } from './ownership.ts';
import { mapMutations, type Origin, type PlanBuilder, was } from './plan-builder.ts';
import type { IndexedPort, SnapshotIndex } from './snapshot-index.ts';

const { tables } = vswitch;

/** Adds the rows of a new port; gives the port's. */
export function portRows(
  builder: PlanBuilder,
  bridge: DesiredBridge,
  port: DesiredPort,
  name: () => NamedUuid,
): NamedUuid {
  const kind = port.type === '' ? '' : `${port.type} `;
  const origin: Origin = {
    text: `${bridge.name}: add ${kind}port ${port.name}${vlanWords(port)}`,
    source: port.source,
    name: port.name,
  };
  // The bridge's own port is part of making the bridge.
  if (port.name !== bridge.name) builder.change(origin);
  const interfaceName = name();
  const portName = name();
  builder.operation(
    {
      op: 'insert',
      table: 'Interface',
      row: encodeRow(tables.Interface, {
        name: port.name,
        type: port.type,
        options: port.options,
        external_ids: ownerIds,
        ...(port.mac === undefined ? {} : { mac: port.mac }),
      }),
      'uuid-name': interfaceName.named,
    },
    origin,
  );
  builder.operation(
    {
      op: 'insert',
      table: 'Port',
      row: encodeRow(tables.Port, {
        name: port.name,
        interfaces: [interfaceName],
        external_ids: ownerIds,
        ...vlanColumns(port),
      }),
      'uuid-name': portName.named,
    },
    origin,
  );
  return portName;
}

/** A port that stands on its bridge: ours is made as it should be, another's is used as it is. */
export function changePort(
  builder: PlanBuilder,
  index: SnapshotIndex,
  bridge: DesiredBridge,
  { uuid, row }: IndexedPort,
  port: DesiredPort,
): void {
  const tell = (text: string): Origin => ({
    text: `${bridge.name}/${port.name}: ${text}`,
    source: port.source,
    name: port.name,
  });
  const sameVlan =
    row.vlan_mode === port.vlan.mode && row.tag === port.vlan.tag && sameSet(row.trunks, port.vlan.trunks);
  const face = index.interfaces.get(port.name);
  // "system" and the empty type are the same.
  const type = face?.row.type === 'system' ? '' : face?.row.type;
  if (!isOwned(row)) {
    const differs = [
      ...(type === port.type ? [] : [`its type is ${type || 'system'}`]),
      ...(sameVlan ? [] : ['its VLAN settings differ']),
    ];
    // The local port of a bridge that was handed over is there already and fits as it is.
    if (differs.length > 0 && port.name !== bridge.name) {
      builder.refuse(
        `${bridge.name}: port ${port.name} is not Flowloom's and ${differs.join(' and ')} (${port.source}); ` +
          `remove it (ovs-vsctl del-port ${port.name}) and Flowloom makes it`,
      );
    }
    return;
  }
  if (!sameVlan) {
    builder.change(tell(`set VLAN${vlanWords(port) || ' none'}`), {
      op: 'update',
      table: 'Port',
      where: uuidIs(uuid),
      row: encodeRow(tables.Port, { vlan_mode: port.vlan.mode, tag: port.vlan.tag, trunks: port.vlan.trunks }),
    });
  }
  if (face === undefined) {
    builder.refuse(
      `${bridge.name}: port ${port.name} has no interface of that name (${port.source}); remove it (ovs-vsctl del-port ${port.name}) and Flowloom makes it anew`,
    );
    return;
  }
  const columns: {
    -readonly [C in keyof RowInput<VswitchTables['Interface']>]: RowInput<VswitchTables['Interface']>[C];
  } = {};
  const words: string[] = [];
  if (type !== port.type) {
    columns.type = port.type;
    words.push(`set type ${port.type || 'system'}, was ${type || 'system'}`);
  }
  if (face.row.mac !== port.mac) {
    columns.mac = port.mac;
    words.push(port.mac === undefined ? 'remove the MAC' : `set MAC ${port.mac}${was(face.row.mac)}`);
  }
  if (words.length > 0) {
    const change = encodeRow(tables.Interface, columns);
    builder.change(tell(words.join(', ')), { op: 'update', table: 'Interface', where: uuidIs(face.uuid), row: change });
  }
  const options = mapMutations('options', face.row.options, port.options);
  if (options.mutations.length > 0) {
    builder.change(tell(options.words.join(', ')), {
      op: 'mutate',
      table: 'Interface',
      where: uuidIs(face.uuid),
      mutations: options.mutations,
    });
  }
}

function vlanColumns({ vlan }: DesiredPort): RowInput<VswitchTables['Port']> {
  return {
    ...(vlan.mode === undefined ? {} : { vlan_mode: vlan.mode }),
    ...(vlan.tag === undefined ? {} : { tag: vlan.tag }),
    ...(vlan.trunks.length === 0 ? {} : { trunks: vlan.trunks }),
  };
}

function vlanWords({ vlan }: DesiredPort): string {
  if (vlan.mode === undefined) return '';
  const tag = vlan.tag === undefined ? '' : ` ${vlan.tag}`;
  return ` ${vlan.mode}${tag}${vlan.trunks.length === 0 ? '' : ` [${vlan.trunks.join(', ')}]`}`;
}

/** The Port row of a port of the file, with the rows of its interfaces. Pure. */
import type { Bridge, Config, Port } from '../../config/model.ts';
import { segmentsOf } from '../../config/port-segments.ts';
import type { DesiredOptions } from './desired.ts';
import type { KeptRow } from './desired-memory.ts';
import { type Columns, type DesiredRow, desiredRow, splitColumns } from './desired-row.ts';
import { ownerIds } from './ownership.ts';

/** Types whose devices Open vSwitch makes itself, so that their MTU is ours to set. */
const MADE_HERE: readonly string[] = ['internal', 'tap'];

export function desiredPort(
  config: Config,
  bridge: Bridge,
  port: Port,
  options: DesiredOptions,
  kept?: WeakMap<Port, KeptRow>,
): DesiredRow {
  const local = port.name === bridge.name;
  const type = local && port.type === '' ? 'internal' : port.type;
  const mtu = mtuRequest(config, bridge, port, type, options);
  const known = kept?.get(port);
  if (known !== undefined && known.mtu === mtu) return known.row;
  const row = portRow(config, bridge, port, type, mtu);
  kept?.set(port, { mtu, row });
  return row;
}

function portRow(config: Config, bridge: Bridge, port: Port, type: string, mtu: KeptRow['mtu']): DesiredRow {
  const { name, source } = port;
  const label = `${bridge.name}/${name}`;
  const local = name === bridge.name;
  const { columns, children } = splitColumns(config.owner, label, port.columns);
  // What NORMAL heeds; a bridge with flows has its VLANs in the flows and nothing here.
  const vlan = bridge.forwarding === 'flows' ? {} : vlanColumns(config, port);
  const device = splitColumns(config.owner, label, port.interfaceColumns);
  const interfaces = (port.bond ?? [name]).map((each) =>
    desiredRow({
      table: 'Interface',
      key: each,
      label,
      source,
      announce: `${label}: add interface ${each}`,
      columns: {
        ...device.columns,
        name: each,
        type,
        options: new Map(Object.entries(port.options)),
        // A bridge's own port has its MAC from other_config:hwaddr; Open vSwitch ignores Interface.mac there.
        ...(type === 'internal' && !local && port.macs[0] !== undefined ? { mac: port.macs[0] } : {}),
        ...(typeof mtu === 'number' ? { mtu_request: mtu } : {}),
        external_ids: ownerIds(config.owner, device.columns.external_ids),
      },
      children: device.children,
      leave: mtu === 'as it is' ? ['mtu_request'] : [],
    }),
  );
  const kind = port.bond === undefined ? type : 'bond';
  return desiredRow({
    table: 'Port',
    key: name,
    label,
    source,
    announce: `${bridge.name}: add ${kind === '' ? '' : `${kind} `}port ${name}${vlanWords(vlan)}`,
    own: !local,
    columns: { ...columns, ...vlan, name, external_ids: ownerIds(config.owner, columns.external_ids) },
    children: { ...children, interfaces },
  });
}

/** Every bridge has a port of its own name, the host's way into it. */
export function desiredLocalPort(config: Config, { name, source }: Bridge): DesiredRow {
  const external_ids = ownerIds(config.owner);
  const row = { key: name, label: `${name}/${name}`, source, announce: `${name}: add port ${name}` };
  const device = desiredRow({ ...row, table: 'Interface', columns: { name, type: 'internal', external_ids } });
  return desiredRow({ ...row, table: 'Port', columns: { name, external_ids }, children: { interfaces: [device] } });
}

/** What the file says, else what the port's segments carry where they travel in tunnels. */
function mtuRequest(
  config: Config,
  bridge: Bridge,
  port: Port,
  type: string,
  { segmentMtu }: DesiredOptions,
): KeptRow['mtu'] {
  if (port.mtu !== undefined) return port.mtu;
  if (port.vlans === undefined || bridge.forwarding !== 'flows' || !MADE_HERE.includes(type)) return undefined;
  const overlaid = segmentsOf(port).filter(
    (name) => config.segments.find((each) => each.name === name)?.overlay !== undefined,
  );
  const mtus = overlaid.map((name) => segmentMtu?.(name));
  if (mtus.some((mtu) => mtu === undefined)) return 'as it is';
  const limits = mtus.filter((mtu) => typeof mtu === 'number');
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function vlanColumns(config: Config, { vlans }: Port): Columns {
  if (vlans === undefined) return {};
  const numberOf = (name: string | undefined) => config.segments.find((segment) => segment.name === name)?.vlan;
  if (vlans.mode !== 'trunk') {
    const tag = numberOf(vlans.segment);
    return tag === undefined ? {} : { vlan_mode: vlans.mode, tag };
  }
  const trunks = vlans.segments.map(numberOf).filter((tag) => tag !== undefined);
  const tag = numberOf(vlans.native);
  const mode = tag === undefined ? 'trunk' : vlans.nativeTagged ? 'native-tagged' : 'native-untagged';
  return { vlan_mode: mode, ...(tag === undefined ? {} : { tag }), ...(trunks.length === 0 ? {} : { trunks }) };
}

function vlanWords({ vlan_mode, tag, trunks }: Columns): string {
  if (vlan_mode === undefined) return '';
  const list = Array.isArray(trunks) ? ` [${trunks.join(', ')}]` : '';
  return ` ${String(vlan_mode)}${tag === undefined ? '' : ` ${String(tag)}`}${list}`;
}

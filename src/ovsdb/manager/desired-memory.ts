/** Keeps the rows made from a port of the file for as long as the port, and all that it is read with, stay the same. */
import type { Bridge, Config, Port } from '../../config/model.ts';
import type { DesiredRow } from './desired-row.ts';

export interface DesiredMemory {
  /** What was made of a bridge's ports, under this owner, these segments and this kind of forwarding. */
  rowsOf(config: Config, bridge: Bridge): WeakMap<Port, KeptRow>;
}

export interface KeptRow {
  mtu: number | 'as it is' | undefined;
  row: DesiredRow;
}

export function createDesiredMemory(): DesiredMemory {
  const bridges = new Map<string, { terms: string; rows: WeakMap<Port, KeptRow> }>();
  return {
    rowsOf({ owner, segments }, { name, forwarding }) {
      const terms = JSON.stringify([owner, forwarding, segments.map((segment) => [segment.name, segment.vlan])]);
      const known = bridges.get(name);
      if (known?.terms === terms) return known.rows;
      const rows = new WeakMap<Port, KeptRow>();
      bridges.set(name, { terms, rows });
      return rows;
    },
  };
}

/** The next file with the ports of the one before where they are the same, line and all. */
export function keepSamePorts(before: Config, next: Config): Config {
  const bridges = new Map(before.bridges.map((bridge) => [bridge.name, bridge]));
  return {
    ...next,
    bridges: next.bridges.map((bridge) => {
      const known = bridges.get(bridge.name)?.ports ?? [];
      let named: Map<string, Port> | undefined;
      const byName = () => {
        named ??= new Map(known.map((port) => [`${port.host}/${port.name}`, port]));
        return named;
      };
      const ports = bridge.ports.map((port, i) => {
        const same = known[i];
        const found = same?.name === port.name && same.host === port.host;
        const other = found ? same : byName().get(`${port.host}/${port.name}`);
        return other !== undefined && isSamePort(other, port) ? other : port;
      });
      return { ...bridge, ports };
    }),
  };
}

/** What is not compared must not be there: a new key of a port that nobody adds below does not compile. */
type Uncompared = Exclude<
  keyof Port,
  | 'host'
  | 'name'
  | 'source'
  | 'type'
  | 'mtu'
  | 'addresses'
  | 'macs'
  | 'serves'
  | 'zone'
  | 'vlans'
  | 'options'
  | 'bond'
  | 'select'
  | 'columns'
  | 'interfaceColumns'
>;

/** What differs most often first. */
function isSamePort(a: Port, b: Port): [Uncompared] extends [never] ? boolean : never {
  return (
    a.host === b.host &&
    a.name === b.name &&
    a.source === b.source &&
    a.type === b.type &&
    a.mtu === b.mtu &&
    a.zone === b.zone &&
    isSame(a.addresses, b.addresses) &&
    isSame(a.macs, b.macs) &&
    isSame(a.serves, b.serves) &&
    isSame(a.vlans, b.vlans) &&
    isSame(a.options, b.options) &&
    isSame(a.bond, b.bond) &&
    isSame(a.select, b.select) &&
    isSame(a.columns, b.columns) &&
    isSame(a.interfaceColumns, b.interfaceColumns)
  );
}

/** Plain data, with maps. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Map) return b instanceof Map && a.size === b.size && isSame([...a], [...b]);
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let count = 0;
  for (const key in left) {
    if (!isSame(left[key], right[key])) return false;
    count++;
  }
  for (const _ in right) count--;
  return count === 0;
}

/** Which ports of other programs the file's selectors stand for now, on one host. Pure. */
import type { Config, Port, PortSelector } from '../../config/model.ts';
import { isGlob, matchesGlob } from '../../text/glob.ts';
import type { InterfaceView } from './host-view.ts';

export interface HostSelection {
  /** For each selector of the host the ports that it stands for, by name. */
  ports: ReadonlyMap<Port, readonly Port[]>;
  /** What is selected and can't be bound, and what to do about it. */
  refused: string[];
  /** Selectors of one certain port that is not there. */
  waiting: string[];
}

export function selectPorts(config: Config, host: string, interfaces: readonly InterfaceView[]): HostSelection {
  const selection = { ports: new Map<Port, readonly Port[]>(), refused: [] as string[], waiting: [] as string[] };
  const listed = new Map<string, string>();
  const selectors: Selector[] = [];
  for (const { name: bridge, ports } of config.bridges) {
    for (const port of ports) {
      if (port.host !== host) continue;
      if (port.select === undefined) listed.set(port.name, port.source);
      else
        selectors.push({
          order: selectors.length,
          port,
          bridge,
          select: port.select,
          isExact: isExact(port.select),
          bound: [],
          why: undefined,
        });
    }
  }
  if (selectors.length === 0) return selection;

  const selectorsOf = indexSelectors(selectors);
  const contested = new Map<string, { names: string[]; by: Selector[] }>();
  for (const face of interfaces) {
    const found = selectorsOf(face);
    if (found.length === 0) continue;
    const free = found.filter((selector) => {
      const why = hindrance(face, selector.bridge, listed);
      if (why === undefined) selector.why = '';
      else selector.why ??= why;
      return why === undefined;
    });
    const exact = free.filter((selector) => selector.isExact);
    const nearest = exact.length > 0 ? exact : free;
    if (nearest.length === 1) nearest[0]?.bound.push(face.name);
    if (nearest.length < 2) continue;
    const by = nearest.toSorted((a, b) => a.order - b.order);
    const key = by.map(({ order }) => order).join();
    const others = contested.get(key);
    if (others === undefined) contested.set(key, { names: [face.name], by });
    else others.names.push(face.name);
  }

  for (const { names, by } of contested.values()) {
    selection.refused.push(
      `${by[0]?.bridge}: ${listNames(names)} selected by ${by.map(nameOf).join(' and ')}: in no segment until only one ` +
        'of them selects it; make one of them narrower',
    );
  }
  for (const selector of selectors) {
    const { port, bridge, bound } = selector;
    const guarded = port.addresses[0] ?? port.macs[0];
    if (guarded !== undefined && bound.length > 1) {
      selection.refused.push(
        `${bridge}: ${listNames(bound)} selected by ${nameOf(selector)}, which has ${guarded} for one port alone: in no ` +
          'segment until only one of them is there; select it by name, ifaceId or mac',
      );
      bound.length = 0;
    }
    selection.ports.set(
      port,
      bound.sort().map((name) => ({ ...port, name, select: undefined })),
    );
    if (!selector.isExact || selector.why === '') continue;
    const why = selector.why ?? `no port with ${describe(selector.select)} yet`;
    selection.waiting.push(`${bridge}/${port.name}: ${why} (${port.source})`);
  }
  return selection;
}

interface Selector {
  /** Its place in the file. */
  order: number;
  port: Port;
  bridge: string;
  select: PortSelector;
  isExact: boolean;
  /** Names of the interfaces that are its own. */
  bound: string[];
  /** Why it may not have what it matches; empty: it may have one of them; undefined: it matches none. */
  why: string | undefined;
}

/** Why a selector of a bridge may not have an interface; undefined: it may. */
function hindrance(face: InterfaceView, bridge: string, listed: ReadonlyMap<string, string>): string | undefined {
  const own = listed.get(face.name);
  if (own !== undefined) return `${face.name} is a port of the file (${own})`;
  if (face.name === face.bridge) return `${face.name} is the bridge's own port`;
  if (face.owned) return `${face.name} is Flowloom's own`;
  if (face.bridge !== bridge) return `${face.name} is on bridge ${face.bridge}`;
  return face.ofport === -1 ? `${face.name}: ${face.error ?? 'Open vSwitch could not open it'}` : undefined;
}

/** The file with the selected ports behind their selectors, which stay: they say which segments the bridge carries. */
export function withSelected(config: Config, chosen: ReadonlyMap<Port, readonly Port[]>): Config {
  return {
    ...config,
    bridges: config.bridges.map((bridge) => ({
      ...bridge,
      ports: bridge.ports.flatMap((port) => [port, ...(chosen.get(port) ?? [])]),
    })),
  };
}

/** The file as apps are given it, from what is known of each host's interfaces. */
export function resolvePorts(config: Config, interfaces: ReadonlyMap<string, readonly InterfaceView[]>): Config {
  const selections = Array.from(interfaces, ([host, faces]) => selectPorts(config, host, faces));
  return withSelected(config, new Map(selections.flatMap(({ ports }) => [...ports])));
}

export function isSelector(port: Port): boolean {
  return port.select !== undefined;
}

/** Whether it means one certain port; such a selector goes before patterns. */
function isExact({ name, mac, ifaceId, attachedMac, externalIds }: PortSelector): boolean {
  const one = mac ?? ifaceId ?? attachedMac;
  return one !== undefined || [name, ...Object.values(externalIds)].some((text) => text !== undefined && !isGlob(text));
}

export function selects(select: PortSelector, face: Pick<InterfaceView, 'name' | 'mac' | 'externalIds'>): boolean {
  const { externalIds } = face;
  const attached = externalIds.get('attached-mac')?.toLowerCase();
  return (
    (select.name === undefined || matchesGlob(select.name, face.name)) &&
    (select.mac === undefined || stationMacs(select.mac, attached !== undefined).includes(markedMac(face) ?? '')) &&
    (select.ifaceId === undefined || externalIds.get('iface-id') === select.ifaceId) &&
    (select.attachedMac === undefined || attached === select.attachedMac) &&
    Object.entries(select.externalIds).every(([key, pattern]) => {
      const value = externalIds.get(key);
      return value !== undefined && matchesGlob(pattern, value);
    })
  );
}

/** What the row says of the station's MAC: libvirt, OVN and others write it; else only the device's own is known. */
function markedMac({ mac, externalIds }: Pick<InterfaceView, 'mac' | 'externalIds'>): string | undefined {
  return (externalIds.get('attached-mac') ?? mac)?.toLowerCase();
}

/**
 * The MACs that a station's port may show. libvirt gives a guest's tap the guest's MAC with fe as its first byte, and fa
 * where the guest's is fe itself.
 */
function stationMacs(mac: string, isTold: boolean): string[] {
  return isTold ? [mac] : [mac, `${mac.startsWith('fe') ? 'fa' : 'fe'}${mac.slice(2)}`];
}

/**
 * Finds the selectors of an interface without trying each: by the first exact mark that they have. Thousands of ports and
 * selectors are looked at again whenever one of them changes.
 */
function indexSelectors(selectors: readonly Selector[]): (face: InterfaceView) => Selector[] {
  const byName = new Map<string, Selector[]>();
  const byMac = new Map<string, Selector[]>();
  const byId = new Map<string, Map<string, Selector[]>>();
  const rest: Selector[] = [];
  const add = (index: Map<string, Selector[]>, key: string, selector: Selector) => {
    const others = index.get(key);
    if (others === undefined) index.set(key, [selector]);
    else others.push(selector);
  };
  for (const selector of selectors) {
    const { name, mac, ifaceId, attachedMac, externalIds } = selector.select;
    const [key, value] = ifaceId === undefined ? (exactId(externalIds) ?? []) : ['iface-id', ifaceId];
    if (name !== undefined && !isGlob(name)) add(byName, name, selector);
    else if (key !== undefined && value !== undefined) {
      const values = byId.get(key) ?? new Map<string, Selector[]>();
      byId.set(key, values);
      add(values, value, selector);
    } else if (attachedMac !== undefined) add(byMac, attachedMac, selector);
    else if (mac !== undefined) for (const each of stationMacs(mac, false)) add(byMac, each, selector);
    else rest.push(selector);
  }
  return (face) => {
    const found = [...(byName.get(face.name) ?? []), ...rest];
    const mac = byMac.size === 0 ? undefined : markedMac(face);
    if (mac !== undefined) found.push(...(byMac.get(mac) ?? []));
    for (const [key, values] of byId) found.push(...(values.get(face.externalIds.get(key) ?? '') ?? []));
    return found.filter(({ select }) => selects(select, face));
  };
}

function exactId(externalIds: Readonly<Record<string, string>>): [key: string, value: string] | undefined {
  return Object.entries(externalIds).find(([, value]) => !isGlob(value));
}

function describe({ name, mac, ifaceId, attachedMac, externalIds }: PortSelector): string {
  const marks = { name, mac, 'iface-id': ifaceId, 'attached-mac': attachedMac, ...externalIds };
  const given = Object.entries(marks).filter(([, value]) => value !== undefined);
  return given.map(([mark, value]) => `${mark} ${value}`).join(', ');
}

const nameOf = ({ port: { host, name, source } }: Selector) => `${host}/${name} (${source})`;

const MOST_NAMES = 5;

function listNames(names: readonly string[]): string {
  const sorted = names.toSorted();
  if (sorted.length === 1) return `port ${sorted[0]} is`;
  const more = sorted.length > MOST_NAMES ? [`${sorted.length - MOST_NAMES} more`] : [];
  return `ports ${[...sorted.slice(0, MOST_NAMES), ...more].join(', ')} are`;
}

/** Which ports of other programs the file's selectors stand for now, on one host. Pure. */
import type { Config, Port, PortSelector } from '../config/model.ts';
import { isGlob, matchesGlob } from '../text/glob.ts';
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
  const bridges = config.bridges.filter(({ ports }) => ports.some((port) => port.host === host && isSelector(port)));
  if (bridges.length === 0) return selection;
  const index = indexByMarks(interfaces);
  const listed = new Map<string, string>();
  for (const { ports } of config.bridges) {
    for (const port of ports) if (port.host === host && !isSelector(port)) listed.set(port.name, port.source);
  }
  /** Why a selector may not have an interface; undefined: it may. */
  const hindrance = (face: InterfaceView, bridge: string): string | undefined => {
    const own = listed.get(face.name);
    if (own !== undefined) return `${face.name} is a port of the file (${own})`;
    if (face.name === face.bridge) return `${face.name} is the bridge's own port`;
    if (face.owned) return `${face.name} is Flowloom's own`;
    if (face.bridge !== bridge) return `${face.name} is on bridge ${face.bridge}`;
    return face.ofport === -1 ? `${face.name}: ${face.error ?? 'Open vSwitch could not open it'}` : undefined;
  };
  for (const { name: bridge, ports } of bridges) {
    const selectors = ports.filter((port) => port.host === host && isSelector(port));
    const claims = new Map<InterfaceView, Port[]>();
    for (const port of selectors) {
      const found = (candidates(port.select!, index) ?? interfaces).filter((face) => selects(port.select!, face));
      const free = found.filter((face) => hindrance(face, bridge) === undefined);
      for (const face of free) claims.set(face, [...(claims.get(face) ?? []), port]);
      if (free.length > 0 || !isExact(port.select!)) continue;
      const why =
        found.map((face) => hindrance(face, bridge)).sort()[0] ?? `no port with ${describe(port.select!)} yet`;
      selection.waiting.push(`${bridge}/${port.name}: ${why} (${port.source})`);
    }
    const bound = new Map<Port, InterfaceView[]>(selectors.map((port) => [port, []]));
    const contested = new Map<string, { names: string[]; ports: Port[] }>();
    for (const [face, claimants] of claims) {
      const exact = claimants.filter(({ select }) => isExact(select!));
      const nearest = exact.length > 0 ? exact : claimants;
      if (nearest.length === 1) bound.get(nearest[0]!)!.push(face);
      else {
        const key = nearest.map((port) => selectors.indexOf(port)).join();
        const names = [...(contested.get(key)?.names ?? []), face.name];
        contested.set(key, { names, ports: nearest });
      }
    }
    for (const { names, ports: claimants } of contested.values()) {
      selection.refused.push(
        `${bridge}: ${listNames(names)} selected by ${claimants.map(nameOf).join(' and ')}: in no segment until only one ` +
          'of them selects it; make one of them narrower',
      );
    }
    for (const [port, faces] of bound) {
      const names = faces.map(({ name }) => name).sort();
      const guarded = port.address ?? port.mac;
      if (guarded !== undefined && names.length > 1) {
        selection.refused.push(
          `${bridge}: ${listNames(names)} selected by ${nameOf(port)}, which has ${guarded} for one port alone: in no ` +
            'segment until only one of them is there; select it by name, ifaceId or mac',
        );
        selection.ports.set(port, []);
      } else
        selection.ports.set(
          port,
          names.map((name) => ({ ...port, name, select: undefined })),
        );
    }
  }
  return selection;
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

/** Interfaces by each mark that they can be looked up by; so that a thousand selectors need not see each of them. */
type Marks = ReadonlyMap<string, readonly InterfaceView[]>;

function indexByMarks(interfaces: readonly InterfaceView[]): Marks {
  const index = new Map<string, InterfaceView[]>();
  const add = (mark: string, face: InterfaceView) => {
    const others = index.get(mark);
    if (others === undefined) index.set(mark, [face]);
    else others.push(face);
  };
  for (const face of interfaces) {
    add(`name ${face.name}`, face);
    add(`mac ${markedMac(face)}`, face);
    for (const [key, value] of face.externalIds) add(`id ${key}=${value}`, face);
  }
  return index;
}

/** All that may match, by the selector's first exact mark; undefined: it has none. */
function candidates({ name, mac, ifaceId, attachedMac, externalIds }: PortSelector, index: Marks) {
  const at = (mark: string) => index.get(mark) ?? [];
  if (name !== undefined && !isGlob(name)) return at(`name ${name}`);
  if (ifaceId !== undefined) return at(`id iface-id=${ifaceId}`);
  if (attachedMac !== undefined) return at(`mac ${attachedMac}`);
  if (mac !== undefined) return stationMacs(mac, false).flatMap((each) => at(`mac ${each}`));
  const exact = Object.entries(externalIds).find(([, value]) => !isGlob(value));
  return exact === undefined ? undefined : at(`id ${exact[0]}=${exact[1]}`);
}

function describe({ name, mac, ifaceId, attachedMac, externalIds }: PortSelector): string {
  const marks = { name, mac, 'iface-id': ifaceId, 'attached-mac': attachedMac, ...externalIds };
  const given = Object.entries(marks).filter(([, value]) => value !== undefined);
  return given.map(([mark, value]) => `${mark} ${value}`).join(', ');
}

const nameOf = ({ host, name, source }: Port) => `${host}/${name} (${source})`;

const MOST_NAMES = 5;

function listNames(names: readonly string[]): string {
  const sorted = names.toSorted();
  if (sorted.length === 1) return `port ${sorted[0]} is`;
  const more = sorted.length > MOST_NAMES ? [`${sorted.length - MOST_NAMES} more`] : [];
  return `ports ${[...sorted.slice(0, MOST_NAMES), ...more].join(', ')} are`;
}

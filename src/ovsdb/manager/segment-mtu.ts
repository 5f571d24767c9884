/** How large a guest's packets may be on segments that travel in tunnels: the underlay's MTU less what the tunnel adds. Pure. */
import type { Config, Host } from '../../config/model.ts';
import { tunnelPorts } from '../../config/tunnel.ts';
import type { InterfaceView } from './host-view.ts';
import { type Overhead, tunnelOverhead } from './tunnel-overhead.ts';

const usualMtu = 1500;

export interface SegmentMtu {
  /** undefined: no tunnel limits it. */
  mtu: number | undefined;
  /** Where the number comes from, in words. */
  reason: string;
  /** Whether every host of the segment has told of its end; until then the number may still change. */
  settled: boolean;
}

/** The last that each host told of its underlay's device, by its name and address: held on to while a link is down. */
export type UnderlayMemory = Map<string, Underlay>;

interface Underlay {
  mtu: number;
  reason: string;
}

/** What the numbers rest on as far as the file says it, for one host. */
interface HostLayout {
  host: Host;
  /** The port that the file gives the underlay's address. */
  listed: string | undefined;
  /** The only bridge that forwards by itself, most likely the way to the underlay. */
  plain: string | undefined;
  /** By tunnel port: its segments, and what it takes from their packets. */
  tunnels: Map<string, { segment: string; overhead: Overhead }[]>;
}

/** A file does not change once it is read; its ports are many. */
const layouts = new WeakMap<Config, HostLayout[]>();

/** undefined: not known for certain (yet), null: no tunnel limits it. */
export function settledMtuOf(mtus: ReadonlyMap<string, SegmentMtu>, segment: string): number | null | undefined {
  const found = mtus.get(segment);
  return found?.settled === true ? (found.mtu ?? null) : undefined;
}

/** What apps are told of it; the same object where there is nothing to tell. */
export function withMtus(network: Config, settledMtu: (segment: string) => number | null | undefined): Config {
  if (network.segments.every(({ overlay }) => overlay === undefined)) return network;
  const segments = network.segments.map((segment) => {
    const mtu = segment.overlay === undefined ? undefined : settledMtu(segment.name);
    return typeof mtu === 'number' ? { ...segment, mtu } : segment;
  });
  return { ...network, segments };
}

/** By segment. `foreseen`: as if the tunnels of every host that told anything stood. */
export function segmentMtu(
  config: Config,
  interfacesByHost: ReadonlyMap<string, readonly InterfaceView[]>,
  memory: UnderlayMemory = new Map(),
  tunnels: 'standing' | 'foreseen' = 'standing',
): Map<string, SegmentMtu> {
  const segments = new Map<string, SegmentMtu>(
    config.segments.map(({ name }) => [name, { mtu: undefined, reason: 'no tunnel', settled: true }]),
  );
  const layout = layouts.get(config) ?? layoutOf(config);
  layouts.set(config, layout);
  for (const each of layout) {
    const known = interfacesByHost.get(each.host.name);
    const interfaces = known ?? [];
    const underlay = underlayMtu(each, interfaces, memory);
    const standing = new Set(interfaces.filter(({ ofport }) => ofport !== undefined).map(({ name }) => name));
    for (const [port, carried] of each.tunnels) {
      for (const { segment, overhead } of carried) {
        const before = segments.get(segment);
        if (before === undefined) continue;
        const mtu = underlay.mtu - overhead.bytes;
        const less = before.mtu === undefined || mtu < before.mtu;
        segments.set(segment, {
          ...(less ? { mtu, reason: `${underlay.reason}, less ${overhead.words}` } : before),
          settled: before.settled && (tunnels === 'standing' ? standing.has(port) : known !== undefined),
        });
      }
    }
  }
  return segments;
}

function layoutOf(config: Config): HostLayout[] {
  const tagged = new Set<string>();
  const listed = new Map<string, string>();
  const addresses = new Map(config.hosts.map(({ name, underlay }) => [name, underlay]));
  for (const { ports } of config.bridges) {
    for (const { host, name, vlans, addresses: own, select } of ports) {
      if (vlans?.mode === 'dot1q-tunnel') tagged.add(vlans.segment);
      if (select === undefined && own.some((address) => address === addresses.get(host))) listed.set(host, name);
    }
  }
  // Without an end of a tunnel there is nothing to find out.
  const joined = config.hosts.filter(({ underlay }) => underlay !== undefined);
  return joined.map((host): HostLayout => {
    const here = config.bridges.filter(({ hosts }) => hosts.includes(host.name));
    const plain = here.filter(({ forwarding }) => forwarding === 'normal');
    const family = host.underlay?.includes(':') ? 6 : 4;
    const tunnels = here.flatMap((bridge) => tunnelPorts(config, host.name, bridge));
    const carried = tunnels.map(({ name, segments }): [string, { segment: string; overhead: Overhead }[]] => [
      name,
      segments.flatMap(({ name: segment, overlay }) => {
        if (overlay === undefined) return [];
        return [{ segment, overhead: tunnelOverhead(overlay, { family, tagged: tagged.has(segment) }) }];
      }),
    ]);
    const only = plain.length === 1 ? plain[0]?.name : undefined;
    return { host, listed: listed.get(host.name), plain: only, tunnels: new Map(carried) };
  });
}

/** OVSDB knows no IP addresses: the device is found by the file, or by what Open vSwitch says of a tunnel's way out. */
function underlayMtu(
  { host, listed, plain }: HostLayout,
  interfaces: readonly InterfaceView[],
  memory: UnderlayMemory,
): Underlay {
  if (host.underlayMtu !== undefined)
    return { mtu: host.underlayMtu, reason: `${host.name}'s underlay has MTU ${host.underlayMtu} by the file` };
  const mtuOf = (name: string | undefined) => interfaces.find((item) => item.name === name)?.mtu;
  const tunnel = interfaces.find(
    (item) => item.status.has('tunnel_egress_iface') && item.options.get('local_ip') === host.underlay,
  );
  const known = listed ?? tunnel?.status.get('tunnel_egress_iface');
  const mtu = mtuOf(known);
  const end = `${host.name} ${host.underlay}`;
  if (mtu !== undefined) memory.set(end, { mtu, reason: `${host.name}/${known} has MTU ${mtu}` });
  const remembered = memory.get(end);
  if (remembered !== undefined) return remembered;
  // A guess only ever lowers the number.
  const guessed = mtuOf(plain);
  if (guessed !== undefined && guessed <= usualMtu) {
    return { mtu: guessed, reason: `${host.name}/${plain} has MTU ${guessed}` };
  }
  return { mtu: usualMtu, reason: `${host.name}'s underlay is taken to have MTU ${usualMtu}` };
}

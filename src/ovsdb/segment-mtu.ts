/** How large a guest's packets may be on segments that travel in tunnels: the underlay's MTU less what the tunnel adds. Pure. */
import type { Config, Host } from '../config/model.ts';
import { tunnelPorts } from '../config/tunnel.ts';
import type { InterfaceView } from './host-view.ts';
import { tunnelOverhead } from './tunnel-overhead.ts';

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

export interface SegmentMtus {
  /** By segment. */
  segments: Map<string, SegmentMtu>;
  /** By host: ports whose own MTU is too large for their segment. */
  warnings: Map<string, string[]>;
}

export function segmentMtu(
  config: Config,
  interfacesByHost: ReadonlyMap<string, readonly InterfaceView[]>,
  memory: UnderlayMemory = new Map(),
): SegmentMtus {
  const segments = new Map<string, SegmentMtu>(
    config.segments.map(({ name }) => [name, { mtu: undefined, reason: 'no tunnel', settled: true }]),
  );
  const tagged = new Set(
    config.bridges.flatMap(({ ports }) =>
      ports.flatMap(({ vlans }) => (vlans?.mode === 'dot1q-tunnel' ? [vlans.segment] : [])),
    ),
  );
  for (const host of config.hosts) {
    const interfaces = interfacesByHost.get(host.name) ?? [];
    const underlay = underlayMtu(config, host, interfaces, memory);
    for (const bridge of config.bridges.filter(({ hosts }) => hosts.includes(host.name))) {
      for (const tunnel of tunnelPorts(config, host.name, bridge)) {
        const told = interfaces.some((item) => item.name === tunnel.name && item.ofport !== undefined);
        for (const { name, overlay } of tunnel.segments) {
          const before = segments.get(name);
          if (before === undefined || overlay === undefined) continue;
          const family = host.underlay?.includes(':') ? 6 : 4;
          const overhead = tunnelOverhead(overlay, { family, tagged: tagged.has(name) });
          const mtu = underlay.mtu - overhead.bytes;
          const less = before.mtu === undefined || mtu < before.mtu;
          segments.set(name, {
            ...(less ? { mtu, reason: `${underlay.reason}, less ${overhead.words}` } : before),
            settled: before.settled && told,
          });
        }
      }
    }
  }
  return { segments, warnings: tooLarge(config, segments, interfacesByHost) };
}

/** OVSDB knows no IP addresses: the device is found by the file, or by what Open vSwitch says of a tunnel's way out. */
function underlayMtu(
  config: Config,
  host: Host,
  interfaces: readonly InterfaceView[],
  memory: UnderlayMemory,
): Underlay {
  const mtuOf = (name: string | undefined) => interfaces.find((item) => item.name === name)?.mtu;
  const listed = config.bridges
    .flatMap((bridge) => bridge.ports)
    .find((port) => port.host === host.name && port.address?.split('/')[0] === host.underlay);
  const tunnel = interfaces.find(
    (item) => item.options.get('local_ip') === host.underlay && item.status.has('tunnel_egress_iface'),
  );
  const known = listed?.name ?? tunnel?.status.get('tunnel_egress_iface');
  const mtu = mtuOf(known);
  const end = `${host.name} ${host.underlay}`;
  if (mtu !== undefined) memory.set(end, { mtu, reason: `${host.name}/${known} has MTU ${mtu}` });
  const remembered = memory.get(end);
  if (remembered !== undefined) return remembered;
  // A single bridge that forwards by itself is most likely the way to the underlay; a guess only ever lowers the number.
  const plain = config.bridges.filter(({ hosts, forwarding }) => forwarding === 'normal' && hosts.includes(host.name));
  const guessed = plain.length === 1 ? mtuOf(plain[0]?.name) : undefined;
  if (guessed !== undefined && guessed <= usualMtu) {
    return { mtu: guessed, reason: `${host.name}/${plain[0]?.name} has MTU ${guessed}` };
  }
  return { mtu: usualMtu, reason: `${host.name}'s underlay is taken to have MTU ${usualMtu}` };
}

function tooLarge(
  config: Config,
  segments: ReadonlyMap<string, SegmentMtu>,
  interfacesByHost: ReadonlyMap<string, readonly InterfaceView[]>,
): Map<string, string[]> {
  const warnings = new Map<string, string[]>();
  for (const bridge of config.bridges) {
    for (const port of bridge.ports) {
      const { vlans } = port;
      if (vlans === undefined) continue;
      const names =
        vlans.mode === 'trunk'
          ? [...vlans.segments, ...(vlans.native === undefined ? [] : [vlans.native])]
          : [vlans.segment];
      const found = (interfacesByHost.get(port.host) ?? []).find(
        (item) => item.name === port.name && item.bridge === bridge.name,
      );
      for (const name of names) {
        const mtu = segments.get(name)?.mtu;
        if (mtu === undefined || found?.mtu === undefined || found.mtu <= mtu) continue;
        const text =
          `${bridge.name}/${port.name} has MTU ${found.mtu}, segment ${name} carries ${mtu}: larger packets are lost; ` +
          `inside the guest: ip link set DEVICE mtu ${mtu} (${port.source})`;
        warnings.set(port.host, [...(warnings.get(port.host) ?? []), text]);
      }
    }
  }
  return warnings;
}

/** How large a guest's packets may be on segments that travel in tunnels: the underlay's MTU less what the tunnel adds. Pure. */
import type { Config, Host } from '../config/model.ts';
import { tunnelPorts } from '../config/tunnel.ts';
import type { InterfaceView } from './host-view.ts';

/** VXLAN over IPv4: outer IP 20, UDP 8, VXLAN 8, inner Ethernet 14. */
const vxlanOverIpv4 = 50;
const usualMtu = 1500;

export interface SegmentMtu {
  /** undefined: no tunnel limits it. */
  mtu: number | undefined;
  /** Where the number comes from, in words. */
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
): SegmentMtus {
  const segments = new Map<string, SegmentMtu>(
    config.segments.map(({ name }) => [name, { mtu: undefined, reason: 'no tunnel' }]),
  );
  for (const host of config.hosts) {
    const underlay = underlayMtu(config, host, interfacesByHost.get(host.name) ?? []);
    for (const bridge of config.bridges.filter(({ hosts }) => hosts.includes(host.name))) {
      for (const tunnel of tunnelPorts(config, host.name, bridge)) {
        for (const { name } of tunnel.segments) {
          const mtu = underlay.mtu - vxlanOverIpv4;
          const least = segments.get(name)?.mtu;
          if (least === undefined || mtu < least)
            segments.set(name, { mtu, reason: `${underlay.reason}, less ${vxlanOverIpv4} for VXLAN` });
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
): { mtu: number; reason: string } {
  const mtuOf = (name: string | undefined) => interfaces.find((item) => item.name === name)?.mtu;
  const listed = config.bridges
    .flatMap((bridge) => bridge.ports)
    .find((port) => port.host === host.name && port.address?.split('/')[0] === host.underlay);
  const tunnel = interfaces.find(
    (item) => item.options.get('local_ip') === host.underlay && item.status.has('tunnel_egress_iface'),
  );
  const known = listed?.name ?? tunnel?.status.get('tunnel_egress_iface');
  const mtu = mtuOf(known);
  if (mtu !== undefined) return { mtu, reason: `${host.name}/${known} has MTU ${mtu}` };
  // A single bridge that forwards by itself is most likely the way to the underlay; a guess only ever lowers the number.
  const plain = config.bridges.filter(({ hosts, forwarding }) => forwarding === 'normal' && hosts.includes(host.name));
  const guessed = plain.length === 1 ? mtuOf(plain[0]?.name) : undefined;
  if (guessed !== undefined && guessed < usualMtu) {
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

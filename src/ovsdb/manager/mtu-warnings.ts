/** Ports whose own MTU is larger than what their segment carries: packets of theirs would be lost silently. Pure. */
import type { Config } from '../../config/model.ts';
import { segmentsOf } from '../../config/port-segments.ts';
import type { InterfaceView } from './host-view.ts';
import type { SegmentMtu } from './segment-mtu.ts';

/** By host. */
export function mtuWarnings(
  config: Config,
  segments: ReadonlyMap<string, SegmentMtu>,
  interfacesByHost: ReadonlyMap<string, readonly InterfaceView[]>,
): Map<string, string[]> {
  const warnings = new Map<string, string[]>();
  const limited = [...segments.values()].some(({ mtu }) => mtu !== undefined);
  if (!limited) return warnings;
  const faces = new Map(
    [...interfacesByHost].flatMap(([host, list]) =>
      list.map((face) => [`${host} ${face.bridge} ${face.name}`, face] as const),
    ),
  );
  for (const bridge of config.bridges) {
    for (const port of bridge.ports) {
      // A selector's name is a label; what it selects stands behind it.
      if (port.select !== undefined) continue;
      const found = faces.get(`${port.host} ${bridge.name} ${port.name}`);
      for (const name of segmentsOf(port)) {
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

/** Whether hosts behind an overlay's tunnels can tell in which zone a port of another host is. */

import type { Findings } from '../findings.ts';
import type { Bridge, Port, Segment } from '../model.ts';
import { segmentsOf, zoneAt } from '../port-segments.ts';

/** With the numbers of zones filled in. */
export function warnOfUnknownZones(
  { segments, bridges }: { segments: readonly Segment[]; bridges: readonly Bridge[] },
  findings: Findings,
): void {
  for (const segment of segments) {
    if (segment.overlay === undefined) continue;
    for (const bridge of bridges) {
      const on = bridge.ports.filter((port) => segmentsOf(port).includes(segment.name));
      for (const here of Map.groupBy(on, ({ host }) => host).values()) {
        if (here.length === on.length || new Set(here.map((port) => zoneAt(port, segment))).size < 2) continue;
        for (const port of here) if (isUnknown(port, segment)) warn(port, segment, bridge, findings);
      }
    }
  }
}

function isUnknown(port: Port, segment: Segment): boolean {
  return zoneAt(port, segment) > 0 && port.macs.length + port.addresses.length === 0;
}

function warn({ host, name }: Port, segment: Segment, bridge: Bridge, findings: Findings): void {
  findings.warning(
    ['bridges', bridge.name, 'ports', `${host}/${name}`],
    `port ${host}/${name}: the ports of host ${host} on segment ${segment.name} are in several zones, and behind the tunnel ` +
      'nobody knows in which this one is, so only rules for `all` apply to it there',
    'give it `mac` or `address`',
    'key',
  );
}

/** Which segments a port is in. Pure: what plans and reports read of the file as well. */
import type { Config, Port, Segment } from './model.ts';

/** Each once, a trunk's native one last. */
export function segmentsOf({ vlans }: Pick<Port, 'vlans'>): string[] {
  if (vlans === undefined) return [];
  if (vlans.mode !== 'trunk') return [vlans.segment];
  const { segments, native } = vlans;
  return native === undefined || segments.includes(native) ? segments : [...segments, native];
}

/** The firewall's zone of what a port sends and gets on a segment, as far as it is bridged; 0: none. */
export function zoneAt(port: Pick<Port, 'zone'>, segment: Pick<Segment, 'zone'>): number {
  return port.zone || segment.zone;
}

/** Names of the segments that have a port in a zone: the firewall judges what stays on them. */
export function filteredSegments({ segments, bridges }: Pick<Config, 'segments' | 'bridges'>): Set<string> {
  const names = new Set(segments.filter(({ zone }) => zone > 0).map(({ name }) => name));
  for (const { ports } of bridges) {
    for (const port of ports) if (port.zone > 0) for (const name of segmentsOf(port)) names.add(name);
  }
  return names;
}

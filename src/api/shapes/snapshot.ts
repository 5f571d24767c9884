/** Everything but the flows, as `/status` answers it and the stream sends it. */

import type { Unconfirmed } from '../apply.ts';
import type { AppStatus } from './app.ts';
import type { HostStatus } from './host.ts';
import { integer, type JsonSchemas, list, object, orNull, ref, text, time } from './schema.ts';
import type { SegmentStatus } from './segment.ts';
import type { MacTableStatus, StationStatus } from './station.ts';
import type { SwitchStatus } from './switch.ts';
import type { TopologyStatus } from './topology.ts';
import type { ZoneStatus } from './zone.ts';

export interface Snapshot {
  version: string;
  startedAt: number;
  /** The user's file, or null where Flowloom runs without one. */
  file: { path: string; loadedAt: number; error: string | null; unconfirmed: Unconfirmed | null } | null;
  /** Listening addresses, as given: `ptcp:6653`. */
  listening: { openflow: string | null; ovsdb: string | null; http: string | null };
  hosts: HostStatus[];
  switches: SwitchStatus[];
  segments: SegmentStatus[];
  /** By switch, segment and MAC address. */
  stations: StationStatus[];
  macTables: MacTableStatus[];
  topology: TopologyStatus;
  /** Of the firewall, in the order of the file. */
  zones: ZoneStatus[];
  apps: AppStatus[];
  /** Since the start: what was sent to all switches. A restart on a network that is as it should be leaves it at 0. */
  sent: { flowMods: number; groupMods: number; meterMods: number; bundles: number };
}

export const snapshotSchemas: JsonSchemas = {
  Snapshot: object<Snapshot>({
    version: text,
    startedAt: time,
    file: orNull(object({ path: text, loadedAt: time, error: orNull(text), unconfirmed: orNull(ref('Unconfirmed')) })),
    listening: object({ openflow: orNull(text), ovsdb: orNull(text), http: orNull(text) }),
    hosts: list(ref('HostStatus')),
    switches: list(ref('SwitchStatus')),
    segments: list(ref('SegmentStatus')),
    stations: list(ref('StationStatus')),
    macTables: list(ref('MacTableStatus')),
    topology: ref('TopologyStatus'),
    zones: list(ref('ZoneStatus')),
    apps: list(ref('AppStatus')),
    sent: object({ flowMods: integer, groupMods: integer, meterMods: integer, bundles: integer }),
  }),
};

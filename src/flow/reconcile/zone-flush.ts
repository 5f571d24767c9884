/** Conntrack zones that come into use on one switch: flushed before the flows that use them are sent. */

import type { Connection } from '../../openflow/connection.ts';
import type { ZoneMemory } from '../allocate/switch-allocation.ts';
import type { Namespace } from '../namespace.ts';
import { type Zones, zonesToFlush } from '../weave/zones.ts';
import type { ActualFlow } from './diff.ts';
import { zoneFlush } from './messages.ts';

export interface ZoneFlush {
  /** To be called before flows are sent: on one connection a switch goes in order. */
  begin(zones: Zones, standing: Iterable<ActualFlow>): ZonesBegun;
}

export interface ZonesBegun {
  readonly flushed: boolean;
  /** The switch has done it. Not before: a zone that is remembered and not flushed keeps another's connections. */
  remember(): void;
}

export function createZoneFlush(
  connection: Connection,
  namespace: Namespace,
  memory: ZoneMemory | undefined,
): ZoneFlush {
  const used = new Set<number>();
  return {
    begin(zones, standing) {
      const fresh = [...zones.keys()].filter((zone) => !used.has(zone));
      if (fresh.length === 0) return NONE;
      const flush = zonesToFlush(namespace, zones, standing, (zone) => used.has(zone) || memory?.isSame(zone));
      for (const zone of flush) connection.send(zoneFlush(zone));
      for (const zone of fresh) used.add(zone);
      return {
        flushed: flush.size > 0,
        remember() {
          for (const zone of fresh) memory?.remember(zone);
        },
      };
    },
  };
}

const NONE: ZonesBegun = { flushed: false, remember: () => undefined };

/** What is handed out on one switch: ids of groups and meters, and whose its conntrack zones were. */

import type { Namespace } from '../namespace.ts';
import { type Memory, numberMemory } from './memory.ts';
import type { Numbering } from './numbering.ts';
import { createOwnIds, type OwnIds } from './own-ids.ts';

export interface SwitchAllocation {
  namespace: Namespace;
  groups: OwnIds;
  meters: OwnIds;
  zones: ZoneMemory;
}

export interface ZoneMemory {
  /** true: the zone was this one's before; false: another's; undefined: nobody remembers. */
  isSame(zone: number): boolean | undefined;
  /** From now on it is known as the one's that it is. */
  remember(zone: number): void;
}

export function switchAllocation(
  dpid: string,
  memory: Memory,
  ctZone: Numbering,
  namespace: Namespace,
): SwitchAllocation {
  const zones = memory.space(`ct zones of ${dpid}`);
  return {
    namespace,
    groups: createOwnIds(namespace, numberMemory(memory.space(`groups of ${dpid}`))),
    meters: createOwnIds(namespace, numberMemory(memory.space(`meters of ${dpid}`))),
    zones: {
      isSame(zone) {
        const before = zones.get(String(zone));
        return before === undefined ? undefined : before === ctZone.nameOf(zone);
      },
      remember(zone) {
        const name = ctZone.nameOf(zone);
        if (name !== undefined && zones.get(String(zone)) !== name) zones.set(String(zone), name);
      },
    },
  };
}

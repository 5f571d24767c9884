/**
 * Conntrack zones that flows use. A zone that comes into use may still hold the connections of another that had its
 * number before: it is flushed first, unless it is known to be the same one.
 */

import type { Action } from '../../../proto/openflow/action.ts';
import { isOursHalf } from '../cookie.ts';
import { CONNTRACK, cookieHalf, type FlowBytes, mayHave } from '../flow-bytes.ts';
import type { Namespace } from '../namespace.ts';

/** Zone → the desired flows that send packets through it. */
export type Zones = ReadonlyMap<number, ReadonlySet<ZoneUser>>;

export type ZoneUser = Pick<FlowBytes, 'content' | 'instructions' | 'cookie'> & { app: string };

export interface ZoneUse {
  readonly zones: Zones;
  add(flow: ZoneUser): void;
  remove(flow: ZoneUser): void;
}

export function createZoneUse(): ZoneUse {
  const zones = new Map<number, Set<ZoneUser>>();
  return {
    zones,
    add(flow) {
      if (!mayHave(flow.content, CONNTRACK)) return;
      for (const zone of zonesOf(flow)) {
        const users = zones.get(zone);
        if (users === undefined) zones.set(zone, new Set([flow]));
        else users.add(flow);
      }
    },
    remove(flow) {
      for (const zone of zonesOf(flow)) {
        const users = zones.get(zone);
        users?.delete(flow);
        if (users?.size === 0) zones.delete(zone);
      }
    },
  };
}

/** Zones that come by their number; one that is read from a field is whoever's the field is. */
export function zonesOf(
  flow: Pick<FlowBytes, 'content' | 'instructions'>,
  which: 'all' | 'looked up' = 'all',
): ReadonlySet<number> {
  if (!mayHave(flow.content, CONNTRACK)) return NONE;
  const found = new Set<number>();
  for (const instruction of flow.instructions) {
    if (instruction.type === 'applyActions') collect(instruction.actions, which, found);
  }
  return found;
}

const NONE: ReadonlySet<number> = new Set();

function collect(actions: readonly Action[], which: 'all' | 'looked up', found: Set<number>): void {
  for (const action of actions) {
    if (action.type === 'clone') collect(action.actions, which, found);
    else if (action.type === 'ct' && typeof action.zone === 'number') {
      if (which === 'all' || !action.flags.includes('commit')) found.add(action.zone);
    }
  }
}

/**
 * Zones of the desired flows that must be flushed before these flows are sent. Where `isSame` can't tell whether the
 * zone is the same as before, it is if a flow of ours in the switch uses it for the same reason (by its cookie). What
 * looks connections up says more than what commits them: a firewall's rule is the same in the zone of any router.
 */
export function zonesToFlush(
  namespace: Namespace,
  desired: Zones,
  actual: Iterable<Pick<FlowBytes, 'content' | 'instructions' | 'cookie'>>,
  isSame: (zone: number) => boolean | undefined,
): Set<number> {
  const found = new Set<number>();
  const unknown = new Map<number, Set<bigint>>();
  for (const [zone, flows] of desired) {
    const same = isSame(zone);
    if (same === false) found.add(zone);
    else if (same === undefined) {
      const lookups = [...flows].filter((flow) => zonesOf(flow, 'looked up').has(zone));
      const telling = lookups.length > 0 ? lookups : [...flows];
      unknown.set(zone, new Set(telling.map(({ cookie }) => cookie)));
    }
  }
  for (const flow of unknown.size === 0 ? [] : actual) {
    if (!isOursHalf(namespace, cookieHalf(flow.content))) continue;
    for (const zone of zonesOf(flow)) if (unknown.get(zone)?.has(flow.cookie) === true) unknown.delete(zone);
  }
  for (const zone of unknown.keys()) found.add(zone);
  return found;
}

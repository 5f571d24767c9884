/** What a rule does with a packet in the end: log, meter, let pass, drop or refuse it. */

import { type AppAction, type AppMatch, actions, ct, drop, meter, punt, set } from '../../src/index.ts';
import type { FilteredPlace } from './filtered-place.ts';
import type { Item } from './item.ts';
import { isMetered, limitMeter, logMeter, REJECT_METER } from './meters.ts';
import type { Place } from './place.ts';

/** Of packets that match this, too. */
export interface Verdict {
  match?: Pick<AppMatch, 'flooded'>;
  actions: AppAction[];
}

/** Bytes of a packet that is logged: its headers. */
const LOGGED_BYTES = 192;

/** Of a flood's copies nobody is told: what one is refused, another that reaches its station may not be. */
export function verdictsOf(item: Item, router: FilteredPlace, place: Place): Verdict[] {
  const told = verdictActions(item, router, place);
  if (!router.floods || (item.log === undefined && item.action !== 'reject')) return [{ actions: told }];
  const quiet = { ...item, log: undefined, action: item.action === 'accept' ? item.action : 'drop' } as const;
  return [
    { match: { flooded: 0 }, actions: told },
    { match: { flooded: 1 }, actions: verdictActions(quiet, router, place) },
  ];
}

function verdictActions(item: Item, router: FilteredPlace, { key, priority, id }: Place): AppAction[] {
  const { action, log, limit } = item;
  const name = `${router.name} ${key}`;
  const logged =
    log === undefined ? [] : [...set({ 'firewall.verdict': priority }), punt(LOGGED_BYTES, { meter: logMeter(name) })];
  if (action === 'drop') return log === undefined ? drop() : logged;
  if (action === 'reject') {
    // What is to be answered bears no rule's number.
    const asked = [...set({ 'firewall.verdict': 0 }), punt(undefined, { meter: REJECT_METER })];
    return actions(logged, asked);
  }
  const mark = set({ 'firewall.allowed': 1, 'firewall.rule': id });
  const limited = limit !== undefined && isMetered(limit) ? [meter(limitMeter(name))] : [];
  return actions(limited, logged, ct({ zone: router.zone, commit: true, set: mark, table: router.onward }));
}

/** What passes because a rule let its connection in. */

import {
  type AppAction,
  type AppFlow,
  type AppMatch,
  actions,
  ctState,
  type FirewallAddresses,
  meter,
  next,
} from '../../src/index.ts';
import { classNames } from './address-classes.ts';
import type { FilteredPlace } from './filtered-place.ts';
import type { Item } from './item.ts';
import { isMetered, limitMeter } from './meters.ts';
import type { Flows, Place } from './place.ts';

const ESTABLISHED = 60_000;

type Side = 'firewall.sourceClass' | 'firewall.destinationClass';

/** Packets of a connection in one state, and who has to be in the rule's sets still. */
interface Passing {
  key: string;
  state: string;
  /** Its answers: who began the connection is where they go. */
  back: boolean;
  /** An error that a router on the way may have sent: only who gets it is known. */
  error: boolean;
}

const WITH_SETS: readonly Passing[] = [
  { key: 'established', state: '+trk-inv-rpl-rel', back: false, error: false },
  { key: 'answers', state: '+trk-inv+rpl-rel', back: true, error: false },
  { key: 'errors', state: '+trk-inv-rpl+rel', back: false, error: true },
  { key: 'errors back', state: '+trk-inv+rpl+rel', back: true, error: true },
];
const BOTH_WAYS: readonly Passing[] = [
  { key: 'established', state: '+trk-inv-rpl', back: false, error: false },
  { key: 'answers', state: '+trk-inv+rpl', back: true, error: false },
];
const ALL: readonly Passing[] = [{ key: 'established', state: '+trk-inv', back: false, error: false }];

/**
 * Whoever has left a set loses its connections, and nobody else: where a rule names sets, its packets are held against them still. A
 * limit of packets is for those that go the rule's way, one of kilobits for both ways.
 */
export function establishedFlows(item: Item, where: FilteredPlace, { key, id, intent }: Place): Flows {
  const { fromAddresses, toAddresses, limit } = item;
  const hasSets = classNames(fromAddresses).length + classNames(toAddresses).length > 0;
  const kinds = hasSets ? WITH_SETS : limit?.kind === 'packets' ? BOTH_WAYS : ALL;
  const name = `${where.name} ${key}`;
  return kinds.flatMap(({ key: what, state, back, error }): Flows => {
    const isLimited = limit !== undefined && limit.kind !== 'connections' && isMetered(limit);
    const metered = isLimited && (limit.kind === 'kilobits' || !back);
    const begin: AppAction[] = metered ? [meter(limitMeter(name))] : [];
    const base: AppMatch = { ...where.base, ctState: ctState(state), 'firewall.allowed': 1, 'firewall.rule': id };
    const from = inSets(fromAddresses, back ? 'firewall.destinationClass' : 'firewall.sourceClass', where, error);
    const to = inSets(toAddresses, back ? 'firewall.sourceClass' : 'firewall.destinationClass', where, error);
    return from
      .flatMap((left) => to.map((right) => ({ ...base, ...left, ...right })))
      .map((match, i): [string, AppFlow] => [
        `${name} ${what}${i === 0 ? '' : ` ${i}`}`,
        { priority: ESTABLISHED, match, actions: actions(begin, next()), intent },
      ]);
  });
}

function inSets(
  addresses: FirewallAddresses | undefined,
  side: Side,
  { classes, families }: FilteredPlace,
  error: boolean,
): AppMatch[] {
  const names = classNames(addresses);
  if (names.length === 0 || (error && side === 'firewall.sourceClass')) return [{}];
  const found = new Set(names.flatMap((name) => families.flatMap((family) => classes.of(name, family))));
  return [...found].map((number) => ({ [side]: number }));
}

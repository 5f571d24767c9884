/**
 * Rules whose match does not decide alone: `over N bytes`, and limits of new connections. Their packets are looked at closer in
 * a table of their own; those that the rule is not for are marked so, and go through the rules once more.
 */

import {
  type AppAction,
  type AppFlow,
  type AppMatch,
  actions,
  checkPacketLarger,
  ct,
  ETHER_TYPE,
  type FirewallPolicy,
  goto,
  type Intent,
  IP_PROTOCOL,
  learn,
  load,
  move,
  resubmit,
  set,
} from '../../src/index.ts';
import type { FilteredPlace } from './filtered-place.ts';
import type { Item } from './item.ts';
import type { Flows, Place } from './place.ts';
import { type Ring, ringOf } from './tickets.ts';
import type { Verdict } from './verdict-actions.ts';

/** So many rules of a router can have a condition. */
export const CONDITIONS = 32;

/** A ticket's number that none has: one was had. */
const GRANTED = 1023;
const ETHERNET_HEADER = 14;

/** Priorities in `closer`. */
const GRANTED_PORTS = 60;
const GRANTED_OTHERS = 50;
const BACK = 40;
const GIVE = 30;
const DECIDE = 20;

export function isConditional({ over, limit }: Pick<Item, 'over' | 'limit'>): boolean {
  return over !== undefined || ringFor({ limit }) !== undefined;
}

/** Of the flows of its match: where it has a condition they do not count what it decides. */
export function matchIntent(item: Item | FirewallPolicy): string {
  const isAsking = isConditional({ over: undefined, ...item });
  return isAsking ? `${item.text}: looked at closer` : item.text;
}

function ringFor({ limit }: Pick<Item, 'limit'>): Ring | undefined {
  return limit?.kind === 'connections' ? ringOf(limit) : undefined;
}

/** Those that went through it once, in vain, do not match again. */
export function notPast(bit: number): AppMatch {
  return { 'firewall.past': { value: 0, mask: 2 ** bit } };
}

/**
 * What the flows of the rule's match do instead of its verdict. Open vSwitch goes on both ways after it has compared a size, and
 * counts and learns on both: until conntrack gives it the packet back, which it does here for that alone.
 */
export function askActions({ over, limit }: Item, { zone, rules }: FilteredPlace, priority: number): AppAction[] {
  // The ring's next ticket, then whether it is taken.
  const ticket =
    ringFor({ limit }) === undefined
      ? []
      : [...set({ 'firewall.ticket': 0, 'firewall.taken': 0 }), resubmit('tickets'), resubmit('tickets')];
  // Between ports the table lies behind.
  const look = rules === 'judge' ? resubmit('closer') : goto('closer');
  const onward =
    over === undefined
      ? look
      : [checkPacketLarger(over + ETHERNET_HEADER, 'firewall.larger'), ct({ zone, table: 'closer' })];
  return actions(set({ 'firewall.verdict': priority }), ticket, onward);
}

/** In the table `closer`. `verdict`: what the rule does in the end. */
export function closerFlows(
  item: Item,
  where: FilteredPlace,
  { key, priority, bit, intent }: Place & { bit: number },
  verdicts: readonly Verdict[],
): Flows {
  const name = `${where.name} ${key}`;
  const base: AppMatch = { ...where.closer, 'firewall.verdict': priority };
  // What the next rule lets pass comes by here again.
  const past = load({ field: 'firewall.past', offset: bit, bits: 1 }, 1);
  const back = actions(past, set({ 'firewall.verdict': 0 }), resubmit(where.rules));
  const aside = (what: string): Intent => ({ ...intent, text: `${item.text}: ${what}` });
  const flows: Flows = [];
  if (item.over !== undefined) {
    const why = aside('not so large');
    flows.push([
      `${name} small`,
      { priority: BACK, match: { ...base, 'firewall.larger': 0 }, actions: back, intent: why },
    ]);
  }
  const ring = ringFor(item);
  if (ring === undefined) {
    for (const family of where.families) {
      for (const [i, verdict] of verdicts.entries()) {
        const match = { ...base, ethType: etherType(family), ...verdict.match };
        flows.push([`${name} decides ${family} ${i}`, { priority: DECIDE, match, actions: verdict.actions, intent }]);
      }
    }
    return flows;
  }
  const why = aside('its limit is reached');
  flows.push([
    `${name} exceeded`,
    { priority: BACK, match: { ...base, 'firewall.taken': 1 }, actions: back, intent: why },
  ]);
  for (let ticket = 0; ticket <= ring.count; ticket++) {
    flows.push([
      `${name} ticket ${ticket}`,
      {
        priority: GIVE,
        match: { ...base, 'firewall.ticket': ticket },
        actions: take(ticket, ring, base, aside('a ticket of its limit is taken')),
        intent: aside('a ticket of its limit'),
      },
    ]);
  }
  for (const [i, verdict] of verdicts.entries()) {
    for (const [what, each] of grantedFlows(where, base, verdict, intent)) flows.push([`${name} ${what} ${i}`, each]);
  }
  return flows;
}

/** The pointer is not there yet: as if it stood at the last one. */
function take(ticket: number, { count, seconds }: Ring, base: AppMatch, intent: Intent): AppAction[] {
  const mine = ticket === 0 ? count : ticket;
  const next = (mine % count) + 1;
  const priority = base['firewall.verdict'] as number;
  const of = [{ match: 'router.number' } as const, { match: 'firewall.verdict', value: priority } as const];
  return actions(
    learn({
      table: 'tickets',
      priority: 10,
      hardTimeout: seconds,
      intent,
      items: [...of, { match: 'firewall.ticket', value: mine }, { load: 'firewall.taken', from: 1 }],
    }),
    learn({
      table: 'tickets',
      priority: 10,
      intent,
      items: [...of, { match: 'firewall.ticket', value: 0 }, { load: 'firewall.ticket', from: next }],
    }),
    set({ 'firewall.ticket': GRANTED }),
    resubmit('closer'),
  );
}

/**
 * Open vSwitch keeps for its cache what a packet's way depended on. That this one had a ticket is for no other connection: so
 * its source is read here, and the next one is asked anew.
 */
function grantedFlows({ families }: FilteredPlace, base: AppMatch, verdict: Verdict, intent: Intent): Flows {
  const granted = { ...base, ...verdict.match, 'firewall.ticket': GRANTED };
  return families.flatMap((family): Flows => {
    const ip = { ...granted, ethType: etherType(family) };
    const address = move(family === 4 ? 'ipv4Src' : { field: 'ipv6Src', offset: 0, bits: 32 }, 'firewall.past');
    const port = (from: 'tcpSrc' | 'udpSrc') => move(from, { field: 'firewall.past', offset: 0, bits: 16 });
    const at = (what: string, priority: number, match: AppMatch, read: AppAction[]): [string, AppFlow] => [
      `granted ${what} ${family}`,
      { priority, match, actions: actions(read, verdict.actions), intent },
    ];
    return [
      at('tcp', GRANTED_PORTS, { ...ip, ipProto: IP_PROTOCOL.tcp }, [address, port('tcpSrc')]),
      at('udp', GRANTED_PORTS, { ...ip, ipProto: IP_PROTOCOL.udp }, [address, port('udpSrc')]),
      at('ip', GRANTED_OTHERS, ip, [address]),
    ];
  });
}

function etherType(family: 4 | 6): number {
  return family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6;
}

/** Which bit of `firewall.past` is whose: by what they are, in their order where two would have one. */
export function bitsOf(contents: readonly number[]): number[] {
  const taken = new Set<number>();
  return contents.map((content) => {
    let bit = content % CONDITIONS;
    while (taken.has(bit) && taken.size < CONDITIONS) bit = (bit + 1) % CONDITIONS;
    taken.add(bit);
    return bit;
  });
}

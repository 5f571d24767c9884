/** A rule or a policy, read alike: a policy is a rule for any address and service. */

import type { Firewall, FirewallPolicy, FirewallRule } from '../../src/index.ts';

export type Item = FirewallRule;

/** Rules, then policies. */
export function itemsOf({ rules, policy }: Pick<Firewall, 'rules' | 'policy'>): Item[] {
  return [...rules, ...policy.map(asRule)];
}

function asRule(policy: FirewallPolicy): Item {
  return { ...policy, fromAddresses: undefined, toAddresses: undefined, services: undefined, over: undefined };
}

/** All that says which packets it decides, and how: two items with the same are the same, whatever their words. */
export function contentOf(item: Item, membersOf: (zone: string) => readonly string[]): string {
  const { action, from, to, fromAddresses, toAddresses, services, over } = item;
  const zone = (ref: Item['from']) => (ref === undefined ? 'all' : [ref.name, ...membersOf(ref.name)]);
  return JSON.stringify([action, zone(from), fromAddresses, zone(to), toAddresses, services, over]);
}

/** It keeps packets from passing that an earlier accept would have let pass. */
export function isDenial({ action }: Pick<Item, 'action'>): boolean {
  return action !== 'accept';
}

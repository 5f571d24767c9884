/** The public addresses of NAT, and those that no interface has: their router answers ARP and neighbour discovery for them. */

import { holds, networkText, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import { rangePrefixes } from '../address-range.ts';
import type { NatRule, RouterInterface, Source } from '../model.ts';

export interface ProxiedPrefix {
  /** Name of the interface on whose prefix it lies. */
  interface: string;
  /** In its one form, with its length: of one address /32 or /128. */
  prefix: string;
  /** The first rule that needs it. */
  text: string;
  source: Source;
}

/**
 * Each once, none within another, and none that is an interface's own address alone. A prefix may hold such an address:
 * what answers for that one stands above.
 */
export function proxiedPrefixes(
  nat: readonly NatRule[],
  router: { name: string; interfaces: readonly RouterInterface[] },
): ProxiedPrefix[] {
  const proxied: ProxiedPrefix[] = [];
  for (const rule of nat) {
    const place = router.interfaces.find(({ name }) => name === rule.interface);
    if (rule.router !== router.name || place === undefined) continue;
    const own = new Set(place.addresses.map((text) => text.slice(0, text.indexOf('/'))).map(textOf));
    for (const prefix of publicPrefixes(rule)) {
      if (own.has(prefix)) continue;
      if (proxied.some((each) => each.interface === rule.interface && isWithin(prefix, each.prefix))) continue;
      proxied.push({ interface: rule.interface, prefix, text: rule.text, source: rule.source });
    }
  }
  const isInner = ({ prefix, interface: name }: ProxiedPrefix) =>
    proxied.some((other) => other.interface === name && other.prefix !== prefix && isWithin(prefix, other.prefix));
  return proxied.filter((each) => !isInner(each));
}

/** In their one form, with their lengths. The interface's primary address is not among them. */
export function publicPrefixes(rule: NatRule): string[] {
  switch (rule.kind) {
    case 'exempt':
      return [];
    case 'snat':
      return rule.to === 'primary' ? [] : rangePrefixes(...rule.to);
    case 'forward':
      return rule.address === 'primary' ? [] : [textOf(rule.address)];
    case 'one-to-one':
      return [rule.outside];
  }
}

function textOf(address: string): string {
  return networkText(parseIpPrefix(address)!);
}

function isWithin(prefix: string, other: string): boolean {
  return holds(parseIpPrefix(other)!, parseIpPrefix(prefix)!);
}

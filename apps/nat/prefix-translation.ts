/**
 * One-to-one of whole IPv6 prefixes, packet by packet (after RFC 6296): the bits of the prefix are written over, and Open
 * vSwitch corrects the checksums. No connection is remembered for it.
 */

import {
  type AppAction,
  addressBits,
  addressOf,
  ctState,
  destinationIn,
  familyOf,
  goto,
  load,
  type NatRule,
  next,
  type OneToOne,
  prefixLengthOf,
  sourceIn,
} from '../../src/index.ts';
import { ESTABLISHED, type Flows, ofRouter } from './flows.ts';
import { type NatSite, rulesOfKind, type SiteRule } from './site.ts';

/** One-to-one rules of more addresses than these have no flows of their own for each. */
const MOST_PAIRS = 256;
/** Above `unsnat` of single addresses. */
const INWARDS = 60;

export function isByPrefix(rule: NatRule): boolean {
  return (
    rule.kind === 'one-to-one' && familyOf(rule.outside) === 6 && 2 ** (128 - prefixLengthOf(rule.outside)) > MOST_PAIRS
  );
}

function prefixRules(site: NatSite): SiteRule<OneToOne>[] {
  return rulesOfKind(site, 'one-to-one').filter(({ rule }) => isByPrefix(rule));
}

/** The stage `unsnat`: what comes to the public prefix is for the inside one, before its connection is looked up. */
export function inwardFlows(site: NatSite): Flows {
  return prefixRules(site).map(({ rule, intent }) => [
    `${site.name} ${intent.text} in`,
    {
      priority: INWARDS,
      match: { ...ofRouter(site), ...destinationIn(rule.outside) },
      actions: [...writePrefix('ipv6Dst', rule.inside), next()],
      intent,
    },
  ]);
}

/** Answers of stations inside; what they begin is translated in the order of the rules. */
export function outwardAnswerFlows(site: NatSite): Flows {
  return prefixRules(site).map(({ rule, segment, intent }) => [
    `${site.name} ${intent.text} answers`,
    {
      priority: ESTABLISHED + 1,
      match: { ...ofRouter(site), segment, ...sourceIn(rule.inside), 'router.trackedState': ctState('+rpl') },
      actions: outwards(rule),
      intent,
    },
  ]);
}

export function outwards({ outside }: OneToOne): AppAction[] {
  return [...writePrefix('ipv6Src', outside), goto('next-hop')];
}

/** At most 64 bits are loaded at a time. */
function writePrefix(field: 'ipv6Src' | 'ipv6Dst', prefix: string): AppAction[] {
  const length = prefixLengthOf(prefix);
  const address = addressBits(addressOf(prefix));
  const run = (from: number, to: number) => {
    const bits = to - from;
    return load({ field, offset: 128 - to, bits }, (address >> BigInt(128 - to)) & ((1n << BigInt(bits)) - 1n));
  };
  return length <= 64 ? [run(0, length)] : [run(0, 64), run(64, length)];
}

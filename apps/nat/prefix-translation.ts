/**
 * One-to-one of whole IPv6 prefixes, packet by packet (after RFC 6296): the bits of the prefix are written over, and Open
 * vSwitch corrects the checksums. No connection is remembered for it. What errors quote is written over by the app.
 */

import {
  type AppAction,
  type AppMatch,
  actions,
  addressBits,
  addressOf,
  ctState,
  destinationIn,
  familyOf,
  goto,
  ICMPV6_ERRORS,
  type Intent,
  IP_PROTOCOL,
  load,
  type NatRule,
  next,
  type OneToOne,
  prefixLengthOf,
  punt,
  set,
  sourceIn,
} from '../../src/index.ts';
import { ERROR_METER, ESTABLISHED, type Flows, ofRouter } from './flows.ts';
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

export function prefixRules(site: NatSite): SiteRule<OneToOne>[] {
  return rulesOfKind(site, 'one-to-one').filter(({ rule }) => isByPrefix(rule));
}

/** The stage `unsnat`: what comes to the public prefix is for the inside one, before its connection is looked up. */
export function inwardFlows(site: NatSite): Flows {
  return prefixRules(site).flatMap(({ rule, intent }): Flows => {
    const match = { ...ofRouter(site), ...destinationIn(rule.outside) };
    return [
      [
        `${site.name} ${intent.text} in`,
        {
          priority: INWARDS,
          match,
          actions: actions(set({ 'nat.inwards': 1 }), writePrefix('ipv6Dst', rule.inside), next()),
          intent,
        },
      ],
      ...errorFlows(`${site.name} ${intent.text} in`, INWARDS + 1, match, intent),
    ];
  });
}

/** No flow writes what they quote: the app does, a limited number of times a second. */
function errorFlows(key: string, priority: number, match: AppMatch, intent: Intent): Flows {
  return [...ICMPV6_ERRORS].map((icmpv6Type) => [
    `${key} error ${icmpv6Type}`,
    {
      priority,
      match: { ...match, ipProto: IP_PROTOCOL.icmpv6, icmpv6Type },
      actions: [punt(undefined, { meter: ERROR_METER })],
      intent,
    },
  ]);
}

/**
 * Answers of stations inside, errors of theirs, and what they send each other by their public addresses (*hairpin*, RFC 6296
 * 2.6), also on one segment; what they begin else is translated in the order of the rules.
 */
export function outwardAnswerFlows(site: NatSite): Flows {
  return prefixRules(site).flatMap(({ rule, segment, intent }): Flows => {
    const key = `${site.name} ${intent.text}`;
    const inside: AppMatch = { ...ofRouter(site), ...sourceIn(rule.inside) };
    const answers = { ...inside, segment, 'router.trackedState': ctState('+rpl') };
    const hairpin = { ...inside, 'nat.inwards': 1 };
    return [
      [`${key} answers`, { priority: ESTABLISHED + 1, match: answers, actions: outwards(rule), intent }],
      [`${key} hairpin`, { priority: ESTABLISHED + 2, match: hairpin, actions: outwards(rule), intent }],
      ...errorFlows(`${key} out`, ESTABLISHED + 3, { ...inside, segment }, intent),
    ];
  });
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

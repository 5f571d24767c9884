/** Sources: what leaves by an interface gets a public address, in the router's second zone; the first rule that fits decides. */

import {
  type AppMatch,
  addressBits,
  ct,
  ctState,
  destinationIn,
  drop,
  familyOf,
  goto,
  type SourceNat,
  set,
  sourceIn,
} from '../../src/index.ts';
import { ESTABLISHED, establishedFlow, type Flows, ofRouter, REST, staleFlow } from './flows.ts';
import { hairpinFlows } from './hairpin-flows.ts';
import { pairsOf } from './pairs.ts';
import { isByPrefix, outwardAnswerFlows, outwards } from './prefix-translation.ts';
import type { NatSite, SiteRule } from './site.ts';

/** The firewall's number of the router itself. */
const FW = 255;
const TO_ITSELF = 61_000;
const OUT = 100;
/** Above the rules. */
const SELF = 45_000;

export function hasSource({ rule }: SiteRule): boolean {
  return rule.kind !== 'forward';
}

/** Without a firewall nobody else commits connections in the first zone, and answers would look new. */
export function trackFlows(site: NatSite): Flows {
  if (site.isFirewalled) return [];
  return site.etherTypes.map((ethType) => [
    `${site.name} ${ethType}`,
    {
      priority: OUT,
      match: { ...ofRouter(site), ethType, 'router.trackedState': ctState('+new-dnat') },
      actions: [ct({ zone: site.number, commit: true, table: 'outgoing' })],
      intent: { text: `router ${site.name}: a connection begins`, source: site.source },
    },
  ]);
}

/** What may need another source goes through the second zone. */
export function outgoingFlows(site: NatSite): Flows {
  const { name, source, sourceZone } = site;
  const segments = new Map(site.rules.filter(hasSource).map(({ segment, intent }) => [segment, intent]));
  return [
    [
      `${name} replies`,
      {
        priority: ESTABLISHED,
        match: { ...ofRouter(site), 'router.trackedState': ctState('+rpl') },
        actions: [goto('next-hop')],
        intent: { text: `router ${name}: replies are translated already`, source },
      },
    ],
    [
      `${name} to itself`,
      {
        priority: TO_ITSELF,
        match: { ...ofRouter(site), egressZone: FW },
        actions: [goto('next-hop')],
        intent: { text: `router ${name}: what is for the router itself does not leave`, source },
      },
    ],
    ...outwardAnswerFlows(site),
    ...hairpinFlows(site),
    ...[...segments].flatMap(([segment, intent]) =>
      site.etherTypes.map((ethType): Flows[number] => [
        `${name} out ${segment} ${ethType}`,
        {
          priority: OUT,
          match: { ...ofRouter(site), ethType, segment },
          actions: [ct({ zone: sourceZone, nat: 'follow', table: 'snat' })],
          intent: { text: `router ${name}: known connections keep their public address`, source: intent.source },
        },
      ]),
    ),
    untranslated(site),
  ];
}

/** `ordered`: those with sources, with their priorities. */
export function sourceFlows(site: NatSite, ordered: readonly (readonly [SiteRule, number])[]): Flows {
  if (ordered.length === 0) return [];
  return [
    ...selfFlows(site),
    ...ordered.flatMap(([each, priority]): Flows => {
      const flows = ruleFlows(site, each, priority);
      return each.rule.kind === 'exempt' || isByPrefix(each.rule)
        ? flows
        : [establishedFlow(site, each, [goto('next-hop')]), ...flows];
    }),
    staleFlow(site, '+trk-new-inv'),
    untranslated(site),
  ];
}

/**
 * What the host at `self` sends from an address that stations share goes through the same zone: it keeps its port where no
 * station has it, and gets another where one has.
 */
function selfFlows(site: NatSite): Flows {
  const flows = new Map<string, Flows[number][1]>();
  for (const each of site.rules) {
    const { rule, segment, primary, own, intent } = each;
    if (!site.hasSelf || rule.kind !== 'snat') continue;
    const shared = rule.to === 'primary' ? [primary] : own.filter((address) => isBetween(address, rule.to));
    for (const address of shared) {
      const key = `${site.name} self ${address} ${segment}`;
      if (address === undefined || flows.has(key)) continue;
      const match = { ...ofRouter(site), segment, ...sourceIn(address) };
      flows.set(key, { priority: SELF, match, actions: [translate(site, each, address)], intent });
    }
  }
  return [...flows];
}

function isBetween(address: string, range: SourceNat['to']): boolean {
  if (range === 'primary' || familyOf(address) !== familyOf(range[0])) return false;
  const number = addressBits(address);
  return addressBits(range[0]) <= number && number <= addressBits(range[1]);
}

function ruleFlows(site: NatSite, each: SiteRule, priority: number): Flows {
  const { rule, segment, primary, intent } = each;
  const leaving = (source: string): AppMatch => ({ ...ofRouter(site), segment, ...sourceIn(source) });
  const key = `${site.name} ${intent.text}`;
  switch (rule.kind) {
    case 'forward':
      return [];
    case 'exempt': {
      const match = { ...leaving(rule.from), ...(rule.to === undefined ? {} : destinationIn(rule.to)) };
      return [[key, { priority, match, actions: [goto('next-hop')], intent }]];
    }
    case 'one-to-one':
      if (isByPrefix(rule)) return [[key, { priority, match: leaving(rule.inside), actions: outwards(rule), intent }]];
      return pairsOf(rule).map(({ outside, inside }) => [
        `${key} ${inside}`,
        { priority, match: leaving(inside), actions: [translate(site, each, outside)], intent },
      ]);
    case 'snat': {
      const [first, last] = rule.to === 'primary' ? [primary, primary] : rule.to;
      const actions = first === undefined ? drop() : [translate(site, each, first, last, rule.ports)];
      return [[key, { priority, match: leaving(rule.from), actions, intent }]];
    }
  }
}

function translate(
  { sourceZone }: NatSite,
  { id }: SiteRule,
  address: string,
  last = address,
  ports?: readonly [number, number],
) {
  const nat = { side: 'src' as const, address, last, ...(ports === undefined ? {} : { ports }) };
  return ct({ zone: sourceZone, commit: true, nat, set: set({ 'nat.rule': id }), table: 'guard' });
}

function untranslated(site: NatSite): Flows[number] {
  const intent = { text: `router ${site.name}: in no need of another source`, source: site.source };
  return [`${site.name} rest`, { priority: REST, match: ofRouter(site), actions: [goto('next-hop')], intent }];
}

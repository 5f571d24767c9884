/** The routers with NAT that live on one switch, and how the names and words of their rules become numbers. */

import {
  type AppDatapath,
  addressOf,
  type Config,
  ETHER_TYPE,
  familyOf,
  hash32,
  type NatRule,
  type Router,
} from '../../src/index.ts';
import { connectedSegment, segmentsTowards } from './towards.ts';

export interface NatSite {
  name: string;
  source: string;
  /** The router's number, and that of its first zone of conntrack: destinations, and the firewall. */
  number: number;
  /** Zone of source translation. */
  sourceZone: number;
  /** The firewall commits connections in the first zone; else NAT does, to know answers from new ones. */
  isFirewalled: boolean;
  /** The host's own network stack is there, and may send from the interfaces' addresses. */
  hasSelf: boolean;
  /** EtherTypes of what its rules translate. */
  etherTypes: number[];
  /** In the file's order. */
  rules: SiteRule[];
  /** Segment.id of the segments by which an address is reached. */
  towards(address: string): number[];
  /** Segment.id of the one on whose prefix it lies. */
  connected(address: string): number | undefined;
}

export type SiteRule<Rule extends NatRule = NatRule> = Rule extends NatRule
  ? {
      rule: Rule;
      /** In ct_label of the connections that it translates. */
      id: number;
      /** Segment.id of its interface. */
      segment: number;
      /** The interface's primary address of the rule's family; undefined: it has none yet. */
      primary: string | undefined;
      /** All of its addresses. */
      own: string[];
      intent: { text: string; source: string };
    }
  : never;

/** Addresses that an interface that follows the host's has now, with their prefix lengths. */
export type Followed = (router: string, interfaceName: string) => readonly string[];

export function natSites(config: Config | undefined, dp: AppDatapath, followed: Followed): NatSite[] {
  if (config === undefined) return [];
  return config.routers
    .filter((router) => router.host === dp.host && router.bridge === dp.bridge)
    .map((router) => siteOf(config, withAddresses(router, followed), dp))
    .filter(({ rules }) => rules.length > 0);
}

function siteOf(config: Config, router: Router, dp: AppDatapath): NatSite {
  const idOfSegment = (name: string) => config.segments.find((segment) => segment.name === name)?.id ?? 0;
  const segmentOf = (name: string) => idOfSegment(router.interfaces.find((each) => each.name === name)?.segment ?? '');
  const ids = new Set<number>();
  const rules = config.nat.filter((rule) => rule.router === router.name);
  const families = new Set(rules.map(familyOfRule));
  return {
    name: router.name,
    source: router.source,
    number: dp.ctZone(`router ${router.name}`),
    sourceZone: dp.ctZone(`snat ${router.name}`),
    isFirewalled: config.firewall !== undefined,
    hasSelf: router.self !== undefined,
    etherTypes: [...families].map((family) => (family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6)),
    rules: rules.map((rule) => {
      const family = familyOfRule(rule);
      const own = router.interfaces.find(({ name }) => name === rule.interface)?.addresses.map(addressOf) ?? [];
      const primary = own.find((each) => familyOf(each) === family);
      return {
        rule,
        id: idOf(rule, primary, ids),
        segment: segmentOf(rule.interface),
        primary,
        own,
        intent: { text: rule.text, source: rule.source },
      } as SiteRule;
    }),
    towards: (address) => segmentsTowards(router, address).map(idOfSegment),
    connected(address) {
      const segment = connectedSegment(router, address);
      return segment === undefined ? undefined : idOfSegment(segment);
    },
  };
}

function withAddresses(router: Router, followed: Followed): Router {
  const interfaces = router.interfaces.map((each) =>
    each.follow ? { ...each, addresses: [...followed(router.name, each.name)] } : each,
  );
  return { ...router, interfaces };
}

function familyOfRule(rule: NatRule): 4 | 6 {
  return familyOf(rule.kind === 'forward' ? rule.toAddress : rule.kind === 'one-to-one' ? rule.inside : rule.from);
}

/**
 * A number of 32 bits that follows from what the rule does. A rule that is changed, or whose primary address is another now,
 * has another: the connections of the old one end.
 */
function idOf(rule: NatRule, primary: string | undefined, taken: Set<number>): number {
  const isPrimary =
    (rule.kind === 'snat' && rule.to === 'primary') || (rule.kind === 'forward' && rule.address === 'primary');
  let id = hash32(isPrimary ? `${rule.text}\n${primary}` : rule.text);
  while (id === 0 || taken.has(id)) id = (id + 1) >>> 0;
  taken.add(id);
  return id;
}

export function rulesOfKind<Kind extends NatRule['kind']>(
  { rules }: NatSite,
  kind: Kind,
): SiteRule<Extract<NatRule, { kind: Kind }>>[] {
  return rules.filter(({ rule }) => rule.kind === kind) as SiteRule<Extract<NatRule, { kind: Kind }>>[];
}

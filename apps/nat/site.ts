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
      intent: { text: string; source: string };
    }
  : never;

/** Addresses that an interface has now, the primary one first. */
export type AddressesOf = (router: Router, interfaceName: string) => readonly string[];

export function natSites(config: Config | undefined, dp: AppDatapath, addressesOf: AddressesOf): NatSite[] {
  if (config === undefined) return [];
  return config.routers
    .filter((router) => router.host === dp.host && router.bridge === dp.bridge)
    .map((router) => siteOf(config, router, dp, addressesOf))
    .filter(({ rules }) => rules.length > 0);
}

function siteOf(config: Config, router: Router, dp: AppDatapath, addressesOf: AddressesOf): NatSite {
  const idOfSegment = (name: string) => config.segments.find((segment) => segment.name === name)?.id ?? 0;
  const segmentOf = (name: string) => idOfSegment(router.interfaces.find((each) => each.name === name)?.segment ?? '');
  const ids = new Set<number>();
  const own = config.nat.filter((rule) => rule.router === router.name);
  const families = new Set(own.map(familyOfRule));
  return {
    name: router.name,
    source: router.source,
    number: dp.ctZone(`router ${router.name}`),
    sourceZone: dp.ctZone(`snat ${router.name}`),
    isFirewalled: config.firewall !== undefined,
    etherTypes: [...families].map((family) => (family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6)),
    rules: own.map((rule) => {
      const family = familyOfRule(rule);
      const primary = addressesOf(router, rule.interface).find((each) => familyOf(each) === family);
      return {
        rule,
        id: idOf(rule, primary, ids),
        segment: segmentOf(rule.interface),
        primary: primary === undefined ? undefined : addressOf(primary),
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

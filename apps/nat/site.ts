/** The routers with NAT that live on one switch, and how their names become numbers. */

import { type AppDatapath, type Config, type NatRule, overlaps, type Router } from '../../src/index.ts';

export interface NatSite {
  router: { name: string; source: string; number: number; snatZone: number };
  rules: NatRule[];
  /** Segment.id of an interface. */
  idOf(name: string): number;
  /** Segment.id of the interface whose connected prefix holds the address. */
  segmentOf(address: string): number | undefined;
}

export function natSites(config: Config | undefined, dp: AppDatapath): NatSite[] {
  if (config === undefined) return [];
  return config.routers
    .filter((router) => router.host === dp.host && router.bridge === dp.bridge)
    .map((router) => siteOf(config, router, dp))
    .filter(({ rules }) => rules.length > 0);
}

function siteOf(config: Config, router: Router, dp: AppDatapath): NatSite {
  const idOfSegment = (name: string) => config.segments.find((segment) => segment.name === name)?.id ?? 0;
  return {
    router: {
      name: router.name,
      source: router.source,
      number: dp.ctZone(`router ${router.name}`),
      snatZone: dp.ctZone(`snat ${router.name}`),
    },
    rules: config.nat.filter((rule) => rule.router === router.name),
    idOf: (name) => idOfSegment(router.interfaces.find((each) => each.name === name)?.segment ?? ''),
    segmentOf(address) {
      const found = router.interfaces.find(({ addresses }) => addresses.some((prefix) => overlaps(prefix, address)));
      return found === undefined ? undefined : idOfSegment(found.segment);
    },
  };
}

/** Where packets are judged: at a router, or between the ports of segments. */

import {
  type AppDatapath,
  type AppMatch,
  type Config,
  type FieldRef,
  familyOf,
  next,
  resubmit,
  type TableRef,
} from '../../src/index.ts';

import type { AddressClasses } from './address-classes.ts';
import type { Flows } from './place.ts';

export interface FilteredPlace {
  /** No two have one. */
  name: string;
  /** What all packets there match, beside their family. */
  base: AppMatch;
  /** The table of its rules. */
  rules: 'filter' | 'judge';
  /** What its packets match in the table `closer`. */
  closer: AppMatch;
  /** Where what is accepted goes on. */
  onward: TableRef;
  /** The ct zone of a packet's connection, or the field that has its number. */
  zone: number | FieldRef;
  /** Zones that packets there may come from or go to; undefined: any. */
  zones: readonly number[] | undefined;
  /** Packets may be copies of a flood, of which nobody is told what became of each. */
  floods: boolean;
  families: readonly (4 | 6)[];
  classes: Pick<AddressClasses, 'of'>;
}

export function filteredRouters(config: Config, dp: AppDatapath, classes: AddressClasses): FilteredPlace[] {
  return config.routers
    .filter(({ host, bridge }) => host === dp.host && bridge === dp.bridge)
    .map(({ name, interfaces }) => {
      const zone = dp.ctZone(`router ${name}`);
      // Where an address is followed it is one of the segment's.
      const addresses = interfaces.flatMap((each) =>
        each.follow
          ? (config.segments.find((segment) => segment.name === each.segment)?.subnets ?? [])
          : each.addresses,
      );
      const families = ([4, 6] as const).filter((family) => addresses.some((each) => familyOf(each) === family));
      const base = { 'router.number': zone };
      return {
        ...{ name, base, rules: 'filter', closer: base, onward: 'next', zone, zones: undefined, floods: false },
        ...{ families, classes },
      };
    });
}

/** No router can be called so. */
export const BETWEEN_PORTS = 'between ports';

/** Between ports, on whichever segment. */
export function betweenPorts(zones: readonly number[], classes: AddressClasses): FilteredPlace {
  return {
    ...{ name: BETWEEN_PORTS, base: {}, rules: 'judge', closer: { 'router.number': 0 }, onward: 'output' },
    ...{ zone: 'firewall.connections', zones, floods: true, families: [4, 6], classes },
  };
}

/** A packet's source is told before NAT turns an answer's back, its destination after. */
export function lookupFlows(
  places: readonly FilteredPlace[],
  table: 'sources' | 'destinations',
  source: string,
): Flows {
  const what = table === 'sources' ? 'comes from' : 'goes to';
  return places.map(({ name, base }) => [
    name,
    {
      priority: 100,
      match: base,
      actions: [resubmit(table), next()],
      intent: { text: `router ${name}: in which sets that is what a packet ${what}`, source },
    },
  ]);
}

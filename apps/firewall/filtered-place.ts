/** Where packets are judged: at a router, or between the ports of segments. */

import {
  type AppDatapath,
  type AppMatch,
  type Config,
  type FieldRef,
  familyOf,
  type TableRef,
} from '../../src/index.ts';

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
  /** Members of a set. */
  prefixesOf(set: string): readonly string[];
}

export function filteredRouters(config: Config, dp: AppDatapath): FilteredPlace[] {
  const prefixesOf = setsOf(config);
  return config.routers
    .filter(({ host, bridge }) => host === dp.host && bridge === dp.bridge)
    .map(({ name, interfaces }) => {
      const addresses = interfaces.flatMap((each) => each.addresses);
      const zone = dp.ctZone(`router ${name}`);
      const families = ([4, 6] as const).filter((family) => addresses.some((each) => familyOf(each) === family));
      const base = { 'router.number': zone };
      return {
        ...{ name, base, rules: 'filter', closer: base, onward: 'next', zone, zones: undefined, floods: false },
        ...{ families, prefixesOf },
      };
    });
}

/** Between ports, on whichever segment: no router can be called so. */
export function betweenPorts(config: Config, zones: readonly number[]): FilteredPlace {
  return {
    ...{ name: 'between ports', base: {}, rules: 'judge', closer: { 'router.number': 0 }, onward: 'output' },
    ...{ zone: 'firewall.connections', zones, floods: true, families: [4, 6] },
    prefixesOf: setsOf(config),
  };
}

function setsOf({ firewall }: Config): FilteredPlace['prefixesOf'] {
  const sets = new Map(firewall?.sets.map(({ name, members }) => [name, members.map(({ prefix }) => prefix)] as const));
  return (set) => sets.get(set) ?? [];
}

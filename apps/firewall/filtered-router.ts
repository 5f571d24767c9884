/** A router as the firewall on its switch sees it. */

import { type AppDatapath, type Config, familyOf } from '../../src/index.ts';

export interface FilteredRouter {
  name: string;
  /** Its number, and that of its ct zone. */
  zone: number;
  /** Of its interfaces' addresses. */
  families: readonly (4 | 6)[];
  /** Members of a set. */
  prefixesOf(set: string): readonly string[];
}

export function filteredRouters(config: Config, dp: AppDatapath): FilteredRouter[] {
  const sets = new Map(
    config.firewall?.sets.map(({ name, members }) => [name, members.map(({ prefix }) => prefix)] as const),
  );
  return config.routers
    .filter(({ host, bridge }) => host === dp.host && bridge === dp.bridge)
    .map(({ name, interfaces }) => {
      const addresses = interfaces.flatMap((each) => each.addresses);
      return {
        name,
        zone: dp.ctZone(`router ${name}`),
        families: ([4, 6] as const).filter((family) => addresses.some((each) => familyOf(each) === family)),
        prefixesOf: (set) => sets.get(set) ?? [],
      };
    });
}

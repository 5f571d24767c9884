/** How large the packets are that an interface takes: by the file, else by what the tunnels of its segment leave. */

import type { AppDatapath, Config } from '../../src/index.ts';
import type { SiteRouter } from './site.ts';
import { mtuOfPriority } from './size-flows.ts';

/** Of a segment without tunnels of which the file says nothing. */
const USUAL = 1500;

/** By segment: what an earlier run knew, by its flows. Hosts tell it only a moment after the switch has come. */
export function standingMtus(dp: AppDatapath<'resolve'>): Map<number, number> {
  const mtus = new Map<number, number>();
  for (const { priority, match } of dp.flows.resolve.standing()) {
    const segment = dp.read(match, 'segment');
    const mtu = mtuOfPriority(priority);
    if (segment !== undefined && mtu !== undefined) mtus.set(segment, mtu);
  }
  return mtus;
}

/** Interfaces on segments whose tunnels are not known yet keep an undefined one. */
export function addMtus(
  routers: readonly SiteRouter[],
  network: Config | undefined,
  standing: ReadonlyMap<number, number>,
): void {
  for (const { interfaces } of routers) {
    for (const each of interfaces) {
      if (each.mtu !== undefined) continue;
      const segment = network?.segments.find(({ id }) => id === each.id);
      each.mtu = segment?.overlay === undefined ? USUAL : (segment.mtu ?? standing.get(each.id));
    }
  }
}

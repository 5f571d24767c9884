/** Tells a station that asks whether an address of a router is free (RFC 4862 5.4) that it is not. */

import { type AppDatapath, buildAdvertisement, dissect, resubmit, set } from '../../src/index.ts';
import { ownOf } from './advertise-flows.ts';
import type { Punted } from './as-sent.ts';
import type { SiteRouter } from './site.ts';

export function tellTaken(
  dp: AppDatapath,
  routers: readonly SiteRouter[],
  segment: number,
  { data, inPort, match }: Punted,
): void {
  const target = dissect(data).icmpv6?.nd?.target;
  const via = routers
    .flatMap(({ interfaces }) => interfaces)
    .find((each) => each.id === segment && target !== undefined && ownOf(each).includes(target));
  if (via === undefined || target === undefined) return;
  const back = set({ segment, outPort: inPort, tunnelPeer: dp.read(match, 'tunnelPeer') ?? 0 });
  dp.packetOut({ data: buildAdvertisement(via.mac, target), actions: [...back, resubmit('output')] });
}

/** Tells a station that asks whether an address of a router is free (RFC 4862 5.4) that it is not. */

import {
  type AppDatapath,
  buildAdvertisement,
  type Config,
  dissect,
  overlaps,
  resubmit,
  set,
} from '../../src/index.ts';
import { ownOf } from './advertise-flows.ts';
import type { Punted } from './as-sent.ts';
import { eachProxied } from './proxied-flows.ts';
import type { SiteRouter } from './site.ts';

export function tellTaken(
  dp: AppDatapath,
  network: Config | undefined,
  routers: readonly SiteRouter[],
  segment: number,
  { data, inPort, match }: Punted,
): void {
  const target = dissect(data).icmpv6?.nd?.target;
  if (target === undefined) return;
  const via =
    routers
      .flatMap(({ interfaces }) => interfaces)
      .find((each) => each.id === segment && ownOf(each).includes(target)) ??
    eachProxied(network, routers).find(([, at, { prefix }]) => at.id === segment && overlaps(prefix, target))?.[1];
  if (via === undefined) return;
  const back = set({ segment, outPort: inPort, tunnelPeer: dp.read(match, 'tunnelPeer') ?? 0 });
  dp.packetOut({ data: buildAdvertisement(via.mac, target), actions: [...back, resubmit('output')] });
}

/** Packets that are too large to leave: senders are told (RFC 1191, RFC 8201), and what may be cut is cut, for Open vSwitch can't. */

import { type AppDatapath, dissect, fragmentIpv4, resubmit, set } from '../../src/index.ts';
import type { Punted } from './as-sent.ts';
import type { Errors } from './errors.ts';
import type { SiteRouter } from './site.ts';
import { narrow } from './size-flows.ts';

/**
 * One without DF goes on in pieces, and its sender is told all the same: most cut their packets themselves from then on, and no
 * longer need the controller for it.
 */
export function takeOversized(dp: AppDatapath, routers: readonly SiteRouter[], errors: Errors, packet: Punted): void {
  const segment = dp.read(packet.match, 'segment') ?? 0;
  const number = dp.read(packet.match, 'router.number');
  const router = routers.find((each) => each.number === number);
  const mtu = router && narrow(router).find(({ via }) => via.id === segment)?.mtu;
  if (mtu === undefined) return;
  errors.sendRouted(packet, 'too-big', { mtu, decremented: true });
  if (dissect(packet.data).ipv4 === undefined) return;
  for (const data of fragmentIpv4(packet.data, mtu)) {
    dp.packetOut({ data, actions: [...set({ segment }), resubmit('switching')] });
  }
}

/** What the switch hands to the controller: packets without a known next hop, answers to ARP, TTLs that ended. */

import {
  type AppDatapath,
  addressText,
  icmpTimeExceeded,
  type PacketInEvent,
  parseArp,
  resubmit,
  set,
} from '../../src/index.ts';
import type { Resolver } from './resolver.ts';
import type { SiteRouter } from './site.ts';

const ETHERNET_HEADER = 14;

export function createPuntHandler(
  dp: AppDatapath,
  routers: () => SiteRouter[],
  resolver: Resolver,
  expired: () => void,
): (packet: PacketInEvent) => void {
  function timeExceeded({ data, inPort, match }: PacketInEvent): void {
    expired();
    const segment = dp.read(match, 'ingressSegment') ?? 0;
    const router = routers().find(({ interfaces }) => interfaces.some(({ id }) => id === segment));
    const via = router?.interfaces.find(({ id }) => id === segment);
    const address = via?.own[0];
    if (router === undefined || address === undefined) return;
    const answer = icmpTimeExceeded({ frame: data, routerMac: router.mac, routerAddress: address });
    if (answer === undefined) return;
    const back = set({ segment, outPort: inPort, tunnelPeer: dp.read(match, 'tunnelPeer') ?? 0 });
    dp.packetOut({ data: answer, actions: [...back, resubmit('output')] });
  }

  return (packet) => {
    const { data, table, match } = packet;
    if (table === 'resolve') {
      resolver.wait(dp.read(match, 'segment') ?? 0, addressText(dp.read(match, 'router.nextHop') ?? 0), data);
    } else if (table === 'respond') {
      const arp = parseArp(data, ETHERNET_HEADER);
      if (arp !== undefined) resolver.resolved(dp.read(match, 'segment') ?? 0, arp.senderAddress);
    } else if (table === 'route') timeExceeded(packet);
  };
}

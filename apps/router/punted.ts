/** What the switch hands to the controller: packets without a known next hop, answers to ARP, TTLs that ended. */

import { type AppDatapath, addressText, dissect, type PacketInEvent, parseArp } from '../../src/index.ts';
import type { Announcer } from './announcer.ts';
import type { Punted } from './as-sent.ts';
import type { Errors } from './errors.ts';
import type { Neighbours } from './neighbours.ts';
import type { Resolver } from './resolver.ts';
import { REFUSALS } from './route-flows.ts';
import { FW } from './zone-numbers.ts';

const ETHERNET_HEADER = 14;

export interface PuntTakers {
  resolver: Resolver;
  neighbours: Pick<Neighbours, 'heard'>;
  errors: Errors;
  announcer: Pick<Announcer, 'claimed'>;
  /** A TTL ended here. */
  expired(): void;
  /** It is larger than what the interface takes by which it leaves. */
  oversized(packet: Punted): void;
}

export function createPuntHandler(
  dp: AppDatapath,
  { resolver, neighbours, errors, announcer, expired, oversized }: PuntTakers,
): (packet: PacketInEvent) => void {
  return (packet) => {
    const { data, inPort, table, match } = packet;
    const punted = { data, inPort, match };
    if (table === 'resolve') {
      const address = addressText(dp.read(match, 'router.nextHop') ?? 0);
      resolver.wait({ segment: dp.read(match, 'segment') ?? 0, address }, punted);
    } else if (table === 'respond') {
      const arp = parseArp(data, ETHERNET_HEADER);
      if (arp === undefined) return;
      const hop = { segment: dp.read(match, 'segment') ?? 0, address: arp.senderAddress };
      neighbours.heard(hop);
      resolver.resolved(hop);
    } else if (table === 'size') {
      oversized(punted);
    } else if (table === 'learn') {
      const { eth, arp, icmpv6 } = dissect(data);
      const address = arp?.senderAddress ?? icmpv6?.nd?.target;
      const mac = eth?.src;
      if (address === undefined || mac === undefined) return;
      announcer.claimed({ segment: dp.read(match, 'segment') ?? 0, address, mac, inPort });
    } else if (table === 'route') {
      expired();
      errors.send(punted, 'time-exceeded');
    } else if (table === 'lookup') {
      const why = dp.read(match, 'router.path');
      const kind = Object.entries(REFUSALS).find(([, number]) => number === why)?.[0] as keyof typeof REFUSALS;
      const decremented = dp.read(match, 'ingressZone') !== FW;
      if (kind !== undefined) errors.send(punted, kind, { decremented });
    }
  };
}

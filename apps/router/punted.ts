/** What the switch hands to the controller: packets without a known next hop, answers to ARP, TTLs that ended. */

import { type AppDatapath, addressOfBits, addressText, dissect, ND_TYPE, type PacketInEvent } from '../../src/index.ts';
import type { Announcer } from './announcer.ts';
import type { Punted } from './as-sent.ts';
import type { Errors } from './errors.ts';
import type { Neighbours } from './neighbours.ts';
import type { Resolver } from './resolver.ts';
import { REFUSALS } from './route-flows.ts';
import { FW } from './zone-numbers.ts';

export interface PuntTakers {
  resolver: Resolver;
  neighbours: Pick<Neighbours, 'heard'>;
  errors: Errors;
  announcer: Pick<Announcer, 'claimed'>;
  /** Somebody asks whether an address is free that is not. */
  tellTaken(segment: number, packet: Punted): void;
  /** A TTL ended here. */
  expired(): void;
  /** It is larger than what the interface takes by which it leaves. */
  oversized(packet: Punted): void;
}

export function createPuntHandler(
  dp: AppDatapath,
  { resolver, neighbours, errors, announcer, tellTaken, expired, oversized }: PuntTakers,
): (packet: PacketInEvent) => void {
  return (packet) => {
    const { data, inPort, table, match } = packet;
    const punted = { data, inPort, match };
    // Another router of the switch lies between, on the way back as well.
    const send = dp.read(match, 'router.transit') === 1 ? errors.sendRouted : errors.send;
    if (table === 'resolve') {
      const isIpv6 = dissect(data).ipv6 !== undefined;
      const address = isIpv6
        ? addressOfBits(6, dp.readBits(match, 'router.nextHop6') ?? 0n)
        : addressText(dp.read(match, 'router.nextHop') ?? 0);
      resolver.wait({ segment: dp.read(match, 'segment') ?? 0, address }, punted);
    } else if (table === 'respond') {
      const { arp, icmpv6 } = dissect(data);
      const segment = dp.read(match, 'segment') ?? 0;
      if (icmpv6?.type === ND_TYPE.neighborSolicitation) {
        tellTaken(segment, punted);
        return;
      }
      const address = arp?.senderAddress ?? icmpv6?.nd?.target;
      if (address === undefined) return;
      neighbours.heard({ segment, address });
      resolver.resolved({ segment, address });
    } else if (table === 'size') {
      oversized(punted);
    } else if (table === 'learn') {
      const { eth, arp, ipv6, icmpv6 } = dissect(data);
      const isAsking = icmpv6?.type === ND_TYPE.neighborSolicitation;
      const address = arp?.senderAddress ?? (isAsking ? ipv6?.src : icmpv6?.nd?.target);
      const mac = eth?.src;
      if (address === undefined || mac === undefined) return;
      announcer.claimed({ segment: dp.read(match, 'segment') ?? 0, address, mac, inPort });
    } else if (table === 'route') {
      expired();
      send(punted, 'time-exceeded');
    } else if (table === 'lookup') {
      const why = dp.read(match, 'router.path');
      const kind = Object.entries(REFUSALS).find(([, number]) => number === why)?.[0] as keyof typeof REFUSALS;
      const decremented = dp.read(match, 'ingressZone') !== FW;
      if (kind !== undefined) send(punted, kind, { decremented });
    }
  };
}

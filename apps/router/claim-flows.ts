/** A station that tells the segment that an address of the router is its own: the switch keeps that from the others. */

import { type AppFlow, ETHER_TYPE, IP_PROTOCOL, punt } from '../../src/index.ts';
import type { SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

/** The meter of what is told of it. */
export const CLAIMS = 'claims';
/** A packet of ARP, or a neighbour advertisement with its options. */
const ENOUGH = 128;
const ADVERTISEMENT = 136;

/** The stage `learn`: above what learns neighbours, so that the switch believes none of it. */
export function claimFlows(routers: readonly SiteRouter[]): Flows {
  return routers.flatMap(({ name, interfaces }) =>
    interfaces.flatMap(({ id, own, hostAnswers, source }) =>
      // There the host at `self` has the addresses, and tells so.
      (hostAnswers ? [] : own).map((address): Flows[number] => [
        `${name} claim ${address}`,
        {
          priority: 105,
          match: { segment: id, ...claimOf(address) },
          actions: [punt(ENOUGH, { meter: CLAIMS })],
          intent: {
            text: `${address} is router ${name}'s: a station that claims it is told of, and not believed`,
            source,
          },
        },
      ]),
    ),
  );
}

function claimOf(address: string): AppFlow['match'] {
  if (!address.includes(':')) return { ethType: ETHER_TYPE.arp, arpSpa: address };
  return {
    ...{ ethType: ETHER_TYPE.ipv6, ipProto: IP_PROTOCOL.icmpv6, icmpv6Type: ADVERTISEMENT },
    ipv6NdTarget: address,
  };
}

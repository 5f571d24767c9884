/** A station that tells the segment that an address of the router is its own: the switch keeps that from the others. */

import { type AppFlow, addressClaims, punt } from '../../src/index.ts';
import type { SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

/** The meter of what is told of it. */
export const CLAIMS = 'claims';
/** A packet of ARP, or of neighbour discovery with its options. */
const ENOUGH = 128;

/** The stage `learn`: above what learns neighbours, so that the switch believes none of it. */
export function claimFlows(routers: readonly SiteRouter[]): Flows {
  return routers.flatMap(({ name, interfaces }) =>
    interfaces.flatMap(({ id, own, linkLocal, hostAnswers, source }) =>
      // There the host at `self` has the addresses, and tells so.
      (hostAnswers ? [] : [...own, ...(linkLocal === undefined ? [] : [linkLocal])]).flatMap((address) =>
        addressClaims(address).map((match, i): Flows[number] => [
          `${name} claim ${id} ${address} ${i}`,
          {
            priority: 105,
            match: { segment: id, ...match },
            actions: [punt(ENOUGH, { meter: CLAIMS })],
            intent: {
              text: `${address} is router ${name}'s: a station that claims it is told of, and not believed`,
              source,
            },
          },
        ]),
      ),
    ),
  );
}

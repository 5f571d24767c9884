/** What a router says itself leaves it by its routes, past its firewall and NAT. */

import { type AppDatapath, resubmit } from '../../src/index.ts';
import { type IsKnown, nextHopTo, towards } from './next-hop.ts';
import type { Send } from './services.ts';
import type { SiteRouter } from './site.ts';

export function ownPackets(dp: AppDatapath, routers: () => readonly SiteRouter[], isKnown: IsKnown): Send {
  return {
    send(name, to, data) {
      const router = routers().find((each) => each.name === name);
      const hop = router && nextHopTo(router, to, isKnown);
      if (router === undefined || hop === undefined) return false;
      dp.packetOut({ data, actions: [...towards(router, hop), resubmit('next-hop')] });
      return true;
    },
  };
}

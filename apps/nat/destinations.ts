/** Where the rules that stand lead connections. */

import { IP_PROTOCOL } from '../../src/index.ts';
import { pairsOf } from './pairs.ts';
import type { Destinations } from './services.ts';
import type { NatSite } from './site.ts';

export function createDestinations(sites: () => readonly NatSite[]): Destinations {
  return {
    of(router, id, { protocol, address, port }) {
      const each = sites()
        .find(({ number }) => number === router)
        ?.rules.find((rule) => rule.id === id);
      if (each?.rule.kind === 'one-to-one') {
        const pair = pairsOf(each.rule).find(({ outside }) => outside === address);
        return pair && { address: pair.inside, port };
      }
      if (each?.rule.kind !== 'forward') return undefined;
      const { ports, toPorts, toAddress, address: outside } = each.rule;
      const isIts =
        port !== undefined && ports[0] <= port && port <= ports[1] && IP_PROTOCOL[each.rule.protocol] === protocol;
      if (!isIts || (outside === 'primary' ? each.primary : outside) !== address) return undefined;
      return { address: toAddress, port: toPorts[0] + port - ports[0] };
    },
  };
}

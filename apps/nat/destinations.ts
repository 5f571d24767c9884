/** Where the rules that stand lead connections. */

import { type AppDatapath, IP_PROTOCOL } from '../../src/index.ts';
import { pairsOf } from './pairs.ts';
import { outside, rulesOf } from './prefix-errors.ts';
import type { Destinations } from './services.ts';
import type { NatSite } from './site.ts';

export function createDestinations(dp: Pick<AppDatapath, 'read'>, sites: () => readonly NatSite[]): Destinations {
  return {
    asked(match, address) {
      if (dp.read(match, 'nat.inwards') !== 1) return undefined;
      const number = dp.read(match, 'router.number');
      return outside(rulesOf(sites().find((each) => each.number === number)), address);
    },
    of(router, id, { protocol, address, port }) {
      const each = sites()
        .find(({ number }) => number === router)
        ?.rules.find((rule) => rule.id === id);
      if (each?.rule.kind === 'one-to-one') {
        const pair = pairsOf(each.rule).find(({ outside }) => outside === address);
        return pair && { address: pair.inside, port };
      }
      if (each?.rule.kind !== 'forward') return undefined;
      const { ports, toPorts, toAddress, address: its } = each.rule;
      const isIts =
        port !== undefined && ports[0] <= port && port <= ports[1] && IP_PROTOCOL[each.rule.protocol] === protocol;
      if (!isIts || (its === 'primary' ? each.primary : its) !== address) return undefined;
      return { address: toAddress, port: toPorts[0] + port - ports[0] };
    },
  };
}

/** Stations that a rule leads to are asked for ahead of the first connection, which then waits for nothing. */

import { familyOf } from '../../src/index.ts';
import type { Resolve } from '../router/services.ts';
import { pairsOf } from './pairs.ts';
import type { NatSite } from './site.ts';

/** Asks for those of them that are on a segment of the router's. */
export function askAhead(sites: readonly NatSite[], ask: Resolve['ask']): void {
  for (const site of sites) {
    for (const { rule } of site.rules) {
      const targets =
        rule.kind === 'forward'
          ? [rule.toAddress]
          : rule.kind === 'one-to-one'
            ? pairsOf(rule).map(({ inside }) => inside)
            : [];
      for (const target of targets) {
        const segment = site.connected(target);
        if (segment !== undefined && familyOf(target) === 4) ask(segment, target);
      }
    }
  }
}

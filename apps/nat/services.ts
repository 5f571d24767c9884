/** What NAT offers other apps on its switch: `import { destinations } from 'flowloom/apps/nat'`. */

import { defineService, type Match } from '../../src/index.ts';

export interface Destination {
  address: string;
  /** As given where the rule leaves it, or there is none. */
  port: number | undefined;
}

export interface Destinations {
  /** Where a connection goes that `nat.rule` of the router (`router.number`) translates; undefined: no such rule stands. */
  of(router: number, rule: number, sent: Destination & { protocol: number }): Destination | undefined;
  /** What a packet was sent to that came to a public prefix, by what the match says; undefined: it came to none. */
  asked(match: Match, address: string): string | undefined;
}

export const destinations = defineService<Destinations>('nat.destinations');

/** What NAT offers other apps on its switch: `import { destinations } from 'flowloom/apps/nat'`. */

import { defineService } from '../../src/index.ts';

export interface Destination {
  address: string;
  /** As given where the rule leaves it, or there is none. */
  port: number | undefined;
}

export interface Destinations {
  /** Where a connection goes that `nat.rule` of the router (`router.number`) translates; undefined: no such rule stands. */
  of(router: number, rule: number, sent: Destination & { protocol: number }): Destination | undefined;
}

export const destinations = defineService<Destinations>('nat.destinations');

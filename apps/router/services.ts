/** What the router offers other apps on its switch: `import { resolve } from 'flowloom/apps/router'`. */

import { defineService } from '../../src/index.ts';

export interface Resolve {
  /** Asks for a station by ARP. The switch learns the answer by itself, and packets to the station need not wait for it. */
  ask(segment: number, address: string): void;
}

export const resolve = defineService<Resolve>('router.resolve');

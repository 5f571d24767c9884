/** What the parts of a segment's server share. */

import type { Config, DhcpSegment, DhcpServer, Tell } from '../../src/index.ts';
import type { Asked } from './asked.ts';
import type { LeaseBook } from './leases.ts';
import type { Offers } from './offers.ts';
import type { Pool } from './pool.ts';
import type { Done } from './probe.ts';
import type { Reply } from './reply.ts';

export interface SegmentServerParts {
  config: Config;
  segment: DhcpSegment;
  settings: DhcpServer;
  leases: LeaseBook;
  now(): number;
  reply(asked: Asked, reply: Reply): void;
  /** Asks whether somebody has the address; `done` hears who. false: not now. */
  probe(asked: Asked, address: string, done: Done): boolean;
  tell: Tell;
  count(what: 'offered' | 'acknowledged' | 'refused' | 'exhausted' | 'conflicts' | 'limited'): void;
}

export interface Desk extends SegmentServerParts {
  pool: Pool;
  offers: Offers;
  /** The port has as many addresses as it may; told. */
  isFull(asked: Asked): boolean;
  secondsFor(asked: Asked): number;
}

/** A client's message, with whom it came from and where its answer goes. */

import type { AppDatapath } from '../../src/index.ts';
import type { ClientMessage } from './client.ts';
import type { ClientPlace } from './leases.ts';
import type { FilePort } from './pool.ts';

/** Who asks, and from where. */
export interface Asked {
  message: ClientMessage;
  port: FilePort;
  place: ClientPlace;
  /** By one port come the stations of one guest. */
  isAccess: boolean;
  origin: Origin;
}

/** To this the answer goes. */
export interface Origin {
  dp: AppDatapath;
  /** Segment.id, by which the message came. */
  segment: number;
  inPort: number;
  /** The tunnel's other end. */
  tunnelPeer: number;
}

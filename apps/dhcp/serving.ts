/** Which segment's server a message is for. */

import { overlaps } from '../../src/index.ts';
import type { ClientMessage } from './client.ts';
import type { SegmentServer } from './server.ts';

const NOWHERE = '0.0.0.0';

/** The one of the segment by which it came; of a relay's, the one that has the relay's network (RFC 2131 4.3.1). */
export function serverFor(
  { dhcp: { relayAgent } }: ClientMessage,
  segment: string | undefined,
  servers: ReadonlyMap<string, SegmentServer>,
): SegmentServer | undefined {
  if (relayAgent === NOWHERE) return servers.get(segment ?? '');
  return [...servers.values()].find(({ settings }) => overlaps(settings.subnet, relayAgent));
}

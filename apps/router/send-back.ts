/** How an answer goes back where its question came from. */

import { load, move } from '../../src/index.ts';

/** Out of the port, or the tunnel, that it came in by; never as IN_PORT, which would bypass tags and tunnels. */
export function backWhereItCameFrom() {
  return [move('inPort', 'outPort'), load('nxmInPort', 0)];
}

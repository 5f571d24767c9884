/** A flow as an object of its own members, to make another of it. */

import type { TableFlow } from '../../src/flow/flow.ts';

export function plainFlow(flow: TableFlow): TableFlow {
  const { tableId, priority, match, instructions, cookie, idleTimeout, hardTimeout, flags } = flow;
  return { tableId, priority, match, instructions, cookie, idleTimeout, hardTimeout, flags };
}

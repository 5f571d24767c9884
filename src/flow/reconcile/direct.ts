/** Changes that are sent at once and without a bundle, as a packet-in's answer is: remembered until their errors can't come. */

import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import { type Change, describe, nameOf } from './change.ts';
import type { Difference } from './difference.ts';
import type { Mirror } from './mirror.ts';
import type { Quarantine } from './quarantine.ts';
import type { Sender } from './sending.ts';

export interface Direct {
  send(changes: readonly Change[]): void;
  /** The change that the message with the xid made. */
  ownChange(xid: number): Change | undefined;
  /** `lost`: what was to go is still there. */
  takeError(error: OpenFlowError): 'foreign' | 'refused' | 'lost';
}

/** More go in a bundle, which waits for the switch. */
const MOST_AT_ONCE = 100;
/** Changes that are remembered until the switch has told of them. */
const MOST_KEPT = 1024;

/** Meters go on their own, and flows wait for a group that is refused: only where answers are awaited is that known. */
export function isDirect({ before, bundle, after }: Difference): boolean {
  if (bundle.length > MOST_AT_ONCE || before.length + after.length > 0) return false;
  return bundle.every(({ group, removedGroup }) => group === undefined && removedGroup === undefined);
}

export function createDirect(parts: { mirror: Mirror; quarantine: Quarantine; sender: Sender }): Direct {
  const { mirror, quarantine, sender } = parts;
  /** By xid: the last ones. */
  const kept = new Map<number, Change>();
  return {
    send(changes) {
      for (const change of changes) {
        kept.set(sender.direct(change), change);
        mirror.apply(change);
        quarantine.delete(nameOf(change)[0]);
      }
      for (const xid of kept.keys()) {
        if (kept.size <= MOST_KEPT) break;
        kept.delete(xid);
      }
    },
    ownChange: (xid) => kept.get(xid),
    takeError(error) {
      const flow = kept.get(error.xid)?.flow;
      if (!kept.delete(error.xid)) return 'foreign';
      if (flow === undefined) return 'lost';
      mirror.remove(flow.identity);
      quarantine.add(flow.identity, flow.content, describe(flow), error.reason);
      return 'refused';
    },
  };
}

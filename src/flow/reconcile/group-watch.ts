/**
 * Hears what others do to groups and meters, which no flow monitor tells: OpenFlow 1.4's forwarded requests (7.4.6). They
 * say what was asked, not what came of it: so the groups and meters are read again.
 */

import type { Connection } from '../../openflow/connection.ts';
import type { RequestForward } from '../../openflow/datapath.ts';
import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import { isOurId, type Namespace } from '../namespace.ts';
import type { Mirror } from './mirror.ts';

export interface GroupWatch {
  /** `on`: every change is told. */
  readonly state: 'off' | 'asked' | 'on';
  ask(): void;
  /** A request that was sent after `ask` has been answered. */
  settle(): void;
  receive(message: RequestForward): void;
  takeError(error: OpenFlowError): boolean;
}

const BOTH = ['groupMod', 'meterMod'] as const;

export function createGroupWatch(connection: Connection, mirror: Mirror, changed: () => void): GroupWatch {
  let state: GroupWatch['state'] = 'off';
  let xid = 0;
  return {
    get state() {
      return state;
    },
    ask() {
      if (state !== 'off') return;
      state = 'asked';
      xid = connection.send({
        type: 'setAsync',
        properties: [
          { type: 'requestForwardMaster', mask: BOTH },
          { type: 'requestForwardSlave', mask: BOTH },
        ],
      });
    },
    settle() {
      if (state === 'asked') state = 'on';
    },
    receive({ request }) {
      if (request.type === 'groupMod' && isOfOurs(mirror.namespace, request.groupId, mirror.groups)) changed();
      else if (request.type === 'meterMod' && isOfOurs(mirror.namespace, request.meterId, mirror.meters)) changed();
    },
    takeError(error) {
      if (state !== 'asked' || error.xid !== xid) return false;
      state = 'off';
      return true;
    },
  };
}

function isOfOurs(namespace: Namespace, id: number | string, ours: ReadonlyMap<number, string>): boolean {
  return typeof id === 'number' ? isOurId(namespace, id) : ours.size > 0;
}

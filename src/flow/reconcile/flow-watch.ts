/**
 * Follows what others change in a switch, by OpenFlow 1.4's flow monitor (7.3.5.17). Neither NO_ABBREV nor ONLY_OWN:
 * Open vSwitch refuses the one and means something else by the other. So our own changes come as ABBREV.
 */

import type { MultipartRequestBody } from '../../../proto/openflow/multipart.ts';
import type { Connection } from '../../openflow/connection.ts';
import type { FlowMonitorReply } from '../../openflow/datapath.ts';
import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import type { FlowUpdate } from './mirror.ts';

export interface FlowWatchEvents {
  /** By another than us, or by the switch itself. */
  changed(update: Extract<FlowUpdate, { match: unknown }>): void;
  /** Our message with that xid took effect. */
  ownChange(xid: number): void;
  /** There was more than the switch could tell: everything is to be read again. */
  resumed(): void;
}

export interface FlowWatch {
  /** `on`: every change is told. `paused`: not all of them, for now. */
  readonly state: 'off' | 'asked' | 'on' | 'paused';
  ask(): void;
  /** A request that was sent after `ask` has been answered: a monitor that has not begun was refused. */
  settle(): void;
  receive(reply: FlowMonitorReply): void;
  takeError(error: OpenFlowError): boolean;
}

const ALL_FLOWS: MultipartRequestBody<'flowMonitor'> = [
  {
    monitorId: 1,
    outPort: 'any',
    outGroup: 'any',
    flags: ['add', 'removed', 'modify', 'instructions'],
    tableId: 'all',
    command: 'add',
    match: {},
  },
];

export function createFlowWatch(connection: Connection, events: FlowWatchEvents): FlowWatch {
  let state: FlowWatch['state'] = 'off';
  let xid = 0;
  return {
    get state() {
      return state;
    },
    ask() {
      if (state !== 'off') return;
      state = 'asked';
      // Not as a request that waits: a refusal comes with another xid.
      xid = connection.send({ type: 'multipartRequest', flags: [], kind: 'flowMonitor', request: ALL_FLOWS });
    },
    settle() {
      if (state === 'asked') state = 'off';
    },
    receive({ xid: answered, reply }) {
      if (state === 'asked' && answered === xid) state = 'on';
      for (const update of reply) {
        if (update.type === 'abbrev') events.ownChange(update.xid);
        else if (update.type === 'paused') state = 'paused';
        else if (update.type === 'resumed') {
          state = 'on';
          events.resumed();
        } else if ('match' in update) events.changed(update);
      }
    },
    takeError(error) {
      // Open vSwitch answers with a xid of 0, in version 1.
      if (state !== 'asked' || (error.xid !== xid && error.xid !== 0)) return false;
      state = 'off';
      return true;
    },
  };
}

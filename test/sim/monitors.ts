/**
 * The flow monitors of a simulated switch (OpenFlow 1.4, 7.3.5.17), as Open vSwitch has them: changes by the controller
 * itself are told by their xid alone.
 */

import type { FlowMonitorRequest } from '../../proto/openflow/flow-monitor.ts';
import type { FlowChange } from './flow-table.ts';

export interface Monitors {
  add(requests: readonly FlowMonitorRequest[]): void;
  /** A change by the controller's message with the xid. */
  own(event: FlowChange['event'], xid: number): void;
  /** What was told since is written, in one message. */
  flush(): void;
}

const HEAD = 16;
const ABBREV = 8;
const MOST = 500;

export function createMonitors(write: (bytes: Uint8Array) => void): Monitors {
  const wanted = { added: false, modified: false, removed: false };
  let bytes: Buffer | undefined;
  let count = 0;

  function flush(): void {
    if (count === 0 || bytes === undefined) return;
    const length = HEAD + count * ABBREV;
    bytes.writeUInt16BE(length, 2);
    write(Buffer.copyBytesFrom(bytes, 0, length));
    count = 0;
  }

  return {
    add(requests) {
      for (const { flags, command } of requests) {
        const on = command !== 'delete';
        if (flags.includes('add')) wanted.added = on;
        if (flags.includes('modify')) wanted.modified = on;
        if (flags.includes('removed')) wanted.removed = on;
      }
    },
    own(event, xid) {
      if (!wanted[event]) return;
      if (bytes === undefined) {
        bytes = Buffer.alloc(HEAD + MOST * ABBREV);
        // Version, multipart reply; flow monitor.
        bytes.set([5, 19], 0);
        bytes.writeUInt16BE(16, 8);
      }
      const at = HEAD + count * ABBREV;
      bytes.writeUInt32BE((ABBREV << 16) | 4, at);
      bytes.writeUInt32BE(xid, at + 4);
      count++;
      if (count === MOST) flush();
    },
    flush,
  };
}

/**
 * Sends flows with a timeout as they are set, past the reconciler: bytes that lie ready, straight into what is to be sent, and
 * remembers whose they were for as long as the switch may refuse them.
 */

import type { Connection } from '../../openflow/connection.ts';
import type { Window } from '../../openflow/window.ts';
import { putSlots, type TemplateBytes, XID } from './template.ts';

/** Whose flows they are. */
export interface TimedOwner {
  /** The switch refused the flow in that row of its. */
  refused(row: number, reason: string): void;
}

export interface TimedSender {
  /** false: too much is under way already, nothing was sent. */
  send(owner: TimedOwner, row: number, message: TemplateBytes, values: Float64Array): boolean;
  /** Whether the message, one of the last, was sent here. */
  sent(xid: number): boolean;
  /** True: it was about one of these. */
  refuse(xid: number, reason: string): boolean;
}

/** Messages whose owners are known; of older ones the cookie tells whose they are. */
const REMEMBERED = 4096;

export function createTimedSender(
  connection: Pick<Connection, 'begin' | 'wrote' | 'nextXid'>,
  window: Pick<Window, 'sent' | 'full'>,
  sent: { flowMods: number },
): TimedSender {
  let xids: Uint32Array | undefined;
  const rows = new Int32Array(REMEMBERED);
  const owners: (TimedOwner | undefined)[] = [];

  return {
    send(owner, row, message, values) {
      const { length } = message.bytes;
      const writer = window.full ? undefined : connection.begin(length);
      if (writer === undefined) return false;
      const at = writer.position;
      const xid = connection.nextXid();
      writer.buffer.set(message.bytes, at);
      writer.view.setUint32(at + XID, xid);
      putSlots(message, writer.buffer, writer.view, at, values);
      writer.position = at + length;
      connection.wrote(length);
      xids ??= new Uint32Array(REMEMBERED);
      const place = xid % REMEMBERED;
      xids[place] = xid;
      rows[place] = row;
      owners[place] = owner;
      sent.flowMods++;
      window.sent(length);
      return true;
    },
    sent: (xid) => xids?.[xid % REMEMBERED] === xid,
    refuse(xid, reason) {
      const place = xid % REMEMBERED;
      const owner = xids?.[place] === xid ? owners[place] : undefined;
      if (owner === undefined) return false;
      owners[place] = undefined;
      owner.refused(rows[place]!, reason);
      return true;
    },
  };
}

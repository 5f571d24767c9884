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

/** A power of two. Messages whose owners are known; of older ones the cookie tells whose they are. */
const REMEMBERED = 4096;
const LAST_PLACE = REMEMBERED - 1;

export function createTimedSender(
  connection: Pick<Connection, 'begin' | 'wrote' | 'nextXid'>,
  window: Pick<Window, 'sent' | 'full'>,
  sent: { flowMods: number },
): TimedSender {
  /** The xid and its row beside each other: both are written for each message. */
  let places: Int32Array | undefined;
  const owners: (TimedOwner | undefined)[] = [];

  function isSent(xid: number): boolean {
    return places?.[2 * (xid & LAST_PLACE)] === (xid | 0);
  }

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
      places ??= new Int32Array(2 * REMEMBERED);
      const place = xid & LAST_PLACE;
      places[2 * place] = xid;
      places[2 * place + 1] = row;
      if (owners[place] !== owner) owners[place] = owner;
      sent.flowMods++;
      window.sent(length);
      return true;
    },
    sent: isSent,
    refuse(xid, reason) {
      const place = xid & LAST_PLACE;
      const owner = isSent(xid) ? owners[place] : undefined;
      if (owner === undefined) return false;
      owners[place] = undefined;
      owner.refused(places![2 * place + 1]!, reason);
      return true;
    },
  };
}

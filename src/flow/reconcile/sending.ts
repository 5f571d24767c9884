/** Sends changes to a switch: in one atomic bundle, or each on its own; every refusal is given back with its change. */

import { setImmediate } from 'node:timers/promises';
import { faultPoint } from '../../fault-point.ts';
import { type BundleOutcome, createBundleSender } from '../../openflow/bundle.ts';
import type { Connection } from '../../openflow/connection.ts';
import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import type { Window } from '../../openflow/window.ts';
import { type Change, messageOf, putChange } from './change.ts';

/** What was sent so far, to all switches together. */
export interface Sent {
  flowMods: number;
  groupMods: number;
  meterMods: number;
  bundles: number;
}

/** By the index of the change. */
export type Refusals = ReadonlyMap<number, OpenFlowError>;

export interface Sender {
  /** All or none. */
  bundle(changes: readonly Change[], committing: () => void): Promise<BundleOutcome>;
  /** In the same order, each on its own: finds every one that the switch refuses. */
  singly(changes: readonly Change[]): Promise<Refusals>;
  /** At once, without an answer; gives the xid. */
  direct(change: Change): number;
  /** What was sent with the xid, in a `singly` that is under way. */
  singlySent(xid: number): Change | undefined;
  /** True: it is about something that was sent here. */
  takeError(error: OpenFlowError): boolean;
}

/** Messages that are encoded before others get their turn. */
const SLICE = 500;

export function createSender(connection: Connection, window: Window, sent: Sent): Sender {
  const bundles = createBundleSender(connection, window);
  let takeSingly: ((error: OpenFlowError) => boolean) | undefined;
  let singlySent: (xid: number) => Change | undefined = () => undefined;

  function count({ flow, removed, group, removedGroup }: Change): void {
    if (flow !== undefined || removed !== undefined) sent.flowMods++;
    else if (group !== undefined || removedGroup !== undefined) sent.groupMods++;
    else sent.meterMods++;
  }

  function direct(change: Change): number {
    count(change);
    const before = connection.written;
    const xid = connection.send(messageOf(change));
    window.sent(connection.written - before);
    return xid;
  }

  return {
    bundle(changes, committing) {
      for (const change of changes) count(change);
      sent.bundles++;
      return bundles.commit(
        {
          length: changes.length,
          at: (index) => messageOf(changes[index]!),
          put: (index, writer, xid) => putChange(writer, xid, changes[index]!),
        },
        committing,
      );
    },
    async singly(changes) {
      const refused = new Map<number, OpenFlowError>();
      const byXid = new Map<number, number>();
      takeSingly = (error) => {
        const index = byXid.get(error.xid);
        if (index === undefined) return false;
        refused.set(index, error);
        return true;
      };
      singlySent = (xid) => changes[byXid.get(xid) ?? -1];
      for (const [index, change] of changes.entries()) {
        byXid.set(direct(change), index);
        if (index === changes.length >> 1) faultPoint('flows: half sent singly', 'flushed');
        if (window.crowded) await window.room();
        if (index % SLICE === SLICE - 1) await setImmediate();
      }
      await window.barrier();
      faultPoint('flows: sent singly');
      takeSingly = undefined;
      singlySent = () => undefined;
      return refused;
    },
    direct,
    singlySent: (xid) => singlySent(xid),
    takeError: (error) => bundles.takeError(error) || takeSingly?.(error) === true,
  };
}

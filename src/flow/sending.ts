/** Sends changes to a switch: in one atomic bundle, or each on its own; every refusal is given back with its change. */

import { createBundleSender } from '../openflow/bundle.ts';
import type { Connection } from '../openflow/connection.ts';
import type { OpenFlowError } from '../openflow/openflow-error.ts';
import type { Change } from './change.ts';

/** What was sent so far, to all switches together. */
export interface Sent {
  flowMods: number;
  groupMods: number;
  bundles: number;
}

/** By the index of the change. */
export type Refusals = ReadonlyMap<number, OpenFlowError>;

export interface Sender {
  /** All or none. */
  bundle(changes: Change[]): Promise<Refusals>;
  /** In the same order, each on its own: finds every one that the switch refuses. */
  singly(changes: Change[]): Promise<Refusals>;
  /** At once, without an answer; gives the xid. */
  direct(change: Change): number;
  /** True: it is about something that was sent here. */
  takeError(error: OpenFlowError): boolean;
}

export function createSender(connection: Connection, sent: Sent): Sender {
  const bundles = createBundleSender(connection);
  let takeSingly: ((error: OpenFlowError) => boolean) | undefined;

  function count({ message }: Change): void {
    if (message.type === 'flowMod') sent.flowMods++;
    else sent.groupMods++;
  }

  return {
    async bundle(changes) {
      for (const change of changes) count(change);
      sent.bundles++;
      return (await bundles.commit(changes.map((change) => change.message))).refused;
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
      for (const [index, change] of changes.entries()) {
        count(change);
        byXid.set(connection.send(change.message), index);
      }
      await connection.barrier();
      takeSingly = undefined;
      return refused;
    },
    direct(change) {
      count(change);
      return connection.send(change.message);
    },
    takeError: (error) => bundles.takeError(error) || takeSingly?.(error) === true,
  };
}

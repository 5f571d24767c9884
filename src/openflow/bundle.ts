/**
 * Sends changes in one atomic, ordered bundle (OpenFlow 1.4, 7.3.9). Errors found while adding do not stop a commit on
 * Open vSwitch, so a barrier stands before it: any error until then, and the bundle is discarded.
 */

import type { MessageBody } from '../../proto/openflow/message.ts';
import type { Connection } from './connection.ts';
import { OpenFlowError } from './openflow-error.ts';

export interface BundleErrors {
  /** By the index of the change that the switch refused. */
  refused: Map<number, OpenFlowError>;
}

export interface BundleSender {
  /** Resolves with no refusals when the switch has committed all; else nothing was changed. */
  commit(changes: MessageBody[]): Promise<BundleErrors>;
  /** Errors with xids that no request waits for; true: it was one of a bundle's. */
  takeError(error: OpenFlowError): boolean;
}

const FLAGS: ('atomic' | 'ordered')[] = ['atomic', 'ordered'];

export function createBundleSender(connection: Connection): BundleSender {
  let bundleIds = 0;
  let indexByXid = new Map<number, number>();
  let refused = new Map<number, OpenFlowError>();

  return {
    async commit(changes) {
      bundleIds = (bundleIds + 1) >>> 0;
      const bundleId = bundleIds;
      indexByXid = new Map();
      refused = new Map();
      const control = (step: 'openRequest' | 'closeRequest' | 'commitRequest' | 'discardRequest') =>
        connection.request({ type: 'bundleControl', bundleId, control: step, flags: FLAGS, properties: [] });
      await control('openRequest');
      for (const [index, change] of changes.entries()) {
        const xid = connection.nextXid();
        indexByXid.set(xid, index);
        connection.send(
          { type: 'bundleAdd', bundleId, flags: FLAGS, message: { ...change, xid }, properties: [] },
          xid,
        );
      }
      await control('closeRequest');
      await connection.barrier();
      if (refused.size > 0) {
        await control('discardRequest').catch(onlyOpenFlow);
        return { refused };
      }
      try {
        await control('commitRequest');
      } catch (error) {
        onlyOpenFlow(error);
        await connection.barrier();
        if (refused.size === 0) throw error;
      }
      return { refused };
    },
    takeError(error) {
      const index = indexByXid.get(error.xid);
      if (index === undefined) return false;
      refused.set(index, error);
      return true;
    },
  };
}

function onlyOpenFlow(error: unknown): void {
  if (!(error instanceof OpenFlowError)) throw error;
}

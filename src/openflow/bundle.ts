/**
 * Sends changes in one atomic, ordered bundle (OpenFlow 1.4, 7.3.9). Errors found while adding do not stop a commit on
 * Open vSwitch, so a barrier stands before it: any error until then, and the bundle is discarded. It kills a bundle that
 * nothing is added to for some seconds, so there is no pause in one but for its own acknowledgements; and what comes after
 * that opens a new one by itself, so one that was killed is not committed.
 */

import { setImmediate } from 'node:timers/promises';
import { type MessageBody, OPENFLOW_1_4 } from '../../proto/openflow/message.ts';
import type { Writer } from '../../proto/wire/writer.ts';
import { faultPoint } from '../fault-point.ts';
import type { Connection } from './connection.ts';
import { OpenFlowError } from './openflow-error.ts';
import type { Window } from './window.ts';

/** Nothing was changed unless `step` is `done`. */
export interface BundleOutcome {
  /**
   * Where it ended: the switch knows no bundles; it refused messages while they were added, or found that taking too long;
   * we withheld the commit; or at the commit.
   */
  step: 'open' | 'add' | 'withheld' | 'commit' | 'done';
  /** By the index of the change that the switch refused. */
  refused: Map<number, OpenFlowError>;
  /** Of the bundle as a whole. */
  error?: OpenFlowError;
}

/** A list, or what makes each of them when it is sent. */
export interface Changes {
  readonly length: number;
  at(index: number): MessageBody | undefined;
  /** Writes the whole message where it lies ready as bytes; false: it is to be made by `at`. */
  put?(index: number, writer: Writer, xid: number): boolean;
}

export interface BundleSender {
  /** Opens one; one at a time. */
  open(): Bundle;
  /** All of them in one bundle. */
  commit(changes: Changes, committing?: () => boolean): Promise<BundleOutcome>;
  /** Errors with xids that no request waits for; true: it was one of the last bundle's. */
  takeError(error: OpenFlowError): boolean;
}

export interface Bundle {
  /** Sends changes behind those that it was given before, as soon as there is room: resolves when all are sent. */
  add(changes: Changes): Promise<void>;
  /** `committing` is called when the commit is about to be sent; false: it is not, and the bundle is discarded. */
  commit(committing?: () => boolean): Promise<BundleOutcome>;
  discard(): Promise<void>;
}

const FLAGS: ('atomic' | 'ordered')[] = ['atomic', 'ordered'];
const ATOMIC_ORDERED = 3;
/** The header and the bundle's id and flags; what is inside fills up to a multiple of 8, as messages of flows do. */
const ADD_HEAD = 16;
/** Version and type of an ofp_bundle_add_msg, as the upper half of a header's first word. */
const ADD = ((OPENFLOW_1_4 << 8) | 34) * 0x1_0000;
/** Messages that are encoded before others get their turn. */
const SLICE = 2000;
/** The switch has thrown a bundle away, and what was in it. Its xid is the opening message's. */
const TOO_LONG = 'BUNDLE_FAILED/TIMEOUT';

export function createBundleSender(connection: Connection, window: Window): BundleSender {
  let bundleIds = 0;
  /** Of the changes in their order: they grow, from the first on. */
  let xids: number[] = [];
  let refused = new Map<number, OpenFlowError>();
  let killed: OpenFlowError | undefined;

  function control(
    bundleId: number,
    step: 'openRequest' | 'closeRequest' | 'commitRequest' | 'discardRequest',
  ): Promise<unknown> {
    const request = { type: 'bundleControl', bundleId, control: step, flags: FLAGS, properties: [] } as const;
    return window.answered(`a bundle's ${step}`, connection.request(request));
  }

  /** An ofp_bundle_add_msg around a message that lies ready; false: it does not. */
  function addReady(bundleId: number, changes: Changes, index: number, xid: number): boolean {
    const writer = changes.put === undefined ? undefined : connection.begin(ADD_HEAD);
    if (writer === undefined) return false;
    const start = writer.position;
    writer.position = start + ADD_HEAD;
    if (changes.put?.(index, writer, xid) !== true) {
      writer.position = start;
      return false;
    }
    const { view } = writer;
    const length = writer.position - start;
    view.setUint32(start, ADD + length);
    view.setUint32(start + 4, xid);
    view.setUint32(start + 8, bundleId);
    view.setUint32(start + 12, ATOMIC_ORDERED);
    connection.wrote(length);
    return true;
  }

  async function add(bundleId: number, changes: Changes): Promise<void> {
    for (let index = 0; index < changes.length; index++) {
      const xid = connection.nextXid();
      xids.push(xid);
      const before = connection.written;
      if (!addReady(bundleId, changes, index, xid)) {
        const message = { ...changes.at(index)!, xid };
        connection.send({ type: 'bundleAdd', bundleId, flags: FLAGS, message, properties: [] }, xid);
      }
      window.sent(connection.written - before);
      if (index === changes.length >> 1) faultPoint('flows: half of a bundle sent', 'flushed');
      if (window.crowded) await window.room();
      if (index % SLICE === SLICE - 1) await setImmediate();
    }
  }

  function open(): Bundle {
    bundleIds = (bundleIds + 1) >>> 0;
    const bundleId = bundleIds;
    xids = [];
    refused = new Map();
    killed = undefined;
    const discard = () => control(bundleId, 'discardRequest').catch(openFlow);
    /** Why the switch opens none. */
    let unopened: OpenFlowError | undefined;
    let last: Promise<unknown> = control(bundleId, 'openRequest').then(
      () => faultPoint('flows: bundle open'),
      (error: unknown) => {
        unopened = openFlow(error);
      },
    );
    return {
      add(changes) {
        const added = last.then(() => (unopened === undefined ? add(bundleId, changes) : undefined));
        last = added;
        return added;
      },
      async commit(committing) {
        await last;
        if (unopened !== undefined) return { step: 'open', refused, error: unopened };
        faultPoint('flows: bundle sent');
        let closing: OpenFlowError | undefined;
        try {
          await control(bundleId, 'closeRequest');
        } catch (error) {
          closing = openFlow(error);
        }
        await window.barrier();
        faultPoint('flows: bundle closed');
        const error = killed ?? closing;
        if (refused.size > 0 || error !== undefined) {
          await discard();
          faultPoint('flows: bundle discarded');
          const step = refused.size > 0 || killed !== undefined ? 'add' : 'open';
          return { step, refused, ...(error && { error }) };
        }
        if (committing?.() === false) {
          await discard();
          return { step: 'withheld', refused };
        }
        try {
          const answer = control(bundleId, 'commitRequest');
          faultPoint('flows: commit sent', 'flushed');
          await answer;
          faultPoint('flows: commit answered');
        } catch (error) {
          // The error of the culprit may come behind that of the whole.
          await window.barrier();
          return { step: 'commit', refused, error: openFlow(error) };
        }
        return { step: 'done', refused };
      },
      async discard() {
        await last;
        if (unopened === undefined) await discard();
      },
    };
  }

  return {
    open,
    async commit(changes, committing) {
      const bundle = open();
      await bundle.add(changes);
      return bundle.commit(committing);
    },
    takeError(error) {
      if (error.reason === TOO_LONG) {
        killed = error;
        return true;
      }
      const index = indexOf(xids, error.xid);
      if (index < 0) return false;
      refused.set(index, error);
      return true;
    },
  };
}

/** -1: it is none of them. They grow, and begin at 0 again where 32 bits end. */
function indexOf(xids: readonly number[], xid: number): number {
  const first = xids[0] ?? 0;
  const wanted = (xid - first) >>> 0;
  let low = 0;
  for (let high = xids.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((xids[middle]! - first) >>> 0 < wanted) low = middle + 1;
    else high = middle;
  }
  return xids[low] === xid ? low : -1;
}

/** Anything else ends the attempt. */
function openFlow(error: unknown): OpenFlowError {
  if (error instanceof OpenFlowError) return error;
  throw error;
}

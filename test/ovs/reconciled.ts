/** A reconciler on a switch of its own, without apps: it is given what is desired. */

import { connect } from 'node:net';
import { createFlowIndex } from '../../src/flow/flow-index.ts';
import { MAIN } from '../../src/flow/namespace.ts';
import type { ActualFlow } from '../../src/flow/reconcile/diff.ts';
import {
  createReconciler,
  type Reconciler,
  type ReconcilerOptions,
  type SyncResult,
} from '../../src/flow/reconcile/reconciler.ts';
import type { DesiredFlow, Weaver } from '../../src/flow/weave/weaver.ts';
import type { Datapath } from '../../src/openflow/datapath.ts';
import { handshake } from '../../src/openflow/handshake.ts';
import type { DesiredSet } from '../flow/reconcile/desired-set.ts';
import { onIndex } from '../flow/reconcile/desired-set.ts';
import type { LiveSwitch } from './live-switch.ts';

export interface Reconciled {
  reconciler: Reconciler;
  sent: { flowMods: number; groupMods: number; meterMods: number; bundles: number };
  syncs: { result: SyncResult; drift: string[] }[];
  refused: string[];
  failures: string[];
  /** All that the switch sent, for whatever. */
  errors: string[];
  /** Why the connection ended. */
  ended: string[];
  end(): void;
}

/** Not started yet. */
export async function reconcile(
  live: LiveSwitch,
  { weave }: DesiredSet,
  options: ReconcilerOptions = {},
  /** Instead of one that is done at once. */
  slow?: Pick<Weaver, 'weaving' | 'woven'>,
): Promise<Reconciled> {
  let reconciler: Reconciler | undefined;
  const failures: string[] = [];
  const errors: string[] = [];
  const ended: string[] = [];
  const datapath: Datapath = await handshake(connect(live.socket), 'unix', {
    packetIn: () => undefined,
    portChanged: () => undefined,
    flowRemoved: (_, message) => void reconciler?.flowRemoved(message),
    flowUpdates: (_, reply) => reconciler?.receiveUpdates(reply),
    requestForwarded: (_, message) => reconciler?.receiveForwarded(message),
    error(_, error) {
      errors.push(error.reason);
      if (reconciler?.takeError(error) !== true) failures.push(error.message);
    },
    close: (_, reason) => void ended.push(reason),
  });
  const sent = { flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 };
  const syncs: Reconciled['syncs'] = [];
  const refused: string[] = [];
  const index = createFlowIndex<DesiredFlow, ActualFlow>();
  const weaver = {
    *weaving() {
      yield;
      return weave();
    },
    woven: { flows: new Map(), groups: new Map(), meters: new Map(), zones: new Map() },
  };
  reconciler = createReconciler(
    MAIN,
    datapath.connection,
    onIndex(slow ?? weaver, index),
    index,
    {
      synchronised: (result, drift) => syncs.push({ result, drift }),
      refused: (text) => refused.push(text),
      untold: (text) => failures.push(text),
      failed: (error) => failures.push(error.message),
    },
    sent,
    undefined,
    options,
  );
  const end = () => {
    reconciler.stop();
    datapath.connection.close('the test ends');
  };
  return { reconciler, sent, syncs, refused, failures, errors, ended, end };
}

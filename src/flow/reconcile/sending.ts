/** Sends changes to a switch: in one atomic bundle, or each on its own; every refusal is given back with its change. */

import { setImmediate } from 'node:timers/promises';
import { faultPoint } from '../../fault-point.ts';
import { type Bundle, type BundleOutcome, type Changes, createBundleSender } from '../../openflow/bundle.ts';
import type { Connection } from '../../openflow/connection.ts';
import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import type { Window } from '../../openflow/window.ts';
import type { DesiredFlow } from '../weave/weaver.ts';
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
  /** New flows that will be among the next bundle's changes: they are sent in it already, and not committed. */
  early(flows: readonly DesiredFlow[]): void;
  /** All or none. `committing`: false where it is to be none. */
  bundle(changes: readonly Change[], committing: () => boolean): Promise<BundleOutcome>;
  /** There is no bundle for what was sent early. */
  dropEarly(): Promise<void>;
  /** In the same order, each on its own, but for those to be left out: finds every one that the switch refuses. */
  singly(changes: readonly Change[], isLeftOut: (change: Change) => boolean): Promise<Refusals>;
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
  /** Sent early. */
  let begun: { bundle: Bundle; changes: Change[] } | undefined;
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

  function open(): Bundle {
    sent.bundles++;
    return bundles.open();
  }

  function add(bundle: Bundle, changes: readonly Change[]): Promise<void> {
    for (const change of changes) count(change);
    return bundle.add(asMessages(changes));
  }

  const self: Sender = {
    early(flows) {
      begun ??= { bundle: open(), changes: [] };
      const changes = flows.map((flow) => ({ flow }));
      for (const change of changes) begun.changes.push(change);
      // Who commits the bundle hears of it: the connection has ended.
      add(begun.bundle, changes).catch(() => undefined);
    },
    async bundle(changes, committing) {
      const rest = begun === undefined ? undefined : without(changes, begun.changes);
      if (rest === undefined) await self.dropEarly();
      const { bundle, changes: early } = begun ?? { bundle: open(), changes: [] };
      begun = undefined;
      await add(bundle, rest ?? changes);
      const outcome = await bundle.commit(committing);
      if (rest === undefined || outcome.refused.size === 0) return outcome;
      const order = [...early, ...rest];
      const indexIn = (change: Change) => changes.findIndex(({ flow }) => flow !== undefined && flow === change.flow);
      const refused = Array.from(outcome.refused, ([index, error]) => {
        const change = order[index]!;
        return [index < early.length ? indexIn(change) : changes.indexOf(change), error] as const;
      });
      return { ...outcome, refused: new Map(refused) };
    },
    async dropEarly() {
      const dropped = begun;
      begun = undefined;
      // Where the connection has ended, so has its bundle.
      await dropped?.bundle.discard().catch(() => undefined);
    },
    async singly(changes, isLeftOut) {
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
        if (!isLeftOut(change)) byXid.set(direct(change), index);
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
  return self;
}

function asMessages(changes: readonly Change[]): Changes {
  return {
    length: changes.length,
    at: (index) => messageOf(changes[index]!),
    put: (index, writer, xid) => putChange(writer, xid, changes[index]!),
  };
}

/** The others of them; undefined: not all of those are among them. */
function without(changes: readonly Change[], early: readonly Change[]): Change[] | undefined {
  const sent = new Set(early.map(({ flow }) => flow));
  const rest = changes.filter(({ flow }) => flow === undefined || !sent.delete(flow));
  return sent.size === 0 ? rest : undefined;
}

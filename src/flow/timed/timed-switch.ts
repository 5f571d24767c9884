/**
 * A switch as its flows with a timeout find it: where they are sent, which tables they hold, which foreign flows stand in
 * their way.
 */

import type { MessageBody } from '../../../proto/openflow/message.ts';
import type { Connection } from '../../openflow/connection.ts';
import { createWindow, type Window } from '../../openflow/window.ts';
import { isOurs, isOursHalf } from '../cookie.ts';
import { cookieHalf } from '../flow-bytes.ts';
import { FlowError } from '../flow-error.ts';
import type { FlowView } from '../flow-index.ts';
import type { Namespace } from '../namespace.ts';
import type { ActualFlow } from '../reconcile/diff.ts';
import type { DesiredFlow } from '../weave/desired.ts';
import type { Weaver, WeaverApp } from '../weave/weaver.ts';
import type { Refusals } from './refusals.ts';
import { createTimedSender, type TimedSender } from './timed-sender.ts';

export interface TimedOptions {
  namespace: Namespace;
  /** The one of everything that is sent to the switch. */
  window?: Window;
  connection: Connection;
  weaver: Weaver;
  actual: FlowView<ActualFlow>;
  sent: { flowMods: number };
  /** For people, once for each reason. */
  refused(text: string): void;
  /** There are tables that were not there. */
  changed(): void;
}

export interface TimedSwitch {
  readonly namespace: Namespace;
  readonly window: Window;
  readonly sender: TimedSender;
  /** Its version is 0 until the tables are known. */
  readonly weaver: Pick<Weaver, 'version' | 'scope'>;
  /** What stands there, by identity, as far as the switch has told. */
  readonly actual: FlowView<ActualFlow>;
  /** The table is there from now on. */
  hold(app: WeaverApp, table: string): void;
  /** Looks at once where flows stand that are not ours. */
  look(): void;
  /** Of a table that is held: whether flows that are not ours stand at that priority. */
  isForeign(tableId: number, priority: number): boolean;
  /** One of them is just this flow. */
  isTaken(flow: DesiredFlow): boolean;
  /** What may not be left out, however far behind the switch is. */
  send(message: MessageBody): void;
  /** A flow was not sent because the switch is behind. */
  drop(): void;
  /** How many were not. No getter: with one, all but the first of these objects are slow to look things up in. */
  dropped(): number;
  readonly refused: Refusals['tell'];
}

/** Between two looks at whether flows stand there that are not ours. */
const LOOK_MS = 1000;

export function createTimedSwitch(options: TimedOptions, refused: Refusals['tell']): TimedSwitch {
  const { namespace, connection, weaver, actual, sent, changed } = options;
  const { window = createWindow(connection) } = options;
  /** Those that hold flows with a timeout. */
  const tables = new Set<number>();
  /** Table id and priority of flows there that are not ours, as of the last look. */
  let foreign = new Set<number>();
  let seen = 0;
  let seenAt = 0;
  let dropped = 0;

  function look(): void {
    seen = actual.size;
    seenAt = performance.now();
    foreign = new Set();
    for (const id of tables) lookAt(id);
  }

  function lookAt(tableId: number): void {
    for (const flow of actual.inTable(tableId)) {
      if (!isOursHalf(namespace, cookieHalf(flow.content))) foreign.add(tableId * 0x1_0000 + flow.priority);
    }
  }

  return {
    ...{ namespace, window, weaver, actual, look, refused },
    sender: createTimedSender(connection, window, sent),
    hold(app, table) {
      const id = tableOf(app, table);
      if (!tables.has(id)) lookAt(id);
      tables.add(id);
      if (weaver.hold(app, table)) changed();
    },
    isForeign(tableId, priority) {
      if (actual.size !== seen && performance.now() - seenAt > LOOK_MS) look();
      return foreign.size > 0 && foreign.has(tableId * 0x1_0000 + priority);
    },
    isTaken(flow) {
      const standing = actual.get(flow.identity);
      if (standing === undefined || isOurs(namespace, standing.cookie)) return false;
      const cookie = `0x${standing.cookie.toString(16)}`;
      refused(flow.app, flow.intent, `a foreign flow (cookie ${cookie}) stands at the same table, priority and match`);
      return true;
    },
    send(message) {
      connection.send(message);
      sent.flowMods++;
    },
    drop: () => void dropped++,
    dropped: () => dropped,
  };
}

/** Throws where the app has none of that name. */
export function tableOf(app: WeaverApp, table: string): number {
  const id = app.tables.get(table);
  if (id === undefined) throw new FlowError(`app "${app.name}" declares no table "${table}"`);
  return id;
}

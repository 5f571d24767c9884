/** Flows with a timeout on one switch, whose end of the connection the test has. */

import { afterEach } from 'vitest';
import type { MessageOf } from '../../../proto/openflow/message.ts';
import { output } from '../../../src/flow/actions.ts';
import { createTablePlan } from '../../../src/flow/allocate/table-plan.ts';
import { createFlowIndex } from '../../../src/flow/flow-index.ts';
import { MAIN } from '../../../src/flow/namespace.ts';
import type { ActualFlow } from '../../../src/flow/reconcile/diff.ts';
import { slot } from '../../../src/flow/timed/template.ts';
import { createTimedFlows } from '../../../src/flow/timed/timed.ts';
import type { DesiredFlow } from '../../../src/flow/weave/desired.ts';
import { createWeaver, type WeaverApp } from '../../../src/flow/weave/weaver.ts';
import { type Connection, createConnection } from '../../../src/openflow/connection.ts';
import { createPeer } from '../../openflow/peer.ts';

const open: Connection[] = [];
afterEach(() => {
  for (const connection of open.splice(0)) connection.close('the test ends');
});

export const pair = {
  priority: 10,
  match: { inPort: slot(0), ethSrc: slot(1) },
  actions: [output(slot(2))],
  idleTimeout: 60,
  intent: 'a pair',
};
export const one = { priority: 5, match: { inPort: 1 }, actions: [output(2)], hardTimeout: 9, intent: 'a single one' };
export const station = '02:00:00:00:00:07';
export const number = 0x020000000007;

export function start(standing: ActualFlow[] = []) {
  const plan = createTablePlan();
  const tables = plan.allocate('test', { a: { stage: 'admit' }, b: { stage: 'switching' }, c: { stage: 'switching' } });
  const app: WeaverApp = { name: 'test', number: 7, tables };
  const peer = createPeer();
  const told: string[] = [];
  const index = createFlowIndex<DesiredFlow, ActualFlow>();
  const actual = index.standing;
  for (const flow of standing) actual.set(flow.identity, flow);
  const connection: Connection = createConnection(peer.ours, 'peer', {
    message: () => undefined,
    error(error) {
      if (!timed.takeError(error)) told.push(`nobody's: ${error.reason}`);
    },
    close: () => undefined,
  });
  open.push(connection);
  const weaver = createWeaver(plan, undefined, index);
  const sent = { flowMods: 0 };
  let tablesChanged = 0;
  const timed = createTimedFlows({
    namespace: MAIN,
    ...{ connection, weaver, actual, sent, refused: (text: string) => void told.push(text) },
    changed: () => void tablesChanged++,
  });
  const ended: number[][] = [];
  const template = (spec = pair) =>
    timed.template(app, 'a', spec, { maySend: () => true, ended: (...numbers) => void ended.push(numbers) });
  const weave = () => {
    weaver.weave();
    timed.follow();
  };
  return {
    app,
    tables,
    peer,
    connection,
    told,
    actual,
    weaver,
    sent,
    timed,
    ended,
    template,
    weave,
    tablesChanged: () => tablesChanged,
  };
}

export const removedOf = (mod: MessageOf<'flowMod'>, reason: 'idleTimeout' | 'delete' = 'idleTimeout') => ({
  ...{ type: 'flowRemoved' as const, cookie: mod.cookie, priority: mod.priority, reason, tableId: Number(mod.tableId) },
  ...{ durationSec: 1, durationNsec: 0, idleTimeout: 60, hardTimeout: 0, packetCount: 1n, byteCount: 60n },
  ...{ match: mod.match, xid: 0 },
});

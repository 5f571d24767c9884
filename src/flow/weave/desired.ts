/** What shall stand in a switch, made of what an app declared: flows and groups in their canonical form, and whose they are. */

import { canonicalMatch, checkEncodable, flowContent, flowIdentity } from '../canonical.ts';
import { cookieOf, intentId, REACTIVE, WEAVER } from '../cookie.ts';
import type { AppFlow, AppGroup, Intent, TableFlow } from '../flow.ts';
import { groupContent, type TableGroup } from '../group.ts';
import { compileActions, compileInstructions, compileMatch, type Scope } from './compile.ts';

/** A flow that shall stand in the switch, and whose it is. */
export interface DesiredFlow extends TableFlow {
  app: string;
  key: string;
  intent: Intent;
  identity: string;
  content: string;
}

export interface DesiredGroup extends TableGroup {
  app: string;
  key: string;
  content: string;
}

/** Of one app, where its flows stand. */
export interface FlowPlace {
  app: { name: string; number: number };
  tableId: number;
  key: string;
}

/** Throws where the flow can't be. */
export function desiredFlow({ app, tableId, key }: FlowPlace, flow: AppFlow, scope: Scope): DesiredFlow {
  const intent = intentOf(flow);
  const timed = (flow.idleTimeout ?? 0) > 0 || (flow.hardTimeout ?? 0) > 0;
  const compiled: DesiredFlow = {
    tableId,
    priority: flow.priority,
    match: compileMatch(flow.match, scope),
    instructions: compileInstructions(flow.actions, scope),
    cookie: cookieOf(app.number, intentId(app.name, intent.text) | (timed ? REACTIVE : 0n)),
    idleTimeout: flow.idleTimeout ?? 0,
    hardTimeout: flow.hardTimeout ?? 0,
    flags: timed ? TIMED : UNTIMED,
    app: app.name,
    key,
    intent,
    identity: '',
    content: '',
  };
  checkEncodable(compiled);
  return named(compiled);
}

const TIMED = ['sendFlowRem'] as const;
const UNTIMED = [] as const;

function named(flow: DesiredFlow): DesiredFlow {
  flow.identity = flowIdentity(flow);
  flow.content = flowContent(flow);
  return flow;
}

export function intentOf({ intent }: Pick<AppFlow, 'intent'>): Intent {
  return typeof intent === 'string' ? { text: intent } : intent;
}

/** Throws where the group can't be. */
export function desiredGroup(app: string, key: string, groupId: number, group: AppGroup, scope: Scope): DesiredGroup {
  const buckets = group.buckets.map((bucket) => ({
    weight: bucket.weight ?? 0,
    actions: compileActions(bucket.actions, scope),
  }));
  const compiled: TableGroup = { groupId, groupType: group.type, buckets };
  return { ...compiled, app, key, content: groupContent(compiled) };
}

/** Identity of a table's flow that matches what no other does. */
export function missIdentity(tableId: number): string {
  return flowIdentity({ tableId, priority: 0, match: canonicalMatch({}) });
}

/** The weaver's own flow: a table's default miss goes to the next one. */
export function defaultMiss(tableId: number, following: number, nameOf: (tableId: number) => string): DesiredFlow {
  const text = `${nameOf(tableId)}: what nothing matched goes on to ${nameOf(following)}`;
  return named({
    tableId,
    priority: 0,
    match: canonicalMatch({}),
    instructions: [{ type: 'gotoTable', tableId: following }],
    cookie: cookieOf(WEAVER, intentId('weaver', text)),
    idleTimeout: 0,
    hardTimeout: 0,
    flags: UNTIMED,
    app: 'weaver',
    key: 'miss',
    intent: { text },
    identity: '',
    content: '',
  });
}

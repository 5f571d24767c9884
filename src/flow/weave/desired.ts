/** What shall stand in a switch, made of what an app declared: flows and groups in their canonical form, and whose they are. */

import type { Instruction } from '../../../proto/openflow/instruction.ts';
import { inside } from '../../../proto/wire/encode-error.ts';
import { u16 } from '../../../proto/wire/scalars.ts';
import { Writer } from '../../../proto/wire/writer.ts';
import { cookieHalfOf, intentContent, intentNumber, WEAVER } from '../cookie.ts';
import type { AppFlow, AppGroup, Intent, TableFlow } from '../flow.ts';
import { contentOf, FlowBytes, identityOf } from '../flow-bytes.ts';
import { FlowError } from '../flow-error.ts';
import { groupContent, type TableGroup } from '../group.ts';
import type { Namespace } from '../namespace.ts';
import { compileActions, compileInstructions, compileMatch, type Scope } from './compile.ts';

/** A flow that shall stand in the switch, and whose it is. */
export interface DesiredFlow extends TableFlow {
  readonly app: string;
  readonly key: string;
  intent: Intent;
  readonly identity: string;
  readonly content: string;
}

class WovenFlow extends FlowBytes implements DesiredFlow {
  readonly app: string;
  readonly key: string;
  intent: Intent;

  constructor(identity: string, content: string, app: string, key: string, intent: Intent) {
    super(identity, content);
    this.app = app;
    this.key = key;
    this.intent = intent;
  }
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

/** What stands in the switch under an identity: of most flows the same, so its texts need not be held twice. */
export type StandingTexts = (identity: string) => FlowTexts | undefined;

export type FlowTexts = Pick<FlowBytes, 'identity' | 'content'>;

const NONE: StandingTexts = () => undefined;

/** Throws where the flow can't be. */
export function desiredFlow(
  namespace: Namespace,
  { app, tableId, key }: FlowPlace,
  flow: AppFlow,
  scope: Scope,
  standing: StandingTexts = NONE,
): DesiredFlow {
  const { priority, idleTimeout = 0, hardTimeout = 0 } = flow;
  const match = compileMatch(flow.match, scope);
  const instructions = compileInstructions(flow.actions, scope);
  if (!isU16(priority) || !isU16(idleTimeout) || !isU16(hardTimeout))
    refuseNumbers({ priority, idleTimeout, hardTimeout });
  const isTimed = idleTimeout > 0 || hardTimeout > 0;
  const intent = sharedIntent(flow.intent);
  const reason = intentNumber(app.name, intentContent(intent));
  const high = cookieHalfOf(namespace, app.number, reason, isTimed);
  const identity = identityOf(tableId, priority, match);
  const flags = isTimed ? TIMED : UNTIMED;
  const content = contentOf(idleTimeout, hardTimeout, flags, instructions, high, reason.low);
  if (identity.length + content.length > MOST_BYTES) {
    throw new FlowError(`it takes ${identity.length + content.length} bytes, more than a message holds: split it`);
  }
  const there = standing(identity);
  const sameContent = content === there?.content ? there.content : content;
  return new WovenFlow(there?.identity ?? identity, sameContent, app.name, key, intent);
}

/** A message has 65,535; some of them are around a flow. */
const MOST_BYTES = 65_400;
const TIMED = ['sendFlowRem'] as const;
const UNTIMED = [] as const;

function isU16(value: number): boolean {
  return (value & 0xffff) === value;
}

/** Throws EncodeError, with the number's name. */
function refuseNumbers(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    try {
      u16.encode(new Writer(2), value);
    } catch (error) {
      throw inside(error, name);
    }
  }
}

export function intentOf({ intent }: Pick<AppFlow, 'intent'>): Intent {
  return typeof intent === 'string' ? { text: intent } : intent;
}

let lastIntent: Intent = { text: '' };

/** Flows of one intent come one behind the other: they have one object for it. */
function sharedIntent(intent: AppFlow['intent']): Intent {
  if (typeof intent !== 'string') return intent;
  if (intent !== lastIntent.text) lastIntent = { text: intent };
  return lastIntent;
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
  return identityOf(tableId, 0, {});
}

/** The weaver's own flow: a table's default miss goes to the next one. */
export function defaultMiss(
  namespace: Namespace,
  tableId: number,
  following: number,
  nameOf: (tableId: number) => string,
): DesiredFlow {
  const intent = { text: `${nameOf(tableId)}: what nothing matched goes on to ${nameOf(following)}` };
  const reason = intentNumber('weaver', intent.text);
  const high = cookieHalfOf(namespace, WEAVER, reason, false);
  const onward: Instruction[] = [{ type: 'gotoTable', tableId: following }];
  const content = contentOf(0, 0, UNTIMED, onward, high, reason.low);
  return new WovenFlow(missIdentity(tableId), content, 'weaver', 'miss', intent);
}

/**
 * Flows with a timeout on one switch: they live in the switch, made from traffic. Each is sent as it is set and never again
 * by itself; it is gone when the switch says so. The reconciler has no part in them.
 */

import type { FlowRemoved } from '../../../proto/openflow/flow-mod.ts';
import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import type { Window } from '../../openflow/window.ts';
import { appOf, isOurs, isReactive, reactiveOf } from '../cookie.ts';
import type { AppFlow, Intent } from '../flow.ts';
import type { ActualFlow } from '../reconcile/diff.ts';
import { flowsDelete } from '../reconcile/messages.ts';
import type { DesiredFlow } from '../weave/desired.ts';
import type { WeaverApp } from '../weave/weaver.ts';
import { createDeclaredTemplates, type EndedNumbers, type TemplateUser } from './declared-templates.ts';
import { createKeyedFlows, type EndedKey } from './keyed-flows.ts';
import { createKnownIntents } from './known-intents.ts';
import { createRefusals } from './refusals.ts';
import type { FlowTemplate } from './template.ts';
import { createTimedSwitch, type TimedOptions } from './timed-switch.ts';
import type { Template } from './timed-template.ts';

export type { TemplateUser } from './declared-templates.ts';
export type { TimedOptions } from './timed-switch.ts';

/** A flow that has ended by itself, or that somebody took away. */
export type Ended = EndedKey | EndedNumbers;

export interface TimedFlows {
  set(app: WeaverApp, table: string, key: string, flow: AppFlow): void;
  delete(app: WeaverApp, table: string, key: string): void;
  /** Keys of those that stand. */
  keys(app: WeaverApp, table: string): string[];
  /** The same template declared again is the same. */
  template(app: WeaverApp, table: string, template: FlowTemplate, user: TemplateUser): Template;
  /** The app's own that stand in the switch, of an earlier run too. */
  standing(app: WeaverApp): ActualFlow[];
  /** Takes away all of an app that leaves the switch. */
  forget(app: WeaverApp): void;
  /** The pipeline was woven: sends what waited for it, and what goes by tables that have changed. */
  follow(): void;
  /** The same, where tables have come or gone since. */
  followMoved(): void;
  flowRemoved(message: FlowRemoved): Ended | undefined;
  /** Whether the message, one of the last, set or withdrew one of these. */
  sent(xid: number): boolean;
  /** True: it was about one of these. */
  takeError(error: OpenFlowError): boolean;
  /** All that stand, as far as the switch has told. */
  flows(): Iterable<DesiredFlow>;
  /** Why there is a flow, by its cookie. */
  whose(cookie: bigint): { app: string; intent: Intent } | undefined;
  /** What was refused of late. */
  problems(): string[];
  /** Packets and flows that were not sent because the switch is behind. */
  readonly dropped: number;
  readonly window: Window;
}

export function createTimedFlows(options: TimedOptions): TimedFlows {
  const { namespace, actual } = options;
  const refusals = createRefusals(options.refused);
  const parts = createTimedSwitch(options, refusals.tell);
  const intents = createKnownIntents(function* () {
    for (const { cookie } of keyed.flows()) yield cookie;
    yield* templates.cookies();
  });
  const keyed = createKeyedFlows(parts, intents);
  const templates = createDeclaredTemplates(parts, intents);
  /** The pipeline that they go by. */
  let followed = 0;

  function follow(): void {
    followed = options.weaver.version;
    if (templates.size === 0 && keyed.size === 0) return;
    parts.look();
    keyed.follow();
    templates.follow();
  }

  return {
    window: parts.window,
    get dropped() {
      return parts.dropped();
    },
    set: keyed.set,
    delete: keyed.delete,
    keys: keyed.keys,
    template: templates.declare,
    standing(app) {
      const flows = [...app.tables.values()].flatMap((tableId) => [...actual.inTable(tableId)]);
      return flows.filter(
        ({ cookie }) => isOurs(namespace, cookie) && appOf(cookie) === app.number && isReactive(cookie),
      );
    },
    forget(app) {
      keyed.forget(app);
      templates.forget(app);
      parts.send(flowsDelete(reactiveOf(namespace, app.number)));
    },
    follow,
    followMoved() {
      if (followed !== options.weaver.version) follow();
    },
    flowRemoved(message) {
      if (!isOurs(namespace, message.cookie) || !isReactive(message.cookie)) return undefined;
      return templates.flowRemoved(message) ?? keyed.flowRemoved(message);
    },
    sent: parts.sender.sent,
    takeError({ xid, reason, offender }) {
      if (parts.sender.refuse(xid, reason)) return true;
      const known = intents.inFlowMod(offender);
      if (known === undefined) return false;
      refusals.tell(known.app, known.intent, reason);
      return true;
    },
    *flows() {
      yield* keyed.flows();
      yield* templates.flows();
    },
    whose: intents.of,
    problems: refusals.lines,
  };
}

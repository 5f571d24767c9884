/**
 * Flows with a timeout on one switch: they live in the switch, made from traffic. Each is sent as it is set and never again
 * by itself; it is gone when the switch says so. The reconciler has no part in them.
 */

import type { FlowRemoved } from '../../../proto/openflow/flow-mod.ts';
import type { Connection } from '../../openflow/connection.ts';
import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import { createWindow, type Window } from '../../openflow/window.ts';
import { appOf, cookieOf, intentId, isOurs, isOursHalf, isReactive, REACTIVE, reactiveOf } from '../cookie.ts';
import type { AppFlow, Intent } from '../flow.ts';
import { cookieHalf, flowIdentity, isSameContent } from '../flow-bytes.ts';
import { FlowError } from '../flow-error.ts';
import type { Namespace } from '../namespace.ts';
import type { ActualFlow } from '../reconcile/diff.ts';
import { flowAdd, flowDelete, flowsDelete } from '../reconcile/messages.ts';
import { type DesiredFlow, desiredFlow, type FlowPlace, intentOf } from '../weave/desired.ts';
import { same } from '../weave/same.ts';
import type { Weaver, WeaverApp } from '../weave/weaver.ts';
import { type FlowTemplate, type TemplateBytes, withoutSlots } from './template.ts';
import { createTimedSender, type TimedOwner } from './timed-sender.ts';
import { createTimedTemplate, type Template, type TimedSwitch, type TimedTemplate } from './timed-template.ts';

/** A flow that has ended by itself, or that somebody took away. */
export type Ended = { app: string } & (
  | { table: string; key: string }
  | { numbers: number[]; tell: ((...numbers: number[]) => void) | undefined }
);

/** Who has a template. */
export interface TemplateUser {
  /** Asked for each flow that is set. An instance of an app has one for all its templates. */
  maySend(): boolean;
  /** Hears the numbers of flows that are gone. */
  ended: ((...numbers: number[]) => void) | undefined;
}

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

export interface TimedOptions {
  namespace: Namespace;
  /** The one of everything that is sent to the switch. */
  window?: Window;
  connection: Connection;
  weaver: Weaver;
  actual: ReadonlyMap<string, ActualFlow>;
  sent: { flowMods: number };
  /** For people, once for each reason. */
  refused(text: string): void;
  /** There are tables that were not there. */
  changed(): void;
}

/** One with a key of the app's. */
interface Keyed extends TimedOwner {
  app: WeaverApp;
  table: string;
  key: string;
  flow: AppFlow;
  made: DesiredFlow | undefined;
  bytes: TemplateBytes | undefined;
  version: number;
  /** Set before the pipeline was woven first. */
  waits: boolean;
}

interface TemplateOf {
  app: WeaverApp;
  cookie: bigint;
  template: TimedTemplate;
  ended: ((...numbers: number[]) => void) | undefined;
}

const NO_VALUES = new Float64Array(0);
/** Between two looks at whether flows stand there that are not ours. */
const LOOK_MS = 1000;
/** In a flow-mod. */
const COOKIE = 8;
const FLOW_MOD = 14;
/** What was refused is told again after so long, and is a problem until then. */
const PROBLEM_MS = 60_000;
const MOST_PROBLEMS = 32;
/** Reasons of flows that are known by their cookies; beyond so many, only of those that stand. */
const MOST_INTENTS = 16_384;

export function createTimedFlows(options: TimedOptions): TimedFlows {
  const { namespace, connection, weaver, actual, sent, refused, changed } = options;
  const { window = createWindow(connection) } = options;
  const sender = createTimedSender(connection, window, sent);
  /** By `table id/key`. */
  const keyed = new Map<string, Keyed>();
  const byIdentity = new Map<string, Keyed>();
  /** By table id. */
  const templates = new Map<number, TemplateOf[]>();
  const intents = new Map<bigint, { app: string; intent: Intent }>();
  let mostIntents = MOST_INTENTS;
  /** By when they were told. */
  const problems = new Map<string, number>();
  /** `table id/priority` of flows that are not ours, as of the last look. */
  let foreign = new Set<number>();
  let seen = 0;
  let seenAt = 0;
  let dropped = 0;
  look();

  function look(): void {
    seen = actual.size;
    seenAt = performance.now();
    foreign = new Set();
    for (const { content, tableId, priority } of actual.values()) {
      if (!isOursHalf(namespace, cookieHalf(content))) foreign.add(tableId * 0x1_0000 + priority);
    }
  }

  function tell(app: string, { text, source }: Intent, reason: string): void {
    const where = source === undefined ? '' : ` (${source})`;
    const line = `${app}: ${text}${where}: ${reason}`;
    const now = performance.now();
    for (const [old, at] of problems) if (now - at > PROBLEM_MS) problems.delete(old);
    if (problems.has(line) || problems.size >= MOST_PROBLEMS) return;
    problems.set(line, now);
    refused(line);
  }

  const parts: TimedSwitch = {
    namespace,
    sender,
    version: () => weaver.version,
    isForeign(tableId, priority) {
      if (actual.size !== seen && performance.now() - seenAt > LOOK_MS) look();
      return foreign.size > 0 && foreign.has(tableId * 0x1_0000 + priority);
    },
    isTaken(flow) {
      const standing = actual.get(flow.identity);
      if (standing === undefined || isOurs(namespace, standing.cookie)) return false;
      const cookie = `0x${standing.cookie.toString(16)}`;
      tell(flow.app, flow.intent, `a foreign flow (cookie ${cookie}) stands at the same table, priority and match`);
      return true;
    },
    send(message) {
      connection.send(message);
      sent.flowMods++;
    },
    dropped: () => void dropped++,
    refused: ({ app }, intent, reason) => tell(app.name, intent, reason),
  };

  function tableOf(app: WeaverApp, table: string): number {
    const id = app.tables.get(table);
    if (id === undefined) throw new FlowError(`app "${app.name}" declares no table "${table}"`);
    return id;
  }

  function remember(cookie: bigint, app: string, intent: Intent): void {
    intents.set(cookie, { app, intent });
    if (intents.size <= mostIntents) return;
    const used = new Set<bigint>([cookie]);
    for (const { made } of keyed.values()) if (made !== undefined) used.add(made.cookie);
    for (const of of templates.values()) for (const each of of) used.add(each.cookie);
    for (const known of intents.keys()) if (!used.has(known)) intents.delete(known);
    mostIntents = Math.max(MOST_INTENTS, 2 * intents.size);
  }

  /** false: it can't be, and what it was is gone. */
  function compile(entry: Keyed): boolean {
    const { app, table, key, flow } = entry;
    const { text, source } = intentOf(flow);
    try {
      const made = desiredFlow(namespace, { app, tableId: tableOf(app, table), key }, flow, weaver.scope(app, table));
      if (entry.made !== undefined && entry.made.identity !== made.identity) withdraw(entry);
      const other = byIdentity.get(made.identity);
      if (other !== undefined && other !== entry) {
        throw new FlowError(`it matches the same as flow "${other.key}" at the same priority`);
      }
      entry.bytes = withoutSlots(flowAdd(made));
      byIdentity.set(made.identity, entry);
      remember(made.cookie, app.name, intentOf(flow));
      entry.made = made;
      entry.version = weaver.version;
      return true;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      withdraw(entry);
      tell(app.name, { text, ...(source === undefined ? {} : { source }) }, `flow "${key}": ${error.message}`);
      return false;
    }
  }

  function send(entry: Keyed): void {
    const { made, bytes } = entry;
    if (made === undefined || bytes === undefined) return;
    if (parts.isForeign(made.tableId, made.priority) && parts.isTaken(made, entry)) return;
    if (!sender.send(entry, 0, bytes, NO_VALUES)) dropped++;
  }

  /** Out of the switch and out of mind. */
  function withdraw(entry: Keyed): void {
    const { made } = entry;
    if (made === undefined) return;
    if (byIdentity.get(made.identity) === entry) byIdentity.delete(made.identity);
    entry.made = undefined;
    parts.send(flowDelete(made));
  }

  return {
    window,
    get dropped() {
      return dropped;
    },
    set(app, table, key, flow) {
      const name = `${tableOf(app, table)}/${key}`;
      if (weaver.hold(app, table)) changed();
      let entry = keyed.get(name);
      const isNew = entry === undefined || !same(entry.flow, flow) || entry.app.number !== app.number;
      if (entry === undefined) {
        const fresh: Keyed = {
          ...{ app, table, key, flow, made: undefined, bytes: undefined, version: -1, waits: false },
          refused(_, reason) {
            if (keyed.get(name) === fresh) drop(name, fresh);
            tell(app.name, intentOf(fresh.flow), reason);
          },
        };
        entry = fresh;
        keyed.set(name, entry);
      }
      entry.app = app;
      entry.flow = flow;
      if (weaver.version === 0) {
        entry.waits = true;
        return;
      }
      if ((isNew || entry.version !== weaver.version) && !compile(entry)) keyed.delete(name);
      else send(entry);
    },
    delete(app, table, key) {
      if (keyed.size === 0) return;
      const name = `${tableOf(app, table)}/${key}`;
      const entry = keyed.get(name);
      if (entry === undefined) return;
      keyed.delete(name);
      withdraw(entry);
    },
    keys: (app, table) =>
      Array.from(keyed.values()).flatMap((each) =>
        each.app.name === app.name && each.table === table ? each.key : [],
      ),
    template(app, table, spec, user) {
      const tableId = tableOf(app, table);
      if ((spec.idleTimeout ?? 0) === 0 && (spec.hardTimeout ?? 0) === 0) {
        throw new FlowError(`a template's flows live by a timeout: idleTimeout or hardTimeout is missing`);
      }
      if (weaver.hold(app, table)) changed();
      const of = templates.get(tableId) ?? [];
      templates.set(tableId, of);
      const intent = intentOf(spec);
      const standing = of.find((each) => each.app.number === app.number && same(each.template.spec, spec));
      if (standing !== undefined) {
        standing.ended = user.ended;
        standing.template.maySend = user.maySend;
        return standing.template;
      }
      const rival = of.findIndex((each) => each.app.number === app.number && each.template.intent.text === intent.text);
      if (rival >= 0 && of[rival]!.template.maySend === user.maySend) {
        throw new FlowError(
          `table "${table}" has another template with the intent "${intent.text}": they could not be told apart, give one another intent`,
        );
      }
      // One of an earlier instance: their cookies would be one.
      if (rival >= 0) of.splice(rival, 1);
      const place: FlowPlace = { app, tableId, key: '' };
      const template = createTimedTemplate(spec, place, weaver.scope(app, table), intent, parts);
      for (const flow of actual.values()) {
        if (flow.tableId === tableId && isReactive(flow.cookie)) template.adopt(flow);
      }
      template.maySend = user.maySend;
      const cookie = flowCookie(namespace, app, intent);
      of.push({ app, cookie, template, ended: user.ended });
      remember(cookie, app.name, intent);
      return template;
    },
    standing(app) {
      const ids = new Set(app.tables.values());
      return [...actual.values()].filter(
        ({ cookie, tableId }) =>
          ids.has(tableId) && isOurs(namespace, cookie) && appOf(cookie) === app.number && isReactive(cookie),
      );
    },
    forget(app) {
      for (const [name, entry] of keyed) {
        if (entry.app.name !== app.name) continue;
        keyed.delete(name);
        if (entry.made !== undefined) byIdentity.delete(entry.made.identity);
      }
      for (const [id, of] of templates) {
        templates.set(
          id,
          of.filter((each) => each.app.name !== app.name),
        );
      }
      parts.send(flowsDelete(reactiveOf(namespace, app.number)));
    },
    follow() {
      if (templates.size === 0 && keyed.size === 0) return;
      look();
      for (const [name, entry] of keyed) {
        if (entry.version === weaver.version && !entry.waits) continue;
        const before = entry.made;
        const mayStand = entry.waits ? actual : undefined;
        entry.waits = false;
        if (!compile(entry)) keyed.delete(name);
        else if (!isSameContent(mayStand?.get(entry.made?.identity ?? '')?.content ?? '', entry.made?.content ?? '')) {
          if (before?.content !== entry.made?.content) send(entry);
        }
      }
      for (const of of templates.values()) for (const { template } of of) template.follow();
    },
    flowRemoved(message) {
      if (!isOurs(namespace, message.cookie) || !isReactive(message.cookie)) return undefined;
      for (const { app, cookie, template, ended } of templates.get(message.tableId) ?? []) {
        if (template.spec.priority !== message.priority || cookie !== message.cookie) continue;
        const numbers = template.ended(message);
        if (numbers !== undefined) return { app: app.name, numbers, tell: ended };
      }
      const identity = flowIdentity(message);
      const entry = byIdentity.get(identity);
      if (entry?.made?.cookie !== message.cookie) return undefined;
      drop(`${message.tableId}/${entry.key}`, entry);
      return { app: entry.app.name, table: entry.table, key: entry.key };
    },
    sent: sender.sent,
    takeError(error) {
      if (sender.refuse(error.xid, error.reason)) return true;
      const { offender } = error;
      if (offender.length < COOKIE + 8 || offender[1] !== FLOW_MOD) return false;
      const of = intents.get(new DataView(offender.buffer, offender.byteOffset).getBigUint64(COOKIE));
      if (of === undefined) return false;
      tell(of.app, of.intent, error.reason);
      return true;
    },
    *flows() {
      for (const { made } of keyed.values()) if (made !== undefined) yield made;
      for (const of of templates.values()) for (const { template } of of) yield* template.flows();
    },
    whose: (cookie) => intents.get(cookie),
    problems: () => [...problems].filter(([, at]) => performance.now() - at <= PROBLEM_MS).map(([line]) => line),
  };

  function drop(name: string, entry: Keyed): void {
    keyed.delete(name);
    if (entry.made !== undefined) byIdentity.delete(entry.made.identity);
    entry.made = undefined;
  }
}

function flowCookie(namespace: Namespace, { name, number }: WeaverApp, { text }: Intent): bigint {
  return cookieOf(namespace, number, intentId(name, text) | REACTIVE);
}

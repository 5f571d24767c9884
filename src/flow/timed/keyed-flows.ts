/** The flows with a timeout that apps set by a key, each by itself: as they were declared, and as they were sent. */

import type { FlowRemoved } from '../../../proto/openflow/flow-mod.ts';
import type { AppFlow } from '../flow.ts';
import { flowIdentity, isSameContent } from '../flow-bytes.ts';
import { FlowError } from '../flow-error.ts';
import { flowAdd, flowDelete } from '../reconcile/messages.ts';
import { type DesiredFlow, desiredFlow, intentOf } from '../weave/desired.ts';
import { same } from '../weave/same.ts';
import type { WeaverApp } from '../weave/weaver.ts';
import type { KnownIntents } from './known-intents.ts';
import { type TemplateBytes, withoutSlots } from './template.ts';
import type { TimedOwner } from './timed-sender.ts';
import { type TimedSwitch, tableOf } from './timed-switch.ts';

/** A flow with a key that has ended. */
export interface EndedKey {
  app: string;
  table: string;
  key: string;
}

export interface KeyedFlows {
  readonly size: number;
  set(app: WeaverApp, table: string, key: string, flow: AppFlow): void;
  delete(app: WeaverApp, table: string, key: string): void;
  /** Keys of those that stand. */
  keys(app: WeaverApp, table: string): string[];
  /** All of the app's are out of mind; they are not taken out of the switch. */
  forget(app: WeaverApp): void;
  /** The pipeline was woven: sends what waited for it, and what has become another flow by it. */
  follow(): void;
  flowRemoved(message: FlowRemoved): EndedKey | undefined;
  /** Those that stand. */
  flows(): Iterable<DesiredFlow>;
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

const NO_VALUES = new Float64Array(0);

export function createKeyedFlows(parts: TimedSwitch, intents: Pick<KnownIntents, 'remember'>): KeyedFlows {
  const { namespace, weaver, actual, sender } = parts;
  /** By `table id/key`. */
  const keyed = new Map<string, Keyed>();
  const byIdentity = new Map<string, Keyed>();
  /** Withdrawn before the pipeline was woven first: what is read to stand there does not any more. */
  const withdrawnEarly = new Set<string>();

  /** Throws where it can't be. */
  function madeOf({ app, table, key, flow }: Keyed): DesiredFlow {
    return desiredFlow(namespace, { app, tableId: tableOf(app, table), key }, flow, weaver.scope(app, table));
  }

  /** One of an earlier run may stand. */
  function withdrawEarly(entry: Keyed): void {
    try {
      const made = madeOf(entry);
      withdrawnEarly.add(made.identity);
      parts.send(flowDelete(made));
    } catch (error) {
      // What can't be stands nowhere.
      if (!(error instanceof Error)) throw error;
    }
  }

  /** false: it can't be, and what it was is gone. */
  function compile(entry: Keyed): boolean {
    const { app, key, flow } = entry;
    const { text, source } = intentOf(flow);
    try {
      const made = madeOf(entry);
      if (entry.made !== undefined && entry.made.identity !== made.identity) withdraw(entry);
      const other = byIdentity.get(made.identity);
      if (other !== undefined && other !== entry) {
        throw new FlowError(`it matches the same as flow "${other.key}" at the same priority`);
      }
      entry.bytes = withoutSlots(flowAdd(made));
      byIdentity.set(made.identity, entry);
      intents.remember(made.cookie, app.name, intentOf(flow));
      entry.made = made;
      entry.version = weaver.version;
      return true;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      withdraw(entry);
      parts.refused(app.name, { text, ...(source === undefined ? {} : { source }) }, `flow "${key}": ${error.message}`);
      return false;
    }
  }

  function send(entry: Keyed): void {
    const { made, bytes } = entry;
    if (made === undefined || bytes === undefined) return;
    if (parts.isForeign(made.tableId, made.priority) && parts.isTaken(made)) return;
    if (!sender.send(entry, 0, bytes, NO_VALUES)) parts.drop();
  }

  /** Out of the switch and out of mind. */
  function withdraw(entry: Keyed): void {
    const { made } = entry;
    if (made === undefined) return;
    if (byIdentity.get(made.identity) === entry) byIdentity.delete(made.identity);
    entry.made = undefined;
    parts.send(flowDelete(made));
  }

  /** Out of mind: the switch has it no more. */
  function drop(name: string, entry: Keyed): void {
    keyed.delete(name);
    if (entry.made !== undefined) byIdentity.delete(entry.made.identity);
    entry.made = undefined;
  }

  return {
    get size() {
      return keyed.size;
    },
    set(app, table, key, flow) {
      const name = `${tableOf(app, table)}/${key}`;
      parts.hold(app, table);
      let entry = keyed.get(name);
      const isNew = entry === undefined || !same(entry.flow, flow) || entry.app.number !== app.number;
      if (entry === undefined) {
        const fresh: Keyed = {
          ...{ app, table, key, flow, made: undefined, bytes: undefined, version: -1, waits: false },
          refused(_, reason) {
            if (keyed.get(name) === fresh) drop(name, fresh);
            parts.refused(app.name, intentOf(fresh.flow), reason);
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
      if (entry.waits && entry.made === undefined) withdrawEarly(entry);
      else withdraw(entry);
    },
    keys: (app, table) =>
      Array.from(keyed.values()).flatMap((each) =>
        each.app.name === app.name && each.table === table ? each.key : [],
      ),
    forget(app) {
      for (const [name, entry] of keyed) {
        if (entry.app.name !== app.name) continue;
        keyed.delete(name);
        if (entry.made !== undefined) byIdentity.delete(entry.made.identity);
      }
    },
    follow() {
      for (const [name, entry] of keyed) {
        if (entry.version === weaver.version && !entry.waits) continue;
        const before = entry.made;
        const waited = entry.waits;
        entry.waits = false;
        if (!compile(entry)) {
          keyed.delete(name);
          continue;
        }
        const { identity = '', content = '' } = entry.made ?? {};
        const standing = waited && !withdrawnEarly.has(identity) ? actual.get(identity)?.content : undefined;
        if (!isSameContent(standing ?? '', content) && before?.content !== content) send(entry);
      }
      withdrawnEarly.clear();
    },
    flowRemoved(message) {
      const entry = byIdentity.get(flowIdentity(message));
      if (entry?.made?.cookie !== message.cookie) return undefined;
      drop(`${message.tableId}/${entry.key}`, entry);
      return { app: entry.app.name, table: entry.table, key: entry.key };
    },
    *flows() {
      for (const { made } of keyed.values()) if (made !== undefined) yield made;
    },
  };
}

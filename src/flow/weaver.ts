/**
 * Weaves what the apps declare for one switch into its pipeline: links the tables that exist, gives each a default miss
 * that leads to the next, and says what shall stand in the switch.
 */

import { canonicalMatch, checkEncodable, flowContent, flowIdentity } from './canonical.ts';
import { compileActions, compileInstructions, compileMatch, type Scope } from './compile.ts';
import { cookieOf, intentId, REACTIVE, WEAVER } from './cookie.ts';
import type { AppFlow, AppGroup, Intent, TableFlow, TableRef } from './flow.ts';
import { FlowError } from './flow-error.ts';
import { groupContent, groupIdOf, type TableGroup } from './group.ts';
import { isStage, STAGES } from './stages.ts';
import type { TablePlan } from './table-plan.ts';

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

/** An app as the weaver knows it. */
export interface WeaverApp {
  name: string;
  /** Number in cookies. */
  number: number;
  tables: ReadonlyMap<string, number>;
}

export interface Weaver {
  set(app: WeaverApp, table: string, key: string, flow: AppFlow): void;
  delete(app: WeaverApp, table: string, key: string): void;
  setGroup(app: WeaverApp, key: string, group: AppGroup): void;
  deleteGroup(app: WeaverApp, key: string): void;
  /** Everything that the app declared is withdrawn. */
  clear(app: WeaverApp): void;
  /** Remembers what the app declared; the function given back puts just that in place again. */
  keep(app: WeaverApp): () => void;
  /** Compiles what has changed since the last call. Flows that can't be are left out and told. */
  weave(): Woven;
  /** How a name resolves for an app that sends a packet out. */
  scope(app: WeaverApp): Scope;
}

export interface Woven {
  flows: ReadonlyMap<string, DesiredFlow>;
  groups: ReadonlyMap<number, DesiredGroup>;
  errors: string[];
  /** Identities that may differ since the last call; undefined: any. */
  touched: ReadonlySet<string> | undefined;
}

interface Declared {
  app: WeaverApp;
  tableId: number;
  key: string;
  flow: AppFlow;
}

export function createWeaver(plan: TablePlan): Weaver {
  /** table id → key → what an app declared there. */
  const tables = new Map<number, Map<string, Declared>>();
  const declaredGroups = new Map<string, { app: WeaverApp; key: string; group: AppGroup }>();
  const flows = new Map<string, DesiredFlow>();
  const groups = new Map<number, DesiredGroup>();
  /** Identity by `table id/key`: which desired flow a declaration became. */
  const identities = new Map<string, string>();
  const changed = new Set<string>();
  let structureChanged = true;
  /** What could not be woven, by `table id/key`. */
  const errors = new Map<string, string>();

  function tableOf(app: WeaverApp, table: string): number {
    const id = app.tables.get(table);
    if (id === undefined) throw new FlowError(`app "${app.name}" declares no table "${table}"`);
    return id;
  }

  /** The first table with a flow in it from `id` on. */
  function firstFrom(id: number): number | undefined {
    let found: number | undefined;
    for (const existing of tables.keys())
      if (existing >= id && (found === undefined || existing < found)) found = existing;
    return found;
  }

  function scopeAt(app: WeaverApp, tableId: number | undefined): Scope {
    return {
      table(ref: TableRef) {
        if (ref === 'next') return tableId === undefined ? undefined : firstFrom(tableId + 1);
        const own = app.tables.get(ref);
        if (own !== undefined) return own;
        if (!isStage(ref)) throw new FlowError(`"${ref}" is neither a stage nor a table of app "${app.name}"`);
        return firstFrom(STAGES[ref][0]);
      },
      groupId(key) {
        if (!declaredGroups.has(`${app.name}/${key}`)) throw new FlowError(`app "${app.name}" has no group "${key}"`);
        if (errors.has(`group ${app.name}/${key}`)) throw new FlowError(`its group "${key}" can't be`);
        return groupIdOf(app.name, key);
      },
    };
  }

  function compileFlow({ app, tableId, key, flow }: Declared): DesiredFlow {
    const intent = typeof flow.intent === 'string' ? { text: flow.intent } : flow.intent;
    const timed = (flow.idleTimeout ?? 0) > 0 || (flow.hardTimeout ?? 0) > 0;
    const compiled: TableFlow = {
      tableId,
      priority: flow.priority,
      match: compileMatch(flow.match),
      instructions: compileInstructions(flow.actions, scopeAt(app, tableId)),
      cookie: cookieOf(app.number, intentId(app.name, intent.text) | (timed ? REACTIVE : 0n)),
      idleTimeout: flow.idleTimeout ?? 0,
      hardTimeout: flow.hardTimeout ?? 0,
      flags: timed ? ['sendFlowRem'] : [],
    };
    checkEncodable(compiled);
    return finish(compiled, app.name, key, intent);
  }

  function finish(flow: TableFlow, app: string, key: string, intent: Intent): DesiredFlow {
    return { ...flow, app, key, intent, identity: flowIdentity(flow), content: flowContent(flow) };
  }

  function add(declared: Declared): void {
    const place = `${declared.tableId}/${declared.key}`;
    try {
      const desired = compileFlow(declared);
      const other = flows.get(desired.identity);
      if (other !== undefined && other.app === declared.app.name) {
        throw new FlowError(`it matches the same as flow "${other.key}" (${other.intent.text}) at the same priority`);
      }
      identities.set(place, desired.identity);
      flows.set(desired.identity, desired);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const { intent } = declared.flow;
      const text = typeof intent === 'string' ? intent : `${intent.text} (${intent.source ?? 'no source'})`;
      errors.set(place, `app "${declared.app.name}", flow "${declared.key}" (${text}): ${error.message}`);
    }
  }

  function addGroup({ app, key, group }: { app: WeaverApp; key: string; group: AppGroup }): void {
    const groupId = groupIdOf(app.name, key);
    try {
      const buckets = group.buckets.map((bucket) => ({
        weight: bucket.weight ?? 0,
        actions: compileActions(bucket.actions, scopeAt(app, undefined)),
      }));
      const compiled: TableGroup = { groupId, groupType: group.type, buckets };
      groups.set(groupId, { ...compiled, app: app.name, key, content: groupContent(compiled) });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      errors.set(`group ${app.name}/${key}`, `app "${app.name}", group "${key}": ${error.message}`);
    }
  }

  function remove(place: string): void {
    const identity = identities.get(place);
    if (identity !== undefined) flows.delete(identity);
    identities.delete(place);
    errors.delete(place);
  }

  function weaveAll(): void {
    errors.clear();
    flows.clear();
    groups.clear();
    identities.clear();
    for (const declared of declaredGroups.values()) addGroup(declared);
    for (const declared of tables.values()) for (const each of declared.values()) add(each);
    for (const tableId of new Set([0, ...tables.keys()])) addMiss(tableId);
  }

  /** The weaver's own flow: a table's default miss goes to the next one. */
  function addMiss(tableId: number): void {
    const match = canonicalMatch({});
    if (flows.has(flowIdentity({ tableId, priority: 0, match }))) return;
    const following = firstFrom(tableId + 1);
    if (following === undefined) return;
    const text = `${plan.name(tableId)}: what nothing matched goes on to ${plan.name(following)}`;
    const miss: TableFlow = {
      tableId,
      priority: 0,
      match,
      instructions: [{ type: 'gotoTable', tableId: following }],
      cookie: cookieOf(WEAVER, intentId('weaver', text)),
      idleTimeout: 0,
      hardTimeout: 0,
      flags: [],
    };
    const desired = finish(miss, 'weaver', 'miss', { text });
    flows.set(desired.identity, desired);
  }

  return {
    set(app, table, key, flow) {
      const tableId = tableOf(app, table);
      let declared = tables.get(tableId);
      if (declared === undefined) {
        declared = new Map();
        tables.set(tableId, declared);
        structureChanged = true;
      }
      const entry: Declared = { app, tableId, key, flow };
      if (flow.priority === 0) structureChanged = true;
      declared.set(key, entry);
      changed.add(`${tableId}/${key}`);
    },
    delete(app, table, key) {
      const tableId = tableOf(app, table);
      const declared = tables.get(tableId);
      const entry = declared?.get(key);
      if (declared === undefined || entry === undefined) return;
      declared.delete(key);
      if (declared.size === 0) tables.delete(tableId);
      if (declared.size === 0 || entry.flow.priority === 0) structureChanged = true;
      changed.add(`${tableId}/${key}`);
    },
    setGroup(app, key, group) {
      declaredGroups.set(`${app.name}/${key}`, { app, key, group });
      structureChanged = true;
    },
    deleteGroup(app, key) {
      if (declaredGroups.delete(`${app.name}/${key}`)) structureChanged = true;
    },
    clear(app) {
      for (const id of app.tables.values()) tables.delete(id);
      for (const [name, { app: owner }] of declaredGroups) if (owner.name === app.name) declaredGroups.delete(name);
      structureChanged = true;
    },
    keep(app) {
      const kept = [...app.tables.values()].map((id) => [id, tables.get(id)] as const);
      const keptGroups = [...declaredGroups].filter(([, { app: owner }]) => owner.name === app.name);
      return () => {
        this.clear(app);
        for (const [id, declared] of kept) if (declared !== undefined) tables.set(id, declared);
        for (const [name, declared] of keptGroups) declaredGroups.set(name, declared);
      };
    },
    weave() {
      const touched = structureChanged ? undefined : new Set<string>();
      if (touched === undefined) weaveAll();
      else {
        // What could not be may be able to now: the flow in its way may have gone.
        for (const place of errors.keys()) if (!place.startsWith('group ')) changed.add(place);
        for (const place of changed) {
          const identity = identities.get(place);
          if (identity !== undefined) touched.add(identity);
          remove(place);
        }
        for (const place of changed) {
          const [tableId, key] = split(place);
          const declared = tables.get(tableId)?.get(key);
          if (declared !== undefined) add(declared);
          const identity = identities.get(place);
          if (identity !== undefined) touched.add(identity);
        }
      }
      structureChanged = false;
      changed.clear();
      return { flows, groups, errors: [...errors.values()], touched };
    },
    scope: (app) => scopeAt(app, undefined),
  };
}

function split(place: string): [tableId: number, key: string] {
  const slash = place.indexOf('/');
  return [Number(place.slice(0, slash)), place.slice(slash + 1)];
}

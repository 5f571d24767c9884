/**
 * Weaves what the apps declare for one switch into its pipeline: links the tables that exist, gives each a default miss
 * that leads to the next, and says what shall stand in the switch. Only what changed, and what goes by it, is woven anew.
 */

import { createOwnIds } from '../allocate/own-ids.ts';
import type { SwitchAllocation } from '../allocate/switch-allocation.ts';
import type { TablePlan } from '../allocate/table-plan.ts';
import type { AppFlow, AppGroup, AppMeter, Intent } from '../flow.ts';
import { FlowError } from '../flow-error.ts';
import { createFlowIndex, type FlowIndex, type FlowPair, type Flows } from '../flow-index.ts';
import type { DesiredMeter } from '../meter.ts';
import { MAIN, type Namespace } from '../namespace.ts';
import { atOnce, SLICE, type Sliced } from '../slices.ts';
import type { Scope } from './compile.ts';
import type { AnyDeclared, DeclaredFlow, WeaverApp } from './declared.ts';
import {
  type DesiredFlow,
  type DesiredGroup,
  defaultMiss,
  desiredFlow,
  type FlowTexts,
  intentOf,
  missIdentity,
} from './desired.ts';
import { createFlowBook } from './flow-book.ts';
import { createGroupBook } from './group-book.ts';
import { createLinks } from './links.ts';
import { createMeterBook } from './meter-book.ts';
import { createScopes } from './scopes.ts';
import { createStandingTables } from './standing-tables.ts';
import { createZoneUse, type Zones } from './zones.ts';

export type { DesiredMeter } from '../meter.ts';
export type { WeaverApp } from './declared.ts';
export type { DesiredFlow, DesiredGroup } from './desired.ts';

export interface Weaver {
  /** True: it was not declared before. */
  set(app: WeaverApp, table: string, key: string, flow: AppFlow): boolean;
  /** True: it was declared. */
  delete(app: WeaverApp, table: string, key: string): boolean;
  has(app: WeaverApp, table: string, key: string): boolean;
  /** What is declared in the table. */
  keys(app: WeaverApp, table: string): Iterable<string>;
  setGroup(app: WeaverApp, key: string, group: AppGroup): void;
  deleteGroup(app: WeaverApp, key: string): void;
  setMeter(app: WeaverApp, key: string, meter: AppMeter): void;
  deleteMeter(app: WeaverApp, key: string): void;
  /** Everything that the app declared is withdrawn. */
  clear(app: WeaverApp): void;
  /** Remembers what the app declared; the function given back puts just that in place again. */
  keep(app: WeaverApp): () => void;
  /** Compiles what has changed since the last call. Flows that can't be are left out and told. */
  weave(): Woven;
  /**
   * The same in slices, one weaving at a time. What apps declare meanwhile is for the next one; flows that they withdraw
   * may be out at once. Until the end, `woven` lacks some of what changes. By the first yield groups and meters are woven;
   * `fresh` is given each flow that is.
   */
  weaving(fresh?: (flow: DesiredFlow) => void): Sliced<Woven>;
  /** As it was woven last. */
  readonly woven: Pick<Woven, 'flows' | 'groups' | 'meters' | 'zones'>;
  /** How a name resolves for an app that sends a packet out, or in one of its tables. */
  scope(app: WeaverApp, table?: string): Scope;
  /** Grows where names may resolve to something else than before; 0: nothing was woven yet. */
  readonly version: number;
  /** The table is there also where only flows with a timeout stand in it, which are not woven; false: it is held already. */
  hold(app: WeaverApp, table: string): boolean;
  /** Why there is a flow that the switch learned, by its cookie. */
  learned(cookie: bigint): { app: string; intent: Intent } | undefined;
}

export interface Woven {
  flows: Flows<DesiredFlow>;
  groups: ReadonlyMap<number, DesiredGroup>;
  meters: ReadonlyMap<number, DesiredMeter>;
  /** Conntrack zones that the flows use. */
  zones: Zones;
  errors: string[];
  /** Identities of flows that may differ since the last call, some more than once. */
  touched: readonly string[];
}

export function createWeaver(
  plan: TablePlan,
  ids: Pick<SwitchAllocation, 'namespace' | 'groups' | 'meters'> = idsOf(MAIN),
  /** Its wanted side is empty, and is the weaver's. */
  index: FlowIndex<DesiredFlow, FlowTexts> = createFlowIndex<DesiredFlow, FlowTexts>(),
): Weaver {
  const { namespace } = ids;
  const { wanted: flows } = index;
  const links = createLinks<AnyDeclared>();
  /** What can't be: it is tried again each time, what was in its way may have gone. */
  const failed = new Set<DeclaredFlow>();
  /** The tables with flows in them, as they were at the last weaving. */
  let existing: readonly number[] = [];
  /** The weaver's own flows. */
  let misses: DesiredFlow[] = [];
  let missesChanged = true;
  const declarations = createFlowBook({
    renamed({ identity }, intent) {
      const desired = identity === undefined ? undefined : flows.get(identity);
      if (desired !== undefined) desired.intent = intent;
    },
    missMoved() {
      missesChanged = true;
    },
  });
  const groups = createGroupBook(ids.groups, links);
  const held = new Set<number>();
  let version = 0;
  const meters = createMeterBook(ids.meters);
  const zones = createZoneUse();
  const learned = new Map<bigint, { app: string; intent: Intent }>();

  function tableOf(app: WeaverApp, table: string): number {
    const id = app.tables.get(table);
    if (id === undefined) throw new FlowError(`app "${app.name}" declares no table "${table}"`);
    return id;
  }

  const isOnTheWay = (id: number) => plan.owners.get(id)?.aside !== true;
  const standingTables = createStandingTables(namespace, index.standing);

  /** The first table with a flow in it from `id` on. Before the first weaving: as an earlier run has left them. */
  function firstFrom(id: number): number | undefined {
    return (version === 0 ? standingTables().filter(isOnTheWay) : existing).find((each) => each >= id);
  }

  const scopeAt = createScopes({ namespace, links, groups, meters, learned, firstFrom, isWoven: () => version > 0 });

  /** Of the flow that is being woven: where it belongs in the index, if something stands there, or shall. */
  let place: FlowPair<DesiredFlow, FlowTexts> | undefined;
  const standingThere = (identity: string) => {
    place = index.pair(identity);
    return place?.standing;
  };

  function addFlow(declared: DeclaredFlow, touched: string[], fresh: ((flow: DesiredFlow) => void) | undefined): void {
    const taken = declarations.asTaken(declared);
    const { app, key, tableId, flow } = taken;
    try {
      const desired = desiredFlow(namespace, taken, flow, scopeAt(app, tableId, declared), standingThere);
      const other = place?.wanted;
      if (other !== undefined) {
        throw new FlowError(`it matches the same as flow "${other.key}" (${other.intent.text}) at the same priority`);
      }
      declared.identity = desired.identity;
      flows.set(desired.identity, desired, place);
      zones.add(desired);
      touched.push(desired.identity);
      fresh?.(desired);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const { text, source } = intentOf(flow);
      const why = typeof flow.intent === 'string' ? text : `${text} (${source ?? 'no source'})`;
      declared.error = `app "${app.name}", flow "${key}" (${why}): ${error.message}`;
      failed.add(declared);
    }
  }

  /** Takes the flow that the declaration became out again. */
  function takeOut(declared: DeclaredFlow, touched: string[]): void {
    if (declared.identity !== undefined) {
      const standing = flows.get(declared.identity);
      if (standing !== undefined) zones.remove(standing);
      flows.delete(declared.identity);
      touched.push(declared.identity);
    }
    if (declared.error !== undefined) failed.delete(declared);
    declared.identity = undefined;
    declared.error = undefined;
    links.leave(declared);
  }

  function follow(users: Iterable<AnyDeclared>): void {
    for (const user of users) {
      if ('group' in user) groups.moved(user);
      else declarations.moved(user);
    }
  }

  /** Looks which tables there are now. */
  function look(): void {
    const there = new Set([...declarations.tables(), ...held].filter(isOnTheWay));
    if (version > 0 && there.size === existing.length && existing.every((id) => there.has(id))) return;
    existing = [...there].toSorted((a, b) => a - b);
    version++;
    missesChanged = true;
    follow(links.moved());
  }

  /** Those that changed now; others have their turn after each slice. */
  function* eachOf(moving: readonly DeclaredFlow[], visit: (declared: DeclaredFlow) => void): Sliced<void> {
    for (let i = 0; i < moving.length; i++) {
      visit(moving[i]!);
      if (i % SLICE === SLICE - 1) yield;
    }
  }

  /** Every table has one, its app's or ours. */
  function weaveMisses(touched: string[]): void {
    misses = [];
    for (const tableId of new Set([0, ...existing])) {
      const following = firstFrom(tableId + 1);
      if (following === undefined || flows.has(missIdentity(tableId))) continue;
      const miss = defaultMiss(namespace, tableId, following, plan.name);
      misses.push(miss);
      flows.set(miss.identity, miss);
      touched.push(miss.identity);
    }
  }

  const weaver: Weaver = {
    set(app, table, key, flow) {
      if (app.learned?.has(table) === true) {
        throw new FlowError(`table "${table}" of app "${app.name}" is written by \`learn\` alone: it takes no flow`);
      }
      return declarations.set(app, tableOf(app, table), key, flow);
    },
    delete: (app, table, key) => declarations.delete(tableOf(app, table), key),
    has: (app, table, key) => declarations.has(tableOf(app, table), key),
    keys: (app, table) => declarations.keys(tableOf(app, table)),
    setGroup: groups.set,
    deleteGroup: groups.delete,
    setMeter(app, key, meter) {
      meters.set(app.name, key, meter);
    },
    deleteMeter(app, key) {
      meters.delete(app.name, key);
    },
    clear(app) {
      meters.clear(app.name);
      groups.clear(app);
      declarations.clear(app);
      for (const id of app.tables.values()) held.delete(id);
    },
    keep(app) {
      const restoreFlows = declarations.keep(app);
      const restoreGroups = groups.keep(app);
      const restoreMeters = meters.keep(app.name);
      const heldTables = [...app.tables.values()].filter((id) => held.has(id));
      return () => {
        weaver.clear(app);
        restoreMeters();
        restoreGroups();
        for (const id of heldTables) held.add(id);
        restoreFlows();
      };
    },
    weave: () => atOnce(weaver.weaving()),
    *weaving(fresh) {
      const touched: string[] = [];
      follow(failed);
      declarations.sweep();
      look();
      follow(links.moved(meters.settle()));
      const moved = groups.weave((group) => scopeAt(group.app, undefined, group));
      if (moved.size > 0) version++;
      follow(links.moved(moved));
      const { moving, leaving } = declarations.take();
      const isMissing = missesChanged;
      missesChanged = false;
      yield* eachOf(leaving, (declared) => takeOut(declared, touched));
      for (const { identity } of isMissing ? misses : []) {
        flows.delete(identity);
        touched.push(identity);
      }
      yield* eachOf(moving, (declared) => {
        // One that is withdrawn meanwhile is out; should it be declared again, it is to be woven.
        if (declared.withdrawn) declared.stale = true;
        else addFlow(declared, touched, fresh);
      });
      declarations.done();
      if (isMissing) weaveMisses(touched);
      const impossible = Array.from(failed, ({ error }) => error ?? '');
      const errors = [...groups.errors(), ...impossible, ...meters.errors()];
      return { flows, groups: groups.groups, meters: meters.meters, zones: zones.zones, errors, touched };
    },
    woven: { flows, groups: groups.groups, meters: meters.meters, zones: zones.zones },
    scope: (app, table) => scopeAt(app, table === undefined ? undefined : tableOf(app, table)),
    get version() {
      return version;
    },
    hold(app, table) {
      const before = held.size;
      return held.add(tableOf(app, table)).size > before;
    },
    learned: (cookie) => learned.get(cookie),
  };
  return weaver;
}

function idsOf(namespace: Namespace) {
  return { namespace, groups: createOwnIds(namespace), meters: createOwnIds(namespace) };
}

/** How names resolve where an app's flow or group stands: tables, groups, meters, fields, and what `learn` is to write. */

import { cookieOf, intentContent, intentId, STATE } from '../cookie.ts';
import type { Intent, TableRef } from '../flow.ts';
import { FlowError } from '../flow-error.ts';
import type { Namespace } from '../namespace.ts';
import { isStage, STAGES } from '../stages.ts';
import type { Scope } from './compile.ts';
import type { AnyDeclared, WeaverApp } from './declared.ts';
import type { GroupBook } from './group-book.ts';
import type { Links } from './links.ts';
import type { MeterBook } from './meter-book.ts';

export interface Names {
  namespace: Namespace;
  links: Links<AnyDeclared>;
  groups: Pick<GroupBook, 'find'>;
  meters: Pick<MeterBook, 'find'>;
  /** Is given what the flows that are learned are there for, by their cookies. */
  learned: Map<bigint, { app: string; intent: Intent }>;
  /** The first table with a flow in it from `id` on. */
  firstFrom(id: number): number | undefined;
  /** Whether it is known which tables there are: not before the first weaving. */
  isWoven(): boolean;
}

/** In the table `tableId`, undefined: in none. `user`: goes by the names from now on. */
type ScopeAt = (app: WeaverApp, tableId: number | undefined, user?: AnyDeclared) => Scope;

export function createScopes(names: Names): ScopeAt {
  const cached = new WeakMap<WeaverApp, Map<number | undefined, Scope>>();
  /** Who goes by the names that a cached scope resolves now. */
  let user: AnyDeclared | undefined;
  /** Flows of one table come one behind the other. */
  let last: { app: WeaverApp; tableId: number | undefined; scope: Scope } | undefined;

  return (app, tableId, by) => {
    if (by === undefined) return scopeOf(names, app, tableId, (_, resolve) => resolve());
    user = by;
    if (last !== undefined && last.app === app && last.tableId === tableId) return last.scope;
    const scope = cachedScope(app, tableId);
    last = { app, tableId, scope };
    return scope;
  };

  function cachedScope(app: WeaverApp, tableId: number | undefined): Scope {
    const own = cached.get(app) ?? new Map<number | undefined, Scope>();
    const known = own.get(tableId);
    if (known !== undefined) return known;
    const scope = scopeOf(names, app, tableId, (name, resolve) => names.links.follow(name, resolve, user!));
    cached.set(app, own.set(tableId, scope));
    return scope;
  }
}

/** Intents of flows that a switch learned, beside those of other flows: few are in a file. */
const MOST_LEARNED = 10_000;

type Lead = <T>(name: string, resolve: () => T) => T;

function scopeOf(
  { namespace, groups, meters, learned, firstFrom, isWoven }: Names,
  app: WeaverApp,
  tableId: number | undefined,
  lead: Lead,
): Scope {
  const nextName = `next ${tableId}`;
  const nextTable = () => firstFrom((tableId ?? 0) + 1);

  function table(ref: TableRef): number | undefined {
    if (ref === 'next') return tableId === undefined ? undefined : lead(nextName, nextTable);
    const own = app.tables.get(ref);
    if (own !== undefined) return own;
    if (!isStage(ref)) throw new FlowError(`"${ref}" is neither a stage nor a table of app "${app.name}"`);
    return lead(`stage ${ref}`, () => firstFrom(STAGES[ref][0]));
  }

  return {
    table,
    neededTable(ref) {
      const id = table(ref);
      if (id !== undefined) return id;
      // What goes by it is compiled again as soon as it is known; until then it would lead to an empty table.
      if (!isWoven()) return isStage(ref) ? STAGES[ref][0] : (tableId ?? 0) + 1;
      throw new FlowError(`there is no table "${ref}" on this switch, and nothing after it`);
    },
    groupId(key) {
      const found = lead(`group ${app.name}/${key}`, () => groups.find(app.name, key));
      if (typeof found === 'string') throw new FlowError(found);
      return found;
    },
    meterId(key) {
      const found = lead(`meter ${app.name}/${key}`, () => meters.find(app.name, key));
      if (typeof found === 'string') throw new FlowError(found);
      return found;
    },
    field(name) {
      const place = app.fields?.get(name);
      if (place !== undefined) return place;
      throw new FlowError(`"${name}" is no field of app "${app.name}", and none that it says it \`uses\``);
    },
    zone(zone) {
      if (app.isZone?.(zone) !== false) return zone;
      throw new FlowError(`ct zone ${zone} is nobody's: dp.ctZone(name) gives one`);
    },
    stateCookie(written) {
      const intent = typeof written === 'string' ? { text: written } : written;
      const cookie = cookieOf(namespace, app.number, intentId(app.name, intentContent(intent)) | STATE);
      // The newest last: what was not written for long is forgotten first.
      learned.delete(cookie);
      if (learned.size >= MOST_LEARNED) learned.delete(learned.keys().next().value!);
      learned.set(cookie, { app: app.name, intent });
      return cookie;
    },
  };
}

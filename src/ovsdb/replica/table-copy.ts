/** The rows that a replica holds: changed all at once or not at all; what was once shown stays as it was. */
import type { TableUpdate } from '../../../proto/ovsdb/monitor.ts';
import type { AnyRow } from '../../../proto/ovsdb/row.ts';
import type { RowReader } from '../../../proto/ovsdb/row-reader.ts';

export interface AnyRowChange {
  table: string;
  uuid: string;
  /** undefined: the row is new. */
  old: AnyRow | undefined;
  /** undefined: the row is gone. */
  new: AnyRow | undefined;
}

export interface TableCopy {
  get(table: string, uuid: string): AnyRow | undefined;
  rows(table: string): Iterable<AnyRow>;
  /** What updates would change. */
  differences(updates: readonly TableUpdate[], readers: ReadonlyMap<string, RowReader>): AnyRowChange[];
  /** What would change if these rows were all that there is. */
  differencesOfAll(updates: readonly TableUpdate[], readers: ReadonlyMap<string, RowReader>): AnyRowChange[];
  commit(changes: readonly AnyRowChange[]): void;
  /** The rows as they are now, for ever; costs nothing until one of them changes. */
  snapshot(): Readonly<Record<string, ReadonlyMap<string, AnyRow>>>;
}

export function createTableCopy(names: readonly string[]): TableCopy {
  const tables = new Map(names.map((name) => [name, new Map<string, AnyRow>()]));
  let shown: Readonly<Record<string, ReadonlyMap<string, AnyRow>>> | undefined;
  /** Tables that are in some snapshot as they are: copied before they are written to. */
  const shared = new Set<string>();

  function change(
    { table, uuid, update }: TableUpdate,
    readers: ReadonlyMap<string, RowReader>,
  ): AnyRowChange | undefined {
    const reader = readers.get(table);
    const rows = tables.get(table);
    if (reader === undefined || rows === undefined) return undefined;
    const old = rows.get(uuid);
    if (update.kind === 'delete') return old === undefined ? undefined : { table, uuid, old, new: undefined };
    const path = `${table} ${uuid}`;
    if (update.kind === 'modify') {
      if (old === undefined) throw new Error(`${path}: a row that is not there was changed`);
      const row = reader.modify(old, update.row, path);
      return row === old ? undefined : { table, uuid, old, new: row };
    }
    const row = reader.read(uuid, update.row, path);
    return old !== undefined && reader.same(old, row) ? undefined : { table, uuid, old, new: row };
  }

  function differences(updates: readonly TableUpdate[], readers: ReadonlyMap<string, RowReader>): AnyRowChange[] {
    const changes: AnyRowChange[] = [];
    for (const update of updates) {
      const changed = change(update, readers);
      if (changed !== undefined) changes.push(changed);
    }
    return changes;
  }

  return {
    get: (table, uuid) => tables.get(table)?.get(uuid),
    rows: (table) => tables.get(table)?.values() ?? [],
    differences,
    differencesOfAll(updates, readers) {
      const there = new Map(names.map((name) => [name, new Set<string>()]));
      for (const { table, uuid } of updates) there.get(table)?.add(uuid);
      const changes = differences(updates, readers);
      for (const [table, rows] of tables) {
        for (const [uuid, old] of rows) {
          if (!there.get(table)?.has(uuid)) changes.push({ table, uuid, old, new: undefined });
        }
      }
      return changes;
    },
    commit(changes) {
      for (const { table, uuid, new: row } of changes) {
        let rows = tables.get(table);
        if (rows === undefined) continue;
        if (shared.delete(table)) {
          rows = new Map(rows);
          tables.set(table, rows);
        }
        if (row === undefined) rows.delete(uuid);
        else rows.set(uuid, row);
        shown = undefined;
      }
    },
    snapshot() {
      if (shown === undefined) {
        shown = Object.freeze(Object.fromEntries(tables));
        for (const name of names) shared.add(name);
      }
      return shown;
    },
  };
}

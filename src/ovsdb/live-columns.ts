/** Which of the columns that a program knows the server really has: Open vSwitch's schema grows with its versions. */
import { type ColumnType, formatColumnType } from '../../proto/ovsdb/column-type.ts';
import type { MonitorRequests } from '../../proto/ovsdb/monitor.ts';
import type { TableColumns } from '../../proto/ovsdb/row.ts';
import type { DatabaseSchema } from '../../proto/ovsdb/schema.ts';

export type PlainTables = Readonly<Record<string, TableColumns>>;
/** Names of columns by table. */
export type LiveColumns = Record<string, string[]>;

/** The columns to monitor. One that is missing reads as its default; one of another type is refused, for it would be misread. */
export function liveColumns(database: string, declared: PlainTables, schema: DatabaseSchema): LiveColumns {
  const result: LiveColumns = {};
  for (const [table, columns] of Object.entries(declared)) {
    const live = schema.tables.get(table);
    if (live === undefined) continue;
    result[table] = [];
    for (const [name, type] of Object.entries(columns)) {
      const actual = live.get(name);
      if (actual === undefined) continue;
      if (!sameType(type, actual)) {
        throw new Error(
          `${database} ${schema.version}: column ${table}.${name} is ${formatColumnType(actual)} there, Flowloom knows it as ${formatColumnType(type)}`,
        );
      }
      result[table].push(name);
    }
  }
  return result;
}

export function monitorRequests(columns: LiveColumns): MonitorRequests {
  return Object.fromEntries(Object.entries(columns).map(([table, names]) => [table, [{ columns: names }]]));
}

function sameType(a: ColumnType, b: ColumnType): boolean {
  return formatColumnType(a) === formatColumnType(b);
}

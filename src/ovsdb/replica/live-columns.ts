/** Which of the columns that a program knows the server really has, and how they are read: Open vSwitch's schema grows. */
import type { AnyTables } from '../../../proto/ovsdb/definition.ts';
import { createRowReader, type RowReader, typeMismatch } from '../../../proto/ovsdb/row-reader.ts';
import type { DatabaseSchema } from '../../../proto/ovsdb/schema.ts';

export interface LiveTables {
  /** Of the tables that are there, the columns that are there. */
  columns: Record<string, string[]>;
  /** Of every table, there or not. */
  readers: Map<string, RowReader>;
  /** `Table` or `Table.column`: known to the program and not there. It reads as empty, or as its default. */
  missing: Set<string>;
  /** Differs wherever rows would be read otherwise. */
  fingerprint: string;
}

/** A type that can never be read as the one declared is refused, for it would be misread. */
export function liveTables(declared: AnyTables, schema: DatabaseSchema): LiveTables {
  const live: LiveTables = { columns: {}, readers: new Map(), missing: new Set(), fingerprint: '' };
  const types: unknown[] = [];
  for (const [table, columns] of Object.entries(declared)) {
    const actual = schema.tables.get(table);
    live.readers.set(table, createRowReader(columns, Object.fromEntries(actual ?? [])));
    if (actual === undefined) {
      live.missing.add(table);
      continue;
    }
    const names: string[] = [];
    for (const [name, type] of Object.entries(columns)) {
      const there = actual.get(name);
      if (there === undefined) {
        live.missing.add(`${table}.${name}`);
        continue;
      }
      const mismatch = typeMismatch(type, there);
      if (mismatch !== undefined) {
        throw new Error(`${schema.name} ${schema.version}: column ${table}.${name} ${mismatch}`);
      }
      names.push(name);
      types.push([table, name, there]);
    }
    live.columns[table] = names;
  }
  live.fingerprint = JSON.stringify(types);
  return live;
}

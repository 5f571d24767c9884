/** <row> (RFC 7047 §5.1): column names with their values. */
import {
  type AnyColumnInput,
  type AnyColumnValue,
  type ColumnInput,
  type ColumnValue,
  decodeColumn,
  defaultValue,
  encodeColumn,
} from './column.ts';
import type { ColumnType } from './column-type.ts';
import { expectObject, type Json, type JsonObject } from './json.ts';

/** The columns of a table that a program knows. */
export type TableColumns = Readonly<Record<string, ColumnType>>;

declare const columnsOf: unique symbol;
/** What refers to a row: one that was read, or any object with its UUID. The symbol is for the compiler only: whose row it is. */
export type RowReference<T = TableColumns> = {
  readonly _uuid: string;
  readonly [columnsOf]?: T;
};
/** A whole row as it is read, with the UUID that the server gave it. */
export type RowOf<T> = RowReference<T> & { readonly [C in keyof T]: ColumnValue<T[C]> };
/** A row, or the part of one, as it is written. */
export type RowInput<T> = { readonly [C in keyof T]?: ColumnInput<T[C]> };

export type AnyRow = Readonly<Record<string, AnyColumnValue>> & { readonly _uuid: string };

/** Reads a row; a column that is not there has its default (`initial` and `insert` of update2 leave defaults out). */
export function decodeRow(columns: TableColumns, uuid: string, json: Json | undefined, path: string): AnyRow {
  const object = expectObject(json, path);
  const row: Record<string, AnyColumnValue> & { _uuid: string } = { _uuid: uuid };
  for (const [name, type] of Object.entries(columns)) {
    row[name] = Object.hasOwn(object, name) ? decodeColumn(type, object[name], `${path}.${name}`) : defaultValue(type);
  }
  return row;
}

/** Writes the columns given; undefined for an optional column empties it. */
export function encodeRow<T extends TableColumns>(columns: T, row: RowInput<T>): JsonObject {
  const object: JsonObject = {};
  for (const [name, value] of Object.entries(row)) {
    const type = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (type === undefined) throw new TypeError(`the table has no column "${name}"`);
    object[name] = encodeColumn(type, value as AnyColumnInput);
  }
  return object;
}

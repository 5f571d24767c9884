/** Rows that a host's database should hold, as plain data: what the planner compares with what is there. */

import { type AnyColumnInput, vswitch } from '../../../proto/ovsdb/index.ts';
import type { DatabaseRow, Source } from '../../config/model.ts';
import type { ManagedTables } from './managed-tables.ts';
import { ownerIds } from './ownership.ts';

export type TableName = keyof ManagedTables & string;
export type Columns = Readonly<Record<string, AnyColumnInput>>;

export interface DesiredRow {
  readonly table: TableName;
  /** Tells it apart from the other rows of the same column: its `name` or `target`, or its key; empty: it is alone there. */
  readonly key: string;
  /** What the lines about it begin with: `br0`, `br0/web1`. */
  readonly label: string;
  readonly source: Source;
  /** The line that is told where it is new. */
  readonly announce: string;
  /** Whether that has a line of its own also where it comes with its parent. */
  readonly own: boolean;
  /** In the column's own form; what is missing has its default. */
  readonly columns: Columns;
  /** By column: rows that are there for this one alone. */
  readonly children: Readonly<Record<string, readonly DesiredRow[]>>;
  /** By column: names of ports. */
  readonly portNames: Readonly<Record<string, readonly string[]>>;
  /** By column: what a set must hold, whatever else it holds. */
  readonly atLeast: Readonly<Record<string, readonly string[]>>;
  /** Columns that stay as they are. */
  readonly leave: readonly string[];
}

type Optional = 'key' | 'own' | 'children' | 'portNames' | 'atLeast' | 'leave';

export function desiredRow(row: Omit<DesiredRow, Optional> & Partial<Pick<DesiredRow, Optional>>): DesiredRow {
  return { key: '', own: false, children: {}, portNames: {}, atLeast: {}, leave: [], ...row };
}

/** A row that the file gives in the database's own words. */
export function rowFromFile(owner: string, label: string, row: DatabaseRow, key = ''): DesiredRow {
  const { columns, children } = splitColumns(owner, label, row.columns);
  const owned = Object.hasOwn(vswitch.tables[row.table as TableName], 'external_ids');
  return desiredRow({
    table: row.table as TableName,
    key,
    label,
    source: row.source,
    announce: `${label}: add ${row.table}${key === '' ? '' : ` ${key}`}`,
    columns: owned ? { ...columns, external_ids: ownerIds(owner, columns.external_ids) } : columns,
    children,
  });
}

/** Values apart from rows. */
export function splitColumns(
  owner: string,
  label: string,
  given: DatabaseRow['columns'],
): { columns: Columns; children: DesiredRow['children'] } {
  const columns: Record<string, AnyColumnInput> = {};
  const children: Record<string, readonly DesiredRow[]> = {};
  for (const [column, value] of Object.entries(given)) {
    if (typeof value === 'object' && 'rows' in value) {
      children[column] = value.rows.map((row, i) => rowFromFile(owner, label, row, i === 0 ? '' : String(i)));
    } else if (typeof value === 'object' && 'rowsByKey' in value) {
      children[column] = [...value.rowsByKey].map(([key, row]) => rowFromFile(owner, label, row, String(key)));
    } else columns[column] = value as AnyColumnInput;
  }
  return { columns, children };
}

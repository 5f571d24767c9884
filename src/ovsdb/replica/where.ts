/** Which rows a replica holds: conditions on columns (RFC 7047 §5.1 <condition>), their values in the program's own form. */
import { type AnyColumnInput, type ColumnInput, encodeColumn } from '../../../proto/ovsdb/column.ts';
import { type ColumnType, scalar } from '../../../proto/ovsdb/column-type.ts';
import type { Condition, ConditionFunction } from '../../../proto/ovsdb/condition.ts';
import type { AnyTables, DatabaseDefinition } from '../../../proto/ovsdb/definition.ts';
import { formatJson } from '../../../proto/ovsdb/json-text.ts';
import type { MonitorRequest } from '../../../proto/ovsdb/monitor.ts';

/** `['name', '==', 'eth0']`, `['external_ids', 'includes', new Map([['owner', 'me']])]`, `['_uuid', '==', uuid]`. */
export type ConditionOn<C> =
  | { [N in keyof C & string]: readonly [column: N, function: ConditionFunction, value: ColumnInput<C[N]>] }[keyof C &
      string]
  | readonly [column: '_uuid', function: ConditionFunction, value: string];

/** By table: rows for which any of the conditions is true; true (or no word of the table): every row; false: none. */
export type Conditions<T> = { readonly [N in keyof T]?: boolean | readonly ConditionOn<T[N]>[] };

export type EncodedWhere = Record<string, NonNullable<MonitorRequest['where']>>;

const uuidColumn = scalar('uuid');

/** Only tables that are not held whole. */
export function encodeWhere<T extends AnyTables>(
  definition: DatabaseDefinition<T>,
  where: Conditions<T>,
): EncodedWhere {
  const result: EncodedWhere = {};
  for (const [table, conditions] of Object.entries<boolean | readonly AnyCondition[] | undefined>(where)) {
    if (!Object.hasOwn(definition.tables, table)) throw new TypeError(`${definition.name} has no table "${table}"`);
    if (conditions === undefined || conditions === true) continue;
    // To the server an empty list is no condition; here it is any of none.
    if (conditions === false || conditions.length === 0) result[table] = [false];
    else result[table] = conditions.map((each) => encodeCondition(definition.tables[table] ?? {}, table, each));
  }
  return result;
}

type AnyCondition = readonly [column: string, function: ConditionFunction, value: unknown];

function encodeCondition(
  columns: Readonly<Record<string, ColumnType>>,
  table: string,
  [column, verb, value]: AnyCondition,
): Condition {
  const type = column === '_uuid' ? uuidColumn : Object.hasOwn(columns, column) ? columns[column] : undefined;
  if (type === undefined) throw new TypeError(`table ${table} has no column "${column}"`);
  return [column, verb, encodeColumn(type, value as AnyColumnInput)];
}

/** What is to be asked of a monitor so that it goes over from one to the other. */
export function conditionChanges(tables: readonly string[], before: EncodedWhere, next: EncodedWhere) {
  const changes: Record<string, { where: EncodedWhere[string] }[]> = {};
  for (const table of tables) {
    const where = next[table] ?? [true];
    if (formatJson(where) !== formatJson(before[table] ?? [true])) changes[table] = [{ where }];
  }
  return changes;
}

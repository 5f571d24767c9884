/** What differs between a row that should be and the one that is: its own values, not its references. */
import {
  type AnyColumnInput,
  type AnyColumnValue,
  type AnyRow,
  type ColumnType,
  defaultValue,
  isReportedColumn,
  type Mutation,
  sameValue,
  vswitch,
} from '../../../proto/ovsdb/index.ts';
import { encodeSet } from '../../../proto/ovsdb/set.ts';
import type { DesiredRow, TableName } from './desired-row.ts';
import { isListedKey, keysKey, ownerKey } from './ownership.ts';
import { mapMutations, was } from './plan-builder.ts';

/** Open vSwitch writes the kernel's datapath and devices as an empty type. */
const TYPES: readonly string[] = ['datapath_type', 'type'];

interface Column {
  name: string;
  type: ColumnType;
  standard: AnyColumnValue;
}

const plainColumns = new Map<string, readonly Column[]>();
const referenceColumns = new Map<string, readonly Column[]>();
for (const [table, columns] of Object.entries(vswitch.tables)) {
  const settings = Object.entries(columns as Readonly<Record<string, ColumnType>>)
    .filter(([name, type]) => type.mutable && !type.ephemeral && !isReportedColumn(table, name))
    .filter(([name]) => name !== 'external_ids')
    .map(([name, type]): Column => ({ name, type, standard: defaultValue(type) }));
  plainColumns.set(
    table,
    settings.filter(({ type }) => refTableOf(type) === undefined),
  );
  referenceColumns.set(
    table,
    settings.filter(({ type }) => refTableOf(type) !== undefined),
  );
}

/** The table that a column refers to; of a map, its values do. */
export function refTableOf(type: ColumnType): TableName | undefined {
  const rules = type.kind === 'map' ? type.valueRules : type.keyRules;
  return 'refTable' in rules ? (rules.refTable as TableName) : undefined;
}

/** Whether rows of the column are there for others' sake: the reference goes with them. */
export function isWeak(type: ColumnType): boolean {
  return type.kind !== 'map' && type.keyRules.refType === 'weak';
}

export function referencesOf(table: TableName): readonly Column[] {
  return referenceColumns.get(table) ?? [];
}

export interface ColumnDifference {
  words: string[];
  update: Record<string, AnyColumnInput>;
  mutations: Mutation[];
}

/** `named`: only the columns that the row names, as of a row that is not ours. */
export function differingColumns(desired: DesiredRow, row: AnyRow, named = false): ColumnDifference {
  const difference: ColumnDifference = { words: [], update: {}, mutations: [] };
  for (const { name, type, standard } of plainColumns.get(desired.table) ?? []) {
    const given = desired.columns[name];
    const actual = row[name];
    if (given === undefined && (named || actual === standard)) continue;
    if (desired.leave.includes(name)) continue;
    const least = desired.atLeast[name];
    if (least !== undefined) {
      const missing = least.filter((each) => !(actual as readonly unknown[]).includes(each));
      if (missing.length === 0) continue;
      difference.mutations.push([name, 'insert', encodeSet('string', missing)]);
      difference.words.push(`add ${missing.join(', ')} to ${name}`);
      continue;
    }
    const wanted = (given ?? standard) as AnyColumnValue;
    if (sameValue(wanted, actual)) continue;
    if (TYPES.includes(name) && typeName(wanted) === typeName(actual)) continue;
    if (type.kind === 'map' && type.key === 'string' && type.value === 'string') {
      const texts = (value: AnyColumnValue) => value as ReadonlyMap<string, string>;
      const { mutations, words } = mapMutations(name, texts(actual), texts(wanted));
      difference.mutations.push(...mutations);
      difference.words.push(...words);
      continue;
    }
    difference.update[name] = wanted as AnyColumnInput;
    const before = was(TYPES.includes(name) ? typeName(actual) : valueWords(actual));
    const cleared = valueWords(wanted) === '';
    const shown = TYPES.includes(name) ? typeName(wanted) : valueWords(wanted);
    difference.words.push(
      cleared && !TYPES.includes(name) ? `clear ${name}${before}` : `set ${name} ${shown}${before}`,
    );
  }
  if (!named) differingIds(desired, row, difference);
  return difference;
}

/** In external_ids only what the file sets is ours, and what it set before. */
function differingIds(desired: DesiredRow, row: AnyRow, difference: ColumnDifference): void {
  const wanted = desired.columns.external_ids as ReadonlyMap<string, string> | undefined;
  const actual = row.external_ids as ReadonlyMap<string, string> | undefined;
  if (wanted === undefined || actual === undefined) return;
  const mine = [...actual].filter(([key]) => wanted.has(key) || key === keysKey || isListedKey(actual, key));
  const { mutations, words } = mapMutations('external_ids', new Map(mine), wanted);
  difference.mutations.push(...mutations);
  const owner = actual.get(ownerKey);
  if (owner === undefined) difference.words.unshift('take it over');
  else if (owner !== wanted.get(ownerKey)) difference.words.unshift(`take it over from ${owner}`);
  difference.words.push(...words.filter((each) => !each.includes(`external_ids:${ownerKey}`)));
}

function typeName(value: AnyColumnValue): string {
  return value === '' ? 'system' : String(value);
}

export function valueWords(value: AnyColumnValue): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.length === 0 ? '' : `[${value.join(', ')}]`;
  if (value instanceof Map) return [...value].map(([key, item]) => `${String(key)}=${String(item)}`).join(', ');
  return String(value);
}

/** Values that the file gives in the database's own words, held against its schema (ovs-vswitchd.conf.db(5)). */

import {
  type AnyColumnInput,
  type ColumnType,
  columnProblem,
  isReportedColumn,
  vswitch,
} from '../../proto/ovsdb/index.ts';
import { suggestion } from '../text/suggest.ts';
import type { Findings } from './findings.ts';
import type { DatabaseAtom, DatabaseColumns, DatabaseRow, DatabaseValue } from './model.ts';
import type { Path } from './path.ts';

type Tables = Readonly<Record<string, Readonly<Record<string, ColumnType>>>>;
const tables: Tables = vswitch.tables;

/** Columns that have keys of their own in the file, or that are Flowloom's alone. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Bridge: {
    ports: 'write `ports`',
    controller: 'write `controllers`',
    mirrors: 'write `mirrors`',
    datapath_type: 'write `datapath`',
    fail_mode: 'write `failMode`',
    protocols: 'write `protocols`',
    other_config: 'write `otherConfig`',
    name: "the bridge's key is its name",
  },
  Port: {
    interfaces: 'write `bond` where there are several',
    tag: 'write `access` or `trunk`',
    trunks: 'write `trunk`',
    vlan_mode: 'write `access`, `trunk` or `dot1q-tunnel`',
    name: "the port's key is its name",
  },
  Interface: {
    type: 'write `type`',
    options: 'write `options`',
    mac: 'write `mac`',
    mtu_request: 'write `mtu`',
    name: "the port's key is its name",
  },
};

export function readColumns(
  table: string,
  given: Readonly<Record<string, unknown>>,
  path: Path,
  findings: Findings,
): DatabaseColumns {
  const columns: Record<string, DatabaseValue> = {};
  const types = tables[table] ?? {};
  for (const [name, value] of Object.entries(given)) {
    const at = [...path, name];
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    const elsewhere = ELSEWHERE[table]?.[name];
    if (type === undefined) {
      findings.problem(at, `the table ${table} has no column \`${name}\``, suggestion(name, Object.keys(types)), 'key');
    } else if (elsewhere !== undefined) {
      findings.problem(at, `${table}.${name} has a key of its own`, elsewhere, 'key');
    } else if (type.ephemeral || isReportedColumn(table, name)) {
      findings.problem(at, `${table}.${name} is what Open vSwitch tells, not a setting`, 'remove it', 'key');
    } else {
      const read = readValue(table, name, type, value, at, findings);
      if (read !== undefined) columns[name] = read;
    }
  }
  return columns;
}

function readValue(
  table: string,
  name: string,
  type: ColumnType,
  value: unknown,
  path: Path,
  findings: Findings,
): DatabaseValue | undefined {
  const refTable = (type.kind === 'map' ? type.valueRules : type.keyRules) as { refTable?: string };
  if (refTable.refTable !== undefined) return readRows(refTable.refTable, type, value, path, findings);
  const read = convert(type, value);
  const problem =
    read === undefined ? `${expectedWords(type)} expected` : columnProblem(type, read as unknown as AnyColumnInput);
  if (problem === undefined && name === 'external_ids') {
    const reserved = [...(read as ReadonlyMap<string, string>).keys()].find((key) => key.startsWith('flowloom'));
    if (reserved !== undefined) {
      findings.problem([...path, reserved], `external_ids:${reserved} is Flowloom's own`, 'remove it', 'key');
      return undefined;
    }
  }
  if (problem === undefined) return read;
  findings.problem(path, `${table}.${name}: ${problem}`, 'see ovs-vswitchd.conf.db(5)');
  return undefined;
}

/** YAML's values as the column's: one value stands for a list of it, numbers and truth values for texts. */
function convert(type: ColumnType, value: unknown): DatabaseValue | undefined {
  if (type.kind === 'map') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const pairs = Object.entries(value).map(([key, item]) => [atom(type.key, key), atom(type.value, item)] as const);
    if (pairs.some(([key, item]) => key === undefined || item === undefined)) return undefined;
    return new Map(pairs as [DatabaseAtom, DatabaseAtom][]);
  }
  if (type.kind !== 'set') return atom(type.key, value);
  const items = (Array.isArray(value) ? value : [value]).map((item) => atom(type.key, item));
  return items.some((item) => item === undefined) ? undefined : (items as DatabaseAtom[]);
}

function atom(type: ColumnType['key'], value: unknown): DatabaseAtom | undefined {
  if (type === 'string') return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
  if (type === 'boolean') return typeof value === 'boolean' ? value : undefined;
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function expectedWords(type: ColumnType): string {
  if (type.kind === 'map') return `a map of ${type.key} to ${type.value}`;
  return type.kind === 'set' ? `a list of ${type.key}` : type.key;
}

/** A column that refers to rows takes the rows themselves. */
function readRows(
  table: string,
  type: ColumnType,
  value: unknown,
  path: Path,
  findings: Findings,
): DatabaseValue | undefined {
  const rowOf = (item: unknown, at: Path): DatabaseRow | undefined => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      findings.problem(
        at,
        `a row of the table ${table} was expected`,
        `write its columns, like { ${exampleOf(table)} }`,
      );
      return undefined;
    }
    const row = {
      table,
      source: findings.source(at),
      columns: readColumns(table, item as Record<string, unknown>, at, findings),
    };
    for (const [name, column] of Object.entries(tables[table] ?? {})) {
      if (column.min === 0 || column.kind === 'scalar' || Object.hasOwn(row.columns, name)) continue;
      if (!Object.hasOwn(item, name)) findings.problem(at, `${table}.${name} is missing`, `add \`${name}\``, 'key');
    }
    return row;
  };
  if (type.kind === 'map') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      findings.problem(path, `rows of the table ${table} by ${type.key} were expected`, 'write a map');
      return undefined;
    }
    const rows = Object.entries(value).flatMap(([key, item]): [DatabaseAtom, DatabaseRow][] => {
      const name = atom(type.key, key);
      const row = rowOf(item, [...path, key]);
      if (name === undefined) findings.problem([...path, key], `\`${key}\` is no ${type.key}`, 'write a number', 'key');
      return name === undefined || row === undefined ? [] : [[name, row]];
    });
    return { rowsByKey: new Map(rows) };
  }
  const items = Array.isArray(value) ? value : [value];
  if (items.length > type.max) findings.problem(path, `one row of the table ${table} was expected`, 'keep one of them');
  const rows = items.flatMap((item, i) => rowOf(item, Array.isArray(value) ? [...path, i] : path) ?? []);
  return { rows };
}

function exampleOf(table: string): string {
  const [name] = Object.keys(tables[table] ?? {});
  return `${name ?? 'column'}: …`;
}

/** <database-schema> (RFC 7047 §3.2), whole: what `get_schema` answers and what an .ovsschema file holds. */
import type { Atom, AtomType } from './atom.ts';
import {
  type AtomRules,
  type ColumnType,
  type MapColumnRules,
  map,
  optional,
  type SetColumnRules,
  scalar,
  set,
} from './column-type.ts';
import type { TableRules } from './definition.ts';
import { OvsdbDecodeError } from './error.ts';
import { expectArray, expectObject, expectString, isJsonObject, type Json, shown } from './json.ts';
import { decodeSet } from './set.ts';

export interface DatabaseSchema {
  name: string;
  version: string;
  /** By table, by column. */
  tables: Map<string, Map<string, ColumnType>>;
  /** By table. */
  rules: Map<string, TableRules>;
}

const atomTypes: readonly string[] = ['integer', 'real', 'boolean', 'string', 'uuid'] satisfies AtomType[];
const numbers = ['minInteger', 'maxInteger', 'minReal', 'maxReal', 'minLength', 'maxLength'] as const;

export function decodeSchema(json: Json): DatabaseSchema {
  const object = expectObject(json, 'schema');
  const tables: DatabaseSchema['tables'] = new Map();
  const rules: DatabaseSchema['rules'] = new Map();
  const definitions = Object.entries(expectObject(object.tables, 'schema.tables'));
  // A schema from before isRoot was thought of says it of no table, and means all.
  const everyRoot = !definitions.some(([, table]) => isJsonObject(table) && table.isRoot === true);
  for (const [name, definition] of definitions) {
    const path = `schema.${name}`;
    const table = expectObject(definition, path);
    const columns = new Map<string, ColumnType>();
    for (const [column, described] of Object.entries(expectObject(table.columns, path))) {
      columns.set(column, decodeColumnType(expectObject(described, `${path}.${column}`), `${path}.${column}`));
    }
    tables.set(name, columns);
    rules.set(name, {
      ...(everyRoot || expectBoolean(table.isRoot, false, path) ? { isRoot: true } : {}),
      ...(table.maxRows === undefined ? {} : { maxRows: expectNumber(table.maxRows, path) }),
      ...(table.indexes === undefined ? {} : { indexes: decodeIndexes(table.indexes, path) }),
    });
  }
  return {
    name: expectString(object.name, 'schema.name'),
    version: expectString(object.version, 'schema.version'),
    tables,
    rules,
  };
}

function decodeIndexes(json: Json, path: string): string[][] {
  return expectArray(json, path).map((index) => expectArray(index, path).map((name) => expectString(name, path)));
}

/** Reads a <column-schema>. */
function decodeColumnType(column: { [key: string]: Json }, path: string): ColumnType {
  const flags = {
    ...(expectBoolean(column.ephemeral, false, path) ? { ephemeral: true } : {}),
    ...(expectBoolean(column.mutable, true, path) ? {} : { mutable: false }),
  };
  if (typeof column.type === 'string') return scalar(decodeAtomType(column.type, path), flags);
  const type = expectObject(column.type, path);
  const key = decodeBaseType(type.key, path);
  const min = type.min ?? 1;
  const max = type.max === 'unlimited' ? Number.POSITIVE_INFINITY : (type.max ?? 1);
  if ((min !== 0 && min !== 1) || typeof max !== 'number' || max < 1) {
    throw new OvsdbDecodeError(
      path,
      `min must be 0 or 1 and max from 1 on, found ${shown(type.min)} ${shown(type.max)}`,
    );
  }
  const bounds: SetColumnRules = { min, max };
  if (type.value !== undefined) {
    const value = decodeBaseType(type.value, path);
    const rules: MapColumnRules = { key: key.rules, value: value.rules, ...bounds, ...flags };
    return map(key.type, value.type, rules);
  }
  if (max > 1) return set(key.type, { ...key.rules, ...bounds, ...flags });
  return min === 0 ? optional(key.type, { ...key.rules, ...flags }) : scalar(key.type, { ...key.rules, ...flags });
}

function decodeBaseType(json: Json | undefined, path: string): { type: AtomType; rules: AtomRules } {
  if (!isJsonObject(json)) return { type: decodeAtomType(json, path), rules: {} };
  const type = decodeAtomType(json.type, path);
  const rules: { -readonly [N in keyof AtomRules]: AtomRules[N] } = {};
  if (json.enum !== undefined) rules.enum = decodeSet(type, json.enum, path) satisfies Atom[];
  for (const name of numbers) {
    if (json[name] !== undefined) rules[name] = expectNumber(json[name], path);
  }
  if (json.refTable !== undefined) rules.refTable = expectString(json.refTable, path);
  if (json.refType === 'weak' || json.refType === 'strong') rules.refType = json.refType;
  else if (json.refType !== undefined) {
    throw new OvsdbDecodeError(path, `refType must be strong or weak, found ${shown(json.refType)}`);
  }
  return { type, rules };
}

function decodeAtomType(json: Json | undefined, path: string): AtomType {
  if (typeof json === 'string' && atomTypes.includes(json)) return json as AtomType;
  throw new OvsdbDecodeError(path, `an atom's type was expected, found ${shown(json)}`);
}

function expectNumber(json: Json | undefined, path: string): number {
  if (typeof json === 'number' || typeof json === 'bigint') return Number(json);
  throw new OvsdbDecodeError(path, `a number was expected, found ${shown(json)}`);
}

function expectBoolean(json: Json | undefined, otherwise: boolean, path: string): boolean {
  const value = json ?? otherwise;
  if (typeof value === 'boolean') return value;
  throw new OvsdbDecodeError(path, `true or false was expected, found ${shown(value)}`);
}

/** <database-schema> (RFC 7047 §3.2): what `get_schema` answers, as far as a client needs it. */
import type { AtomType } from './atom.ts';
import type { ColumnType } from './column.ts';
import { OvsdbDecodeError } from './error.ts';
import { expectObject, expectString, isJsonObject, type Json, shown } from './json.ts';

export interface DatabaseSchema {
  name: string;
  version: string;
  /** By table, by column. */
  tables: Map<string, Map<string, ColumnType>>;
}

const atomTypes: readonly string[] = ['integer', 'real', 'boolean', 'string', 'uuid'] satisfies AtomType[];

export function decodeSchema(json: Json): DatabaseSchema {
  const object = expectObject(json, 'schema');
  const tables = new Map<string, Map<string, ColumnType>>();
  for (const [table, definition] of Object.entries(expectObject(object.tables, 'schema.tables'))) {
    const columns = new Map<string, ColumnType>();
    const path = `schema.${table}`;
    for (const [name, column] of Object.entries(expectObject(expectObject(definition, path).columns, path))) {
      columns.set(name, decodeColumnType(expectObject(column, `${path}.${name}`).type, `${path}.${name}`));
    }
    tables.set(table, columns);
  }
  return {
    name: expectString(object.name, 'schema.name'),
    version: expectString(object.version, 'schema.version'),
    tables,
  };
}

function decodeColumnType(json: Json | undefined, path: string): ColumnType {
  if (typeof json === 'string') return { kind: 'scalar', key: decodeBaseType(json, path) };
  const type = expectObject(json, path);
  const key = decodeBaseType(type.key, path);
  if (type.value !== undefined) return { kind: 'map', key, value: decodeBaseType(type.value, path) };
  const least = type.min ?? 1;
  const most = type.max ?? 1;
  if (most === 1) return { kind: least === 0 ? 'optional' : 'scalar', key };
  return { kind: 'set', key };
}

function decodeBaseType(json: Json | undefined, path: string): AtomType {
  const type = isJsonObject(json) ? json.type : json;
  if (typeof type === 'string' && atomTypes.includes(type)) return type as AtomType;
  throw new OvsdbDecodeError(path, `an atom's type was expected, found ${shown(json)}`);
}

export function formatColumnType(type: ColumnType): string {
  switch (type.kind) {
    case 'scalar':
      return type.key;
    case 'optional':
      return `optional ${type.key}`;
    case 'set':
      return `set of ${type.key}`;
    case 'map':
      return `map of ${type.key} to ${type.value}`;
  }
}

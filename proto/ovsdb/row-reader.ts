/** Reads rows of one table, as the server at hand describes it, into the form that a program knows (RFC 7047 §5.1 <row>). */
import type { Atom, AtomType } from './atom.ts';
import { type AnyColumnValue, applyDifference, decodeColumn, defaultValue, sameValue } from './column.ts';
import { type ColumnType, formatColumnType } from './column-type.ts';
import { OvsdbDecodeError } from './error.ts';
import { expectObject, type Json } from './json.ts';
import type { AnyRow, TableColumns } from './row.ts';

export interface RowReader {
  /** A whole row; a column that is not there has its default. */
  read(uuid: string, json: Json | undefined, path: string): AnyRow;
  /** The row after update2's `modify`; the old one itself where nothing differs. */
  modify(old: AnyRow, json: Json | undefined, path: string): AnyRow;
  /** Whether all columns are equal. */
  same(a: AnyRow, b: AnyRow): boolean;
}

interface ColumnReader {
  read(json: Json | undefined, path: string): AnyColumnValue;
  modify(old: AnyColumnValue, json: Json, path: string): AnyColumnValue;
}

/** Rows are frozen and have their columns in the same order, so that engines keep them small and quick. */
export function createRowReader(declared: TableColumns, live: TableColumns): RowReader {
  const names = Object.keys(declared);
  const readers = new Map<string, ColumnReader>();
  const defaults: [string, AnyColumnValue][] = [];
  /** Columns that may be empty there and not here: the server must name them. */
  const needed: string[] = [];
  for (const name of names) {
    const type = declared[name]!;
    const actual = Object.hasOwn(live, name) ? live[name]! : type;
    const reader = columnReader(type, actual);
    readers.set(name, reader);
    // What the server leaves out has the default of its own type.
    const elements = elementsOf(defaultValue(actual));
    defaults.push([
      name,
      actual.kind === type.kind ? defaultValue(actual) : type.kind === 'set' ? elements : elements[0],
    ]);
    if (type.kind === 'scalar' && elements.length === 0) needed.push(name);
  }
  // Made at one stroke: an object that grew column by column is a slow one in V8, and so are its copies.
  const empty: Record<string, AnyColumnValue> & { _uuid: string } = { _uuid: '', ...Object.fromEntries(defaults) };
  return {
    read(uuid, json, path) {
      const object = expectObject(json, path);
      for (const name of needed) if (!(name in object)) readers.get(name)?.read(['set', []], `${path}.${name}`);
      const row = { ...empty };
      row._uuid = uuid;
      for (const name in object) {
        const reader = readers.get(name);
        if (reader !== undefined) row[name] = reader.read(object[name], `${path}.${name}`);
      }
      return Object.freeze(row);
    },
    modify(old, json, path) {
      const object = expectObject(json, path);
      let row: Record<string, AnyColumnValue> | undefined;
      for (const name in object) {
        const reader = readers.get(name);
        if (reader === undefined) continue;
        const value = reader.modify(old[name], object[name]!, `${path}.${name}`);
        if (sameValue(old[name], value)) continue;
        row ??= { ...old };
        row[name] = value;
      }
      return row === undefined ? old : (Object.freeze(row) as AnyRow);
    },
    same: (a, b) => names.every((name) => a[name] === b[name] || sameValue(a[name], b[name])),
  };
}

/** Why a column of the actual type can never be read as the declared one; undefined: it can, as long as its values fit. */
export function typeMismatch(declared: ColumnType, actual: ColumnType): string | undefined {
  const sameAtoms =
    atomFits(declared.key, actual.key) &&
    (declared.kind !== 'map' || actual.kind !== 'map' || atomFits(declared.value, actual.value));
  if (sameAtoms && (declared.kind === 'map') === (actual.kind === 'map')) return undefined;
  return `is ${formatColumnType(actual)} there, known here as ${formatColumnType(declared)}`;
}

const atomFits = (declared: AtomType, actual: AtomType) =>
  declared === actual || (declared === 'real' && actual === 'integer');

/** Differences are the server's, so they are applied in its type: a set's are told otherwise than those of a single value. */
function columnReader(type: ColumnType, actual: ColumnType): ColumnReader {
  if (type.kind === actual.kind) {
    return {
      read: (json, path) => decodeColumn(actual, json, path),
      modify: (old, json, path) => applyDifference(actual, old, json, path),
    };
  }
  return {
    read: (json, path) => converted(type, actual, decodeColumn(actual, json, path), path),
    modify: (old, json, path) => {
      const before = converted(actual, type, old, path);
      return converted(type, actual, applyDifference(actual, before, json, path), path);
    },
  };
}

/** A value of one type as one of another: one atom, none or one, or a set. */
function converted(type: ColumnType, from: ColumnType, value: AnyColumnValue, path: string): AnyColumnValue {
  const elements = elementsOf(value);
  const fits = elements.length >= (type.kind === 'scalar' ? 1 : 0) && (type.kind === 'set' || elements.length <= 1);
  if (!fits) {
    const types = `is ${formatColumnType(from)} there, known here as ${formatColumnType(type)}`;
    throw new OvsdbDecodeError(path, `${types}, which cannot hold its ${elements.length} values`);
  }
  return type.kind === 'set' ? elements : elements[0];
}

function elementsOf(value: AnyColumnValue): readonly Atom[] {
  if (value === undefined || value instanceof Map) return [];
  return Array.isArray(value) ? value : [value as Atom];
}

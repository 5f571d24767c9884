/** References to rows: how a column of them is read and written, and ports that are referred to by name. */
import {
  type AnyColumnInput,
  type AnyColumnValue,
  type AnyRow,
  type ColumnType,
  encodeUuid,
  type Mutation,
  type UuidReference,
} from '../../../proto/ovsdb/index.ts';
import { encodeMap } from '../../../proto/ovsdb/map.ts';
import { encodeSet } from '../../../proto/ovsdb/set.ts';
import type { DesiredRow } from './desired-row.ts';
import type { PlanContext } from './plan-context.ts';

/** The UUIDs in a column, in a map with their keys. */
export function referred(type: ColumnType, value: AnyColumnValue): { key: string | undefined; uuid: string }[] {
  if (value === undefined) return [];
  if (type.kind === 'map')
    return [...(value as ReadonlyMap<unknown, string>)].map(([key, uuid]) => ({ key: String(key), uuid }));
  if (Array.isArray(value)) return value.map((uuid) => ({ key: undefined, uuid: String(uuid) }));
  return [{ key: undefined, uuid: String(value) }];
}

function mapKey(type: ColumnType, key: string): string | number {
  return type.key === 'integer' ? Number(key) : key;
}

/** A column's value of rows. */
export function references(type: ColumnType, made: readonly (readonly [string, UuidReference])[]): AnyColumnInput {
  if (type.kind === 'map') return new Map(made.map(([key, row]) => [mapKey(type, key), row]));
  return type.kind === 'set' ? made.map(([, row]) => row) : made[0]?.[1];
}

/** What a mutation inserts into the column. */
export function addition(type: ColumnType, added: readonly (readonly [string, UuidReference])[]) {
  if (type.kind !== 'map')
    return encodeSet(
      'uuid',
      added.map(([, row]) => row),
    );
  return encodeMap(type.key, 'uuid', new Map(added.map(([key, row]) => [mapKey(type, key), row])));
}

/** What a mutation deletes from it. */
export function removal(type: ColumnType, left: readonly { key: string | undefined; uuid: string }[]) {
  if (type.kind !== 'map')
    return encodeSet(
      'uuid',
      left.map(({ uuid }) => uuid),
    );
  return encodeSet(
    type.key,
    left.map(({ key }) => mapKey(type, key ?? '')),
  );
}

/** Ports by name, new ones too; one that there is not is told. */
export function portReferences(
  { ports, index, builder }: PlanContext,
  { label, source }: DesiredRow,
  names: readonly string[],
): [string, UuidReference][] {
  return names.flatMap((name): [string, UuidReference][] => {
    const port = ports.get(name) ?? index.portNamed(name)?._uuid;
    if (port === undefined) builder.refuse(`${label}: there is no port ${name} to mirror (${source})`);
    return port === undefined ? [] : [[name, port]];
  });
}

/** Makes a column refer to the ports that the file names for it. */
export function changePortNames(
  context: PlanContext,
  desired: DesiredRow,
  row: AnyRow,
  column: string,
  type: ColumnType,
  words: string[],
  mutations: Mutation[],
): void {
  const names = desired.portNames[column] ?? [];
  const wanted = portReferences(context, desired, names);
  const actual = referred(type, row[column]).map(({ uuid }) => uuid);
  const uuids = wanted.map(([, port]) => port);
  const gone = actual.filter((uuid) => !uuids.includes(uuid));
  const added = wanted.filter(([, port]) => typeof port !== 'string' || !actual.includes(port));
  if (gone.length === 0 && added.length === 0) return;
  if (gone.length > 0) mutations.push([column, 'delete', encodeSet('uuid', gone)]);
  for (const [, port] of added) mutations.push([column, 'insert', encodeUuid(port)]);
  words.push(names.length === 0 ? `clear ${column}` : `set ${column} [${names.join(', ')}]`);
}

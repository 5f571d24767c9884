/** The part of a plan that concerns one row, of whatever table, and the rows that are there for it alone. */
import {
  type AnyColumnInput,
  type AnyRow,
  type ColumnType,
  encodeRow,
  type Mutation,
  type TableRules,
  type UuidReference,
  uuidIs,
  vswitch,
} from '../../../proto/ovsdb/index.ts';
import type { DesiredRow, TableName } from './desired-row.ts';
import { isOwned, ownerWords } from './ownership.ts';
import type { Origin } from './plan-builder.ts';
import { differingColumns, isWeak, referencesOf, refTableOf } from './plan-columns.ts';
import type { PlanContext } from './plan-context.ts';
import { addition, changePortNames, portReferences, references, referred, removal } from './plan-references.ts';

/** Adds a row with all that it holds; `told`: with a line of its own. */
export function insertRow(context: PlanContext, desired: DesiredRow, told: boolean): UuidReference {
  const { builder } = context;
  const { table, source, key } = desired;
  const origin: Origin = { text: desired.announce, source, name: key };
  if (told) builder.change(origin);
  const columns: Record<string, AnyColumnInput> = { ...desired.columns, ...desired.atLeast };
  for (const { name, type } of referencesOf(table)) {
    const children = desired.children[name];
    if (children !== undefined && children.length > 0) {
      const made = children.map((child) => [child.key, insertRow(context, child, child.own)] as const);
      columns[name] = references(type, made);
    }
    const names = desired.portNames[name];
    if (names !== undefined) columns[name] = references(type, portReferences(context, desired, names));
  }
  for (const column of Object.keys(columns)) {
    if (context.has(table, column)) continue;
    refuseColumn(context, desired, column);
    delete columns[column];
  }
  const id = context.name();
  builder.operation(
    { op: 'insert', table, row: encodeRow(vswitch.tables[table], columns), 'uuid-name': id.named },
    origin,
  );
  return id;
}

/** Makes a row of ours as it should be. `adopting`: what it holds by the wanted names becomes ours with it. */
export function changeRow(context: PlanContext, desired: DesiredRow, row: AnyRow, adopting = false): void {
  const { builder } = context;
  const { table } = desired;
  const uuid = String(row._uuid);
  if (vswitch.rules[table as 'QoS']?.isRoot === true) context.kept.add(uuid);
  if (table === 'Port') context.planned.add(uuid);
  const { words, update, mutations } = differingColumns(desired, row);
  for (const column of Object.keys(update)) {
    if (context.has(table, column)) continue;
    refuseColumn(context, desired, column);
    delete update[column];
  }
  for (const { name, type } of referencesOf(table)) {
    if (isWeak(type)) changePortNames(context, desired, row, name, type, words, mutations);
  }
  const told = { text: `${desired.label}: ${words.join(', ')}`, source: desired.source, name: desired.key };
  const operations = [
    ...(Object.keys(update).length === 0
      ? []
      : [{ op: 'update' as const, table, where: uuidIs(uuid), row: encodeRow(vswitch.tables[table], update) }]),
    ...(mutations.length === 0 ? [] : [{ op: 'mutate' as const, table, where: uuidIs(uuid), mutations }]),
  ];
  if (operations.length > 0) {
    if (words.length > 0) builder.change(told, ...operations);
    else for (const operation of operations) builder.operation(operation, told);
  }
  for (const { name, type } of referencesOf(table)) {
    if (name === 'ports' || isWeak(type)) continue;
    changeChildren(context, { table, label: desired.label, row }, name, type, desired.children[name] ?? [], adopting);
  }
}

export interface Parent {
  table: TableName;
  label: string;
  row: AnyRow;
}

/** Makes the rows that a column refers to those that should be; rows of others stay in it. */
export function changeChildren(
  context: PlanContext,
  parent: Parent,
  column: string,
  type: ColumnType,
  wanted: readonly DesiredRow[],
  adopting = false,
): void {
  const { builder, owner, index } = context;
  const childTable = refTableOf(type)!;
  const present = referred(type, parent.row[column]);
  if (present.length === 0 && wanted.length === 0) return;
  const rows = index.snapshot[childTable] as ReadonlyMap<string, AnyRow>;
  const found = present.map(({ key, uuid }) => ({ key, uuid, row: rows.get(uuid) }));
  const names = new Set(wanted.map(({ key }) => key));
  const keyOf = ({ key, row }: (typeof found)[number]) => key ?? String(row?.name ?? row?.target ?? '');
  // A port's interfaces are there for it alone: one that the file names is ours with its port, whoever cleared its mark.
  const taking = adopting || childTable === 'Interface';
  const ours = found.filter((each) => isOwned(each.row, owner) || (taking && names.has(keyOf(each))));
  const foreign = found.filter((each) => !ours.includes(each));
  const [first] = wanted;
  if (first !== undefined && type.max === 1 && foreign[0]?.row !== undefined) {
    builder.refuse(
      `${parent.label}: its ${column} is ${ownerWords(foreign[0].row, owner)} (${first.source}); ` +
        `clear it there (ovs-vsctl clear ${parent.table} ${String(parent.row.name ?? '.')} ${column}) and Flowloom makes its own`,
    );
    return;
  }
  const left = [...ours];
  const take = (index: number) => (index < 0 ? undefined : left.splice(index, 1)[0]);
  const holder = (desired: DesiredRow) =>
    hasUniqueName(childTable) ? foreign.find((each) => keyOf(each) === desired.key)?.row : undefined;
  const free = wanted.filter((desired) => !holdRow(context, parent, column, desired, holder(desired)));
  const pairs = free.map((desired) => ({
    desired,
    actual: take(left.findIndex((each) => keyOf(each) === desired.key)),
  }));
  // A row may become another one where its name can change: a controller keeps its connections to the database that way.
  if (type.kind !== 'map' && childTable !== 'Interface') for (const pair of pairs) pair.actual ??= left.shift();
  const added: [string, UuidReference][] = [];
  for (const { desired, actual } of pairs) {
    if (actual?.row !== undefined) changeRow(context, desired, actual.row, adopting);
    else added.push([desired.key, insertRow(context, desired, true)]);
  }
  const mutations: Mutation[] = [];
  for (const each of left) {
    builder.change({
      text: `${parent.label}: remove ${childWords(childTable, keyOf(each))}`,
      source: undefined,
      name: '',
    });
  }
  if (left.length > 0) mutations.push([column, 'delete', removal(type, left)]);
  if (added.length > 0) mutations.push([column, 'insert', addition(type, added)]);
  if (mutations.length > 0) {
    const where = parent.table === 'Open_vSwitch' ? [] : uuidIs(String(parent.row._uuid));
    builder.operation({ op: 'mutate', table: parent.table, where, mutations });
  }
}

/** Two rows with one name would make the server refuse the whole transaction. */
function hasUniqueName(table: TableName): boolean {
  const rules: TableRules | undefined = vswitch.rules[table as 'Manager'];
  return rules?.indexes?.some((columns) => columns.length === 1) === true;
}

/** Whether another's row stands in the place of a row of the file. It is used where it fits. */
function holdRow(
  { builder, owner }: PlanContext,
  { table, label, row: parent }: Parent,
  column: string,
  desired: DesiredRow,
  row: AnyRow | undefined,
): boolean {
  if (row === undefined) return false;
  const { words } = differingColumns(desired, row, true);
  if (words.length > 0) {
    builder.refuse(
      `${label}: ${childWords(desired.table, desired.key)} is ${ownerWords(row, owner)}, and the file would ${words.join(', ')} ` +
        `(${desired.source}); take it out there (ovs-vsctl remove ${table} ${String(parent.name ?? '.')} ${column} ${row._uuid}) ` +
        'and Flowloom makes its own',
    );
  }
  return true;
}

function childWords(table: TableName, key: string): string {
  return `${['Controller', 'Manager', 'Mirror', 'Interface'].includes(table) ? table.toLowerCase() : table}${key === '' ? '' : ` ${key}`}`;
}

function refuseColumn({ builder }: PlanContext, { label, table, source }: DesiredRow, column: string): void {
  builder.refuse(`${label}: Open vSwitch there has no column ${table}.${column}, so it is left out (${source})`);
}

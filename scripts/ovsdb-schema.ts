/**
 * Writes an .ovsschema file (RFC 7047 §3.2) as TypeScript: names, types and rules of every table and column.
 *
 *     node scripts/ovsdb-schema.ts                          proto/ovsdb/vswitch.ts anew, from vswitch.ovsschema beside it
 *     node scripts/ovsdb-schema.ts ovn-nb.ovsschema > nb.ts any other database, for programs that use flowloom/ovsdb
 *
 * The second form exports `ovnNorthbound` of a file for OVN_Northbound: `createReplica(ovnNorthbound)`.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AtomRules, ColumnType } from '../proto/ovsdb/column-type.ts';
import type { TableRules } from '../proto/ovsdb/definition.ts';
import type { Json } from '../proto/ovsdb/json.ts';
import { type DatabaseSchema, decodeSchema } from '../proto/ovsdb/schema.ts';

export const SCHEMA = fileURLToPath(new URL('../proto/ovsdb/vswitch.ovsschema', import.meta.url));
export const RESULT = fileURLToPath(new URL('../proto/ovsdb/vswitch.ts', import.meta.url));
const WIDTH = 120;
const HELPERS = ['defineDatabase', 'map', 'optional', 'type RowOf', 'scalar', 'set'];
const HELPERS_ALWAYS = ['defineDatabase', 'type RowOf'];
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

interface Head {
  /** Lines of the comment at the top. */
  comment: string[];
  /** What the database is called in the program. */
  name: string;
  /** The import lines, given the helpers used. */
  imports(helpers: string[]): string[];
}

/** proto/ovsdb/vswitch.ts, from the schema that lies beside it. */
export function vswitchSource(): string {
  const schema = decodeSchema(JSON.parse(readFileSync(SCHEMA, 'utf8')) as Json);
  return source(schema, {
    comment: [
      `Every table and column of Open vSwitch's own database (ovs-vswitchd.conf.db(5)), schema ${schema.version}.`,
      'Written by scripts/ovsdb-schema.ts from vswitch.ovsschema beside it, which is taken as it is from Open vSwitch 3.1',
      '(vswitchd/vswitch.ovsschema, Apache License 2.0): change that, never this.',
    ],
    name: 'vswitch',
    imports: (helpers) => [
      ...importLine(
        helpers.filter((helper) => !HELPERS_ALWAYS.includes(helper)),
        './column-type.ts',
      ),
      "import { defineDatabase } from './definition.ts';",
      "import type { RowOf } from './row.ts';",
    ],
  });
}

/** The same for any other schema, for a program that imports flowloom/ovsdb. */
export function librarySource(schema: DatabaseSchema): string {
  const name = pascal(schema.name);
  return source(schema, {
    comment: [
      `${schema.name}, schema ${schema.version}: written by Flowloom's ovsdb-schema.ts from its .ovsschema file.`,
    ],
    name: name[0]!.toLowerCase() + name.slice(1),
    imports: (helpers) => importLine(helpers, 'flowloom/ovsdb'),
  });
}

function source(schema: DatabaseSchema, { comment, name, imports }: Head): string {
  const tables = [...schema.tables];
  for (const word of tables.flatMap(([table, columns]) => [table, ...columns.keys()])) {
    if (!IDENTIFIER.test(word)) throw new Error(`"${word}" is no name of a table or column`);
  }
  const kinds = new Set<string>(tables.flatMap(([, columns]) => [...columns.values()].map(({ kind }) => kind)));
  const rules = [...schema.rules].filter(([, rule]) => Object.keys(rule).length > 0);
  const types = `${name[0]!.toUpperCase()}${name.slice(1)}Tables`;
  return [
    ...(comment.length === 1 ? [`/** ${comment[0]} */`] : ['/**', ...comment.map((line) => ` * ${line}`), ' */']),
    ...imports(HELPERS.filter((helper) => HELPERS_ALWAYS.includes(helper) || kinds.has(helper))),
    '',
    `export const ${name} = defineDatabase({`,
    `  name: ${literal(schema.name)},`,
    `  version: ${literal(schema.version)},`,
    '  tables: {',
    ...tables.flatMap(([table, columns]) =>
      block(
        `    ${table}: `,
        Array.from(columns, ([column, type]) => columnSource(column, type)),
      ),
    ),
    '  },',
    ...block(
      '  rules: ',
      rules.map(([table, rule]) => `    ${table}: ${value(rulesValue(rule), 4, table.length + 2)}`),
    ),
    '});',
    '',
    `export type ${types} = typeof ${name}.tables;`,
    ...tables.map(([table]) => `export type ${pascal(table)}Row = RowOf<${types}['${table}']>;`),
    '',
  ].join('\n');
}

function block(start: string, entries: string[]): string[] {
  if (entries.length === 0) return [`${start}{},`];
  return [`${start}{`, ...entries.map((entry) => `${entry},`), `${/^ */.exec(start)![0]}},`];
}

function columnSource(column: string, type: ColumnType): string {
  const rules = type.kind === 'map' ? mapRules(type) : { ...atomRules(type.keyRules), ...columnRules(type) };
  const atoms = type.kind === 'map' ? [type.key, type.value] : [type.key];
  const words = atoms.map((atom) => literal(atom));
  const start = `${column}: ${type.kind}(${words.join(', ')}`;
  if (Object.keys(rules).length === 0) return `      ${start})`;
  return `      ${start}, ${value(rules, 6, start.length + 2)})`;
}

function mapRules(type: ColumnType & { kind: 'map' }): object {
  const key = atomRules(type.keyRules);
  const item = atomRules(type.valueRules);
  return {
    ...(Object.keys(key).length > 0 ? { key } : {}),
    ...(Object.keys(item).length > 0 ? { value: item } : {}),
    ...columnRules(type),
  };
}

/** strong is what a reference is where nothing is said. */
function atomRules({ refType, ...rules }: AtomRules): object {
  return { ...rules, ...(refType === 'weak' ? { refType } : {}) };
}

function columnRules({ kind, min, max, ephemeral, mutable }: ColumnType): object {
  return {
    ...((kind === 'set' || kind === 'map') && min !== 0 ? { min } : {}),
    ...((kind === 'set' || kind === 'map') && max !== Number.POSITIVE_INFINITY ? { max } : {}),
    ...(ephemeral ? { ephemeral } : {}),
    ...(mutable ? {} : { mutable }),
  };
}

function rulesValue({ isRoot, maxRows, indexes }: TableRules): object {
  return {
    ...(isRoot === undefined ? {} : { isRoot }),
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(indexes === undefined ? {} : { indexes }),
  };
}

/** A value as the formatter has it: on one line where that is short enough, else its elements one below the other. */
function value(item: unknown, indent: number, before: number, after = 2): string {
  const short = inline(item);
  if (typeof item !== 'object' || item === null || indent + before + short.length + after <= WIDTH) return short;
  const inner = ' '.repeat(indent + 2);
  const lines = Array.isArray(item)
    ? item.map((element) => `${inner}${value(element, indent + 2, 0, 1)},`)
    : Object.entries(item).map(([key, one]) => `${inner}${key}: ${value(one, indent + 2, key.length + 2, 1)},`);
  const [open, close] = Array.isArray(item) ? '[]' : '{}';
  return `${open}\n${lines.join('\n')}\n${' '.repeat(indent)}${close}`;
}

function inline(item: unknown): string {
  if (Array.isArray(item)) return `[${item.map(inline).join(', ')}]`;
  if (typeof item !== 'object' || item === null) return literal(item);
  return `{ ${Object.entries(item)
    .map(([key, one]) => `${key}: ${inline(one)}`)
    .join(', ')} }`;
}

function literal(item: unknown): string {
  if (typeof item !== 'string') return String(item);
  const double = JSON.stringify(item);
  const single = `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  return double.length < single.length ? double : single;
}

function importLine(names: string[], from: string): string[] {
  return names.length === 0 ? [] : [`import { ${names.join(', ')} } from '${from}';`];
}

/** OVN_Northbound → OvnNorthbound, Open_vSwitch → OpenVswitch, QoS → QoS. */
function pascal(name: string): string {
  return name
    .split('_')
    .map((part) => (/^[A-Z][A-Za-z0-9]*$/.test(part) && /[a-z]/.test(part) ? part : part.toLowerCase()))
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('');
}

function main(file: string | undefined): void {
  if (file === undefined) writeFileSync(RESULT, vswitchSource());
  else process.stdout.write(librarySource(decodeSchema(JSON.parse(readFileSync(file, 'utf8')) as Json)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main(process.argv[2]);
  } catch (error) {
    process.stderr.write(`${process.argv[2] ?? SCHEMA}: ${error instanceof Error ? error.message : error}\n`);
    process.exit(2);
  }
}

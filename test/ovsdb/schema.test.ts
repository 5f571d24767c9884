/** The schema in TypeScript: made by the generator and by nothing else, equal to the installed one, and as strict as the server. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type AnyColumnInput,
  type ColumnType,
  columnProblem,
  type DatabaseDefinition,
  decodeSchema,
  encodeColumn,
  formatColumnType,
  type Json,
  type RowInput,
  type VswitchTables,
  vswitch,
} from '../../proto/ovsdb/index.ts';
import { formatJson } from '../../proto/ovsdb/json-text.ts';
import { librarySource, RESULT, SCHEMA, vswitchSource } from '../../scripts/ovsdb-schema.ts';
import { TransactionError } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { createReplica } from '../../src/ovsdb/replica/replica.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';

const read = (file: string): Json => JSON.parse(readFileSync(file, 'utf8')) as Json;
const script = new URL('../../scripts/ovsdb-schema.ts', import.meta.url).pathname;
const installed = '/usr/share/openvswitch/vswitch.ovsschema';
const folder = mkdtempSync(join(tmpdir(), 'flowloom-schema-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A schema with every form that RFC 7047 §3.2 allows. */
const strange = {
  name: 'OVN_Example',
  version: '1.2.3',
  tables: {
    Empty: { columns: {} },
    Half_Open: {
      columns: {
        word: { type: { key: { type: 'string', enum: "it's" }, min: 0, max: 1 }, mutable: false },
        share: { type: { key: { type: 'real', minReal: 0, maxReal: 1 } } },
        title: { type: { key: { type: 'string', minLength: 1, maxLength: 3 } } },
        few: { type: { key: 'integer', min: 1, max: 2 }, ephemeral: true },
        peers: {
          type: {
            key: { type: 'uuid', refTable: 'Empty', refType: 'weak' },
            value: { type: 'uuid', refTable: 'Empty', refType: 'strong' },
            min: 0,
            max: 1,
          },
        },
      },
      isRoot: true,
      indexes: [['word', 'title'], ['few']],
      maxRows: 7,
    },
  },
};

describe('the generator', () => {
  test('was run since the schema changed (else: node scripts/ovsdb-schema.ts)', () => {
    expect(readFileSync(RESULT, 'utf8')).toBe(vswitchSource());
  });

  test('says what the installed Open vSwitch says, where that is of the same version', () => {
    const ours = read(SCHEMA) as { version: string };
    const theirs = read(installed) as { version: string };
    if (theirs.version === ours.version) expect(decodeSchema(theirs)).toEqual(decodeSchema(ours));
    expect(ours.version).toBe(vswitch.version);
  });

  test('loses nothing: the definition holds what the schema holds', () => {
    const { tables, rules } = decodeSchema(read(SCHEMA));
    expect(
      new Map(Object.entries(vswitch.tables).map(([name, each]) => [name, new Map(Object.entries(each))])),
    ).toEqual(tables);
    for (const [name, rule] of rules) expect((vswitch.rules as Record<string, unknown>)[name] ?? {}).toEqual(rule);
    expect(Object.isFrozen(vswitch.tables.Bridge.protocols.keyRules.enum)).toBe(true);
  });

  test('writes any schema as a program may keep it: formatted, without what the checker would refuse', () => {
    const file = join(folder, 'example.ovsschema');
    writeFileSync(file, JSON.stringify(strange));
    const text = execFileSync(process.execPath, [script, file], { encoding: 'utf8' });
    expect(text).toBe(librarySource(decodeSchema(strange as Json)));
    const biome = new URL('../../node_modules/.bin/biome', import.meta.url).pathname;
    const options = ['check', '--write', '--stdin-file-path=proto/example.ts'];
    expect(execFileSync(biome, options, { input: text, encoding: 'utf8', stdio: 'pipe' })).toBe(text);
    expect(text).toContain(`
export const ovnExample = defineDatabase({
  name: 'OVN_Example',
  version: '1.2.3',
  tables: {
    Empty: {},
    Half_Open: {
      word: optional('string', { enum: ["it's"], mutable: false }),
      share: scalar('real', { minReal: 0, maxReal: 1 }),
      title: scalar('string', { minLength: 1, maxLength: 3 }),
      few: set('integer', { min: 1, max: 2, ephemeral: true }),
      peers: map('uuid', 'uuid', { key: { refTable: 'Empty', refType: 'weak' }, value: { refTable: 'Empty' }, max: 1 }),
    },
  },
  rules: {
    Half_Open: { isRoot: true, maxRows: 7, indexes: [['word', 'title'], ['few']] },
  },
});

export type OvnExampleTables = typeof ovnExample.tables;
export type EmptyRow = RowOf<OvnExampleTables['Empty']>;
export type HalfOpenRow = RowOf<OvnExampleTables['Half_Open']>;
`);
  });

  test.each([
    [{ ...strange, tables: { "Bad'": { columns: {} } } }, '"Bad\'" is no name of a table'],
    [{ ...strange, tables: { T: { columns: { a: { type: 'word' } } } } }, "schema.T.a: an atom's type was expected"],
    [{ ...strange, tables: { T: { columns: { a: { type: { key: 'integer', max: 0 } } } } } }, 'max from 1 on'],
    [{ name: 'x' }, 'schema.tables: an object was expected'],
  ])('refuses %j', (schema, problem) => {
    const file = join(folder, 'bad.ovsschema');
    writeFileSync(file, JSON.stringify(schema));
    expect(() => execFileSync(process.execPath, [script, file], { stdio: 'pipe' })).toThrow(problem);
  });

  test('makes of another database one that a replica can hold', async () => {
    const schema = '/usr/share/openvswitch/local-config.ovsschema';
    const file = join(folder, 'local-config.ts');
    const library = new URL('../../src/ovsdb/index.ts', import.meta.url).pathname;
    const text = execFileSync(process.execPath, [script, schema], { encoding: 'utf8' });
    expect(text).toContain("from 'flowloom/ovsdb';");
    writeFileSync(file, text.replace("'flowloom/ovsdb'", `'${library}'`));
    const { localConfig } = (await import(file)) as { localConfig: DatabaseDefinition };
    const server = await startOvsdbServer({ schema });
    const client = await connectOvsdb(server.target);
    const [row] = await client.transact('Local_Config', [
      { op: 'insert', table: 'Config', row: { connections: ['named-uuid', 'c'] } },
      { op: 'insert', table: 'Connection', row: { target: 'ptcp:1' }, 'uuid-name': 'c' },
    ]);
    const replica = createReplica(localConfig);
    await replica.follow(client);
    expect(replica.get('Config', row?.uuid ?? '')?.connections).toHaveLength(1);
    expect(replica.index('Connection', 'target').one('ptcp:1')).toMatchObject({ max_backoff: undefined });
    client.close();
    await server.stop();
  });

  test('a schema that says isRoot of no table means every table', () => {
    const { rules } = decodeSchema({ name: 'x', version: '1.0.0', tables: { A: { columns: {} }, B: { columns: {} } } });
    expect([...rules.values()]).toEqual([{ isRoot: true }, { isRoot: true }]);
  });
});

describe('types', () => {
  test('of an enum only its words can be written, anything is read', () => {
    const written: RowInput<VswitchTables['Bridge']> = { fail_mode: 'secure', protocols: ['OpenFlow14'] };
    // @ts-expect-error no such mode
    const wrong: RowInput<VswitchTables['Bridge']> = { fail_mode: 'sekure' };
    // @ts-expect-error no such version
    const other: RowInput<VswitchTables['Bridge']> = { protocols: ['OpenFlow9'] };
    const timeouts: RowInput<VswitchTables['CT_Timeout_Policy']> = { timeouts: new Map([['tcp_close', 5] as const]) };
    expect([written, wrong, other, timeouts].map((row) => Object.keys(row).length)).toEqual([2, 1, 1, 1]);
  });
});

/** Values at, inside and beyond what a column allows. */
function candidates(type: ColumnType): AnyColumnInput[] {
  const atoms = (key: ColumnType['key'], rules: ColumnType['keyRules']): unknown[] => {
    const { minInteger, maxInteger } = rules;
    const edges = [minInteger, maxInteger].flatMap((edge) => (edge === undefined ? [] : [edge - 1, edge, edge + 1]));
    if (rules.enum !== undefined) return [...rules.enum, 'none of them', ''];
    return {
      integer: [0, 7, ...edges, 1.5, 'x', 2n ** 62n, 2n ** 63n, -(2n ** 63n)],
      real: [0.5],
      boolean: [true, 1],
      string: ['', 'x', 5],
      uuid: [],
    }[key];
  };
  const keys = atoms(type.key, type.keyRules);
  const many = (count: number) =>
    Array.from({ length: count }, (_, number) => (type.key === 'integer' ? number : `${number}`));
  const sizes = type.max > 1 && type.max < 5000 ? [many(type.max), many(type.max + 1)] : [];
  switch (type.kind) {
    case 'scalar':
      return keys as AnyColumnInput[];
    case 'optional':
      return [undefined, ...keys] as AnyColumnInput[];
    case 'set':
      return [[], keys.slice(0, 2), [keys[0], keys[0]], ...keys.map((key) => [key]), ...sizes] as AnyColumnInput[];
    case 'map': {
      const values = atoms(type.value, type.valueRules);
      const pairs = [...keys.map((key) => [key, values[0]]), ...values.map((value) => [keys[0], value])];
      return [new Map(), ...pairs.map((pair) => new Map([pair as [string, string]]))] as AnyColumnInput[];
    }
  }
}

test('columnProblem finds what the server refuses, and nothing else: every column, at and beyond its edges', async () => {
  const server = await startOvsdbServer();
  const client = await connectOvsdb(server.target);
  const differing: string[] = [];
  let refused = 0;
  let accepted = 0;
  for (const [table, columns] of Object.entries(vswitch.tables)) {
    for (const [name, type] of Object.entries<ColumnType>(columns)) {
      if (type.key === 'uuid' || (type.kind === 'map' && type.value === 'uuid')) continue;
      for (const value of candidates(type)) {
        const problem = columnProblem(type, value);
        const row = { [name]: encodeColumn(type, value) };
        const error = await client
          .transact('Open_vSwitch', [{ op: 'insert', table, row }, { op: 'abort' }])
          .catch((reason: unknown) => reason);
        const taken = error instanceof TransactionError && error.failure.index === 1;
        if (taken) accepted++;
        else refused++;
        if (taken !== (problem === undefined)) {
          differing.push(`${table}.${name} ${formatColumnType(type)} ${formatJson(row[name]!)}: ${problem} / ${error}`);
        }
      }
    }
  }
  client.close();
  await server.stop();
  expect(differing).toEqual([]);
  expect(Math.min(refused, accepted)).toBeGreaterThan(100);
});

test('columnProblem says what is wrong and what is allowed', () => {
  const { Port, Bridge, CT_Timeout_Policy } = vswitch.tables;
  expect(columnProblem(Port.tag, 5000)).toBe('5000: from 0 to 4095 is allowed');
  expect(columnProblem(Port.vlan_mode, 'acess')).toBe(
    '"acess" is none of trunk, access, native-tagged, native-untagged, dot1q-tunnel',
  );
  expect(columnProblem(Bridge.flood_vlans, [1, 1])).toBe('an element is given twice');
  expect(columnProblem(Bridge.ports, [])).toBeUndefined();
  expect(columnProblem(Port.interfaces, [])).toBe('at least 1 is needed');
  expect(columnProblem(Port.interfaces, ['eth0'])).toBe('uuid expected, found "eth0"');
  expect(columnProblem(CT_Timeout_Policy.timeouts, new Map([['tcp_close', -1]]))).toBe(
    '"tcp_close": -1: from 0 to 4294967295 is allowed',
  );
  expect(columnProblem(vswitch.tables.Controller.max_backoff, 5)).toBe('5: at least 1000 is needed');
});

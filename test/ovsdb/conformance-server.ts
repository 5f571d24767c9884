/** A real ovsdb-server with a small database that has every type and constraint of RFC 7047 §3.2. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Condition, Operation, OperationResult } from '../../proto/ovsdb/index.ts';
import type { Json, JsonObject } from '../../proto/ovsdb/json.ts';
import type { OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { type OvsdbServer, type OvsdbServerOptions, startOvsdbServer } from '../support/ovsdb-server.ts';

const many = (key: Json, value?: Json) => ({
  type: { key, ...(value === undefined ? {} : { value }), min: 0, max: 'unlimited' },
});

export const conformanceSchema = {
  name: 'Conformance',
  version: '1.0.0',
  tables: {
    Value: {
      isRoot: true,
      columns: {
        integer: { type: 'integer' },
        real: { type: 'real' },
        boolean: { type: 'boolean' },
        string: { type: 'string' },
        uuid: { type: 'uuid' },
        optional: { type: { key: 'integer', min: 0, max: 1 } },
        integers: many('integer'),
        reals: many('real'),
        strings: many('string'),
        map: many('string', 'string'),
        counts: many('string', 'integer'),
        ranged: { type: { key: { type: 'integer', minInteger: 0, maxInteger: 10 } } },
        word: { type: { key: { type: 'string', enum: ['set', ['', 'red', 'green']] } } },
        atMostTwo: { type: { key: 'integer', min: 0, max: 2 } },
        fixed: { type: 'string', mutable: false },
        ephemeral: { type: 'string', ephemeral: true },
      },
    },
    Parent: {
      isRoot: true,
      columns: {
        name: { type: 'string' },
        children: many({ type: 'uuid', refTable: 'Child' }),
        favourites: many({ type: 'uuid', refTable: 'Child', refType: 'weak' }),
      },
    },
    Child: { columns: { name: { type: 'string' } }, indexes: [['name']] },
    Single: { isRoot: true, maxRows: 1, columns: { term: { type: 'integer' } } },
  },
} satisfies JsonObject;

export interface Conformance {
  server: OvsdbServer;
  client: OvsdbClient;
  /** The results of these operations as one transaction. */
  transact(...operations: Operation[]): Promise<OperationResult[]>;
  /** Rows as `select` gives them. */
  select(table: string, columns: string[], where?: Condition[]): Promise<JsonObject[]>;
  stop(): Promise<void>;
}

export async function startConformance(options: OvsdbServerOptions = {}): Promise<Conformance> {
  const folder = await mkdtemp(join(tmpdir(), 'flowloom-schema-'));
  const schema = join(folder, 'conformance.ovsschema');
  await writeFile(schema, JSON.stringify(conformanceSchema));
  const server = await startOvsdbServer({ ...options, schema });
  const client = await connectOvsdb(server.target);
  const transact = (...operations: Operation[]) => client.transact(conformanceSchema.name, operations);
  return {
    server,
    client,
    transact,
    async select(table, columns, where = []) {
      return (await transact({ op: 'select', table, where, columns }))[0]!.rows!;
    },
    async stop() {
      client.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

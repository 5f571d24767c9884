/** What a server says of its databases in `_Server` (ovsdb-server(5)): whether it is one to talk to. */
import { type Json, type JsonObject, optional, type RowOf, scalar } from '../../../proto/ovsdb/index.ts';
import { type AnyRow, decodeRow } from '../../../proto/ovsdb/row.ts';
import type { OvsdbClient } from './client.ts';
import { RpcError } from './rpc-error.ts';

const serverDatabase = '_Server';
const databaseColumns = {
  name: scalar('string'),
  /** standalone, clustered or relay. */
  model: scalar('string'),
  /** A clustered server that sees a majority of its cluster; a relay that has its source. */
  connected: scalar('boolean'),
  leader: scalar('boolean'),
  cid: optional('uuid'),
  /** The newest log entry that the server shows; it only grows. */
  index: optional('integer'),
};
type DatabaseRow = RowOf<typeof databaseColumns>;

export interface ServerDemands {
  /** The one that matters; undefined: all that the server has. */
  database?: string | undefined;
  /** Of a clustered database, stay only with the leader. Default: true. */
  leaderOnly?: boolean | undefined;
}

/** The newest log entry seen of each cluster, whichever of its servers showed it: an older copy is never gone back to. */
export type SeenIndexes = Map<string, bigint>;

/** Why this server is not one to talk to; undefined: it is. */
export function unfitness(rows: Iterable<DatabaseRow>, demands: ServerDemands, seen: SeenIndexes): string | undefined {
  const wanted = [...rows].filter(({ name }) => name !== serverDatabase);
  const { database } = demands;
  const chosen = database === undefined ? wanted : wanted.filter(({ name }) => name === database);
  if (database !== undefined && chosen.length === 0) return `it has no database ${database}`;
  for (const row of chosen) {
    const reason = unfit(row, demands.leaderOnly ?? true, seen);
    if (reason !== undefined) return `${row.name}: ${reason}`;
  }
  return undefined;
}

function unfit(row: DatabaseRow, leaderOnly: boolean, seen: SeenIndexes): string | undefined {
  if (row.model === 'standalone') return undefined;
  if (!row.connected) return row.model === 'relay' ? 'it has lost its source' : 'it has lost its cluster';
  if (row.model !== 'clustered') return undefined;
  if (leaderOnly && !row.leader) return 'it is not the leader of its cluster';
  const cluster = row.cid ?? row.name;
  const index = BigInt(row.index ?? 0);
  const newest = seen.get(cluster) ?? 0n;
  if (index < newest) return 'its copy is older than one seen before';
  seen.set(cluster, index);
  return undefined;
}

/** Looks once. A server before Open vSwitch 2.9 has no `_Server` and no clusters. */
export async function checkServer(client: OvsdbClient, demands: ServerDemands): Promise<void> {
  const columns = Object.keys(databaseColumns);
  const results = await client
    .transact(serverDatabase, [{ op: 'select', table: 'Database', where: [], columns }])
    .catch(ignoreOldServer);
  if (results === undefined) return;
  const rows = (results[0]?.rows ?? []).map((row) => decode('', row));
  const reason = unfitness(rows, demands, new Map());
  if (reason !== undefined) throw new Error(reason);
}

/** Looks now, rejecting with why it is unfit, and then goes on looking: `onUnfit` may be called once, later. */
export async function watchServer(
  client: OvsdbClient,
  demands: ServerDemands,
  seen: SeenIndexes,
  onUnfit: (reason: string) => void,
): Promise<void> {
  const rows = new Map<string, DatabaseRow>();
  let admitted = false;
  let unfitTold = false;
  const reply = await client
    .monitor(serverDatabase, {
      id: serverDatabase,
      requests: { Database: [{ columns: Object.keys(databaseColumns) }] },
      // This one tells rows whole. An update may be here before the reply was looked at: it is the newer.
      methods: ['monitor'],
      onUpdate(updates) {
        for (const { uuid, update } of updates) {
          if (update.kind === 'insert') rows.set(uuid, decode(uuid, update.row));
          else rows.delete(uuid);
        }
        const reason = admitted && !unfitTold ? unfitness(rows.values(), demands, seen) : undefined;
        if (reason === undefined) return;
        unfitTold = true;
        onUnfit(reason);
      },
    })
    .catch(ignoreOldServer);
  for (const { uuid, update } of reply?.updates ?? []) {
    if (update.kind === 'insert' && !rows.has(uuid)) rows.set(uuid, decode(uuid, update.row));
  }
  const reason = reply === undefined ? undefined : unfitness(rows.values(), demands, seen);
  if (reason !== undefined) throw new Error(reason);
  admitted = true;
}

function decode(uuid: string, row: Json | JsonObject): DatabaseRow {
  return decodeRow(databaseColumns, uuid, row, 'Database') satisfies AnyRow as DatabaseRow;
}

function ignoreOldServer(error: unknown): undefined {
  if (error instanceof RpcError && error.value.error === 'unknown database') return undefined;
  throw error;
}

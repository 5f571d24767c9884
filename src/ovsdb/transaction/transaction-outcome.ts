/** What can come of a transaction beside its success: others were faster too often, or the connection ended before the answer. */
import { sameValue } from '../../../proto/ovsdb/column.ts';
import { uuidIs } from '../../../proto/ovsdb/condition.ts';
import type { JsonObject } from '../../../proto/ovsdb/json.ts';
import type { Operation } from '../../../proto/ovsdb/operation.ts';
import type { AnyRow } from '../../../proto/ovsdb/row.ts';
import type { OvsdbClient } from '../client/client.ts';
import { decode } from './transaction-catch-up.ts';
import type { Naming } from './transaction-operations.ts';
import type { TransactionRow } from './transaction-row.ts';

/** What the transaction was decided on changed each time before it could be carried out. Nothing of it was done. */
export class ConflictError extends Error {
  readonly table: string;
  /** undefined: a row that had not been there was. */
  readonly uuid: string | undefined;
  /** Those that moved; none: the row is gone, or a new one is there. */
  readonly columns: readonly string[];
  readonly attempts: number;

  constructor(
    what: { table: string; uuid?: string | undefined; name: string; columns: readonly string[] },
    attempts: number,
  ) {
    const { table, uuid, name, columns } = what;
    const moved = columns.length > 0 ? `${columns.join(', ')} changed` : uuid === undefined ? 'came' : 'went';
    super(
      `${table} ${name}: ${moved} before the transaction was carried out, ` +
        `${attempts === 1 ? 'and it was tried once' : `each of ${attempts} times`}; nothing of it was done`,
    );
    this.name = 'ConflictError';
    this.table = table;
    this.uuid = uuid;
    this.columns = columns;
    this.attempts = attempts;
  }
}

/** committed, not committed, or unknown: somebody changed the same since, so that neither shows. */
export type Outcome = 'committed' | 'not committed' | 'unknown';

/** The answer did not come: all of the transaction was carried out or nothing of it. `findOut` asks the server which. */
export class UnknownOutcomeError extends Error {
  readonly #findOut: (client: OvsdbClient) => Promise<Outcome>;

  constructor(cause: Error, findOut: (client: OvsdbClient) => Promise<Outcome>) {
    super(
      `whether the transaction was carried out is not known, for ${cause.message}; ` +
        'findOut(client) asks the server, through a new connection',
      { cause },
    );
    this.name = 'UnknownOutcomeError';
    this.#findOut = findOut;
  }

  /**
   * A row that was inserted is there under its UUID; what was written is as it was before or as it was to be.
   * Ask when the old connection has ended: a server that only hangs may still carry the transaction out later.
   */
  findOut(client: OvsdbClient): Promise<Outcome> {
    return this.#findOut(client);
  }
}

/** Compares the rows that a transaction was to change with what the server has. */
export async function findOutcome(
  client: OvsdbClient,
  database: string,
  rows: readonly TransactionRow[],
  naming: Naming,
): Promise<Outcome> {
  const written = rows.filter((row) => row.deleted || row.edits.size > 0 || row.base === undefined);
  const operations = written.map(
    ({ table, uuid, edits }): Operation => ({
      op: 'select',
      table,
      where: uuidIs(uuid),
      columns: ['_uuid', ...edits.keys()],
    }),
  );
  const answers = await client.transact(database, operations);
  const signs = written.flatMap((row, index) => signsOf(row, answers[index]?.rows?.[0], naming));
  // Nobody else would choose this UUID.
  if (signs.includes('surely')) return 'committed';
  if (signs.every((sign) => sign === 'after' || sign === 'either'))
    return signs.includes('after') ? 'committed' : 'unknown';
  return signs.every((sign) => sign === 'before' || sign === 'either') ? 'not committed' : 'unknown';
}

type Sign = 'surely' | 'after' | 'before' | 'either' | 'neither';

function signsOf(row: TransactionRow, now: JsonObject | undefined, naming: Naming): Sign[] {
  const { base, deleted, edits } = row;
  // Under which UUID a row that was inserted by name would be, only the answer would have told.
  if (base === undefined && naming === 'uuid-name') return [];
  if (base === undefined) return deleted ? [] : [now === undefined ? 'before' : 'surely'];
  if (deleted) return [now === undefined ? 'after' : 'before'];
  if (now === undefined) return ['neither'];
  return [...edits.keys()].map((name) => columnSign(row, base, name, now));
}

function columnSign(row: TransactionRow, base: AnyRow, name: string, json: JsonObject): Sign {
  const now = decode(row.columns, json, name);
  const after = row.value(name);
  if (sameValue(base[name], after)) return 'either';
  if (sameValue(now, after)) return 'after';
  return sameValue(now, base[name]) ? 'before' : 'neither';
}

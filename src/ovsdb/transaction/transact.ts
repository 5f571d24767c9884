/** Carries a transaction out: decided on a replica, verified by the server, decided anew where somebody else was faster (RFC 7047 §4.1.3). */
import { setImmediate } from 'node:timers/promises';
import type { Atom } from '../../../proto/ovsdb/atom.ts';
import { uuidIs } from '../../../proto/ovsdb/condition.ts';
import type { AnyTables } from '../../../proto/ovsdb/definition.ts';
import type { Operation, OperationResult } from '../../../proto/ovsdb/operation.ts';
import { type OvsdbClient, TransactionError } from '../client/client.ts';
import type { RequestOutcome } from '../client/rpc-error.ts';
import type { Replica } from '../replica/replica.ts';
import { openTransaction, type Transaction } from './transaction.ts';
import { catchUp, committedQuestion, movedQuestion } from './transaction-catch-up.ts';
import {
  type Expectation,
  movedColumns,
  type Naming,
  type TransactionContents,
  type TransactionOperations,
  transactionOperations,
} from './transaction-operations.ts';
import { ConflictError, findOutcome, UnknownOutcomeError } from './transaction-outcome.ts';
import type { TransactionRow } from './transaction-row.ts';
import type { Lookup } from './transaction-rows.ts';

export interface TransactOptions {
  /** How often the function is called at most; default 100. */
  attempts?: number;
  /** For all of it, in milliseconds; default 30,000. */
  timeout?: number;
}

/** Servers before Open vSwitch 2.13 do not let a client choose the UUID of a row. */
const olderServers = new WeakSet<OvsdbClient>();

/**
 * Calls the function with a transaction, sends what it wrote as one, and gives what it returned when the replica shows the
 * result. Called again on the replica's new state where what it read and decided on has changed meanwhile, so it should do
 * nothing but read and write the transaction. The client is the one that the replica follows.
 */
export async function transact<T extends AnyTables, R>(
  replica: Replica<T>,
  client: OvsdbClient,
  decide: (transaction: Transaction<T>) => R,
  options: TransactOptions = {},
): Promise<R> {
  const { attempts = 100, timeout = 30_000 } = options;
  const deadline = Date.now() + timeout;
  const left = () => Math.max(1, deadline - Date.now());
  const { name } = replica.definition;
  for (let attempt = 1; ; attempt++) {
    const { result, contents } = decideOn(replica, decide);
    if (Date.now() >= deadline)
      throw new Error(`no time is left of ${timeout / 1000} s to send the transaction; nothing was done`);
    const outcome = await send(client, name, contents, left());
    if (outcome === undefined) return result;
    if ('results' in outcome) {
      nameInserted(contents, outcome.prepared, outcome.results);
      const questions = contents.rows.filter(isWritten).map((row) => committedQuestion(replica, row));
      await catchUp(replica, client, questions, { timeout: left(), done: 'the transaction was carried out' });
      // Who goes on at once would always be ahead of those that lost: in a cluster they would lose a hundred times in a row.
      await setImmediate();
      return result;
    }
    const { error, prepared } = outcome;
    const moved = await whatMoved(client, name, error, prepared, contents, left());
    if (moved === undefined) throw error;
    const done = 'what a transaction was decided on has changed and nothing was done';
    const caughtUp = await catchUp(replica, client, [movedQuestion(replica, moved)], { timeout: left(), done });
    if (attempt >= attempts || !caughtUp || Date.now() >= deadline) {
      throw conflict(replica, moved, attempt);
    }
  }
}

function decideOn<T extends AnyTables, R>(replica: Replica<T>, decide: (transaction: Transaction<T>) => R) {
  if (replica.state !== 'current') {
    throw new Error(
      `the copy of ${replica.definition.name} is ${replica.state}: nothing can be decided on it until it is current`,
    );
  }
  const lookup: Lookup = (table, column, value) =>
    (replica as unknown as Replica<AnyTables>).index(table, column).get(value);
  const { transaction, contents, close } = openTransaction(replica.definition, replica.snapshot(), lookup);
  const result = decide(transaction);
  close();
  if (result instanceof Promise) {
    // What it still writes is refused, and that is told here already.
    result.catch(() => {});
    throw new TypeError('the function of a transaction must not be async: it decides on one state of the database');
  }
  return { result, contents };
}

type Sent =
  | { results: OperationResult[]; prepared: TransactionOperations }
  | { error: TransactionError; prepared: TransactionOperations };

/** undefined: there was nothing to send. */
async function send(
  client: OvsdbClient,
  database: string,
  contents: TransactionContents,
  timeout: number,
): Promise<Sent | undefined> {
  const naming: Naming = olderServers.has(client) ? 'uuid-name' : 'uuid';
  const prepared = transactionOperations(contents, naming);
  if (prepared.operations.length === 0) return undefined;
  try {
    return { prepared, results: await client.transact(database, prepared.operations, timeout) };
  } catch (error) {
    if (outcomeOf(error) === 'unknown') {
      throw new UnknownOutcomeError(error as Error, (through) => findOutcome(through, database, contents.rows, naming));
    }
    if (!(error instanceof TransactionError)) throw error;
    if (naming === 'uuid' && error.failure.error === 'syntax error' && error.failure.details.includes("'uuid'")) {
      olderServers.add(client);
      return send(client, database, contents, timeout);
    }
    return { prepared, error };
  }
}

function outcomeOf(error: unknown): RequestOutcome | undefined {
  return error instanceof Error && 'outcome' in error ? (error.outcome as RequestOutcome) : undefined;
}

const isWritten = (row: TransactionRow) =>
  row.deleted ? row.base !== undefined : row.base === undefined || row.edits.size > 0;

/** Rows inserted by name get the UUID that the server chose. */
function nameInserted(contents: TransactionContents, { inserted }: TransactionOperations, results: OperationResult[]) {
  const uuids = new Map<string, string>();
  for (const [index, row] of inserted) {
    const uuid = results[index]?.uuid;
    if (uuid !== undefined && uuid !== row.uuid) uuids.set(row.uuid, uuid);
  }
  if (uuids.size > 0) for (const row of contents.rows) row.rename(uuids);
}

/** What the decision rested on and is no longer so; undefined: the server refused for another reason. */
async function whatMoved(
  client: OvsdbClient,
  database: string,
  { failure }: TransactionError,
  { expectations }: TransactionOperations,
  contents: TransactionContents,
  timeout: number,
): Promise<Expectation | undefined> {
  if (failure.error === 'timed out' && failure.index !== undefined) return expectations.get(failure.index);
  if (failure.error !== 'referential integrity violation') return undefined;
  const rows = referredTo(contents);
  const selects = rows.map(
    ({ table, uuid }): Operation => ({ op: 'select', table, where: uuidIs(uuid), columns: ['_uuid'] }),
  );
  // Where that cannot be asked any more, the server's refusal is what is known.
  const answers = selects.length === 0 ? [] : await client.transact(database, selects, timeout).catch(() => []);
  const gone = rows.find((_, index) => answers[index]?.rows?.length === 0);
  return gone === undefined ? undefined : { row: gone, columns: ['_uuid'] };
}

/** Rows of the database that this transaction makes others refer to. */
function referredTo({ rows }: TransactionContents): TransactionRow[] {
  const byUuid = new Map(rows.map((row) => [row.uuid, row]));
  const found = new Set<TransactionRow>();
  for (const row of rows) {
    for (const atom of row.deleted ? [] : writtenAtoms(row)) {
      const other = byUuid.get(String(atom));
      if (other?.base !== undefined) found.add(other);
    }
  }
  return [...found];
}

function* writtenAtoms({ columns, edits, value }: TransactionRow): Generator<Atom> {
  for (const name of edits.keys()) {
    const type = columns[name];
    const all = value(name);
    if (type === undefined || (type.key !== 'uuid' && !(type.kind === 'map' && type.value === 'uuid'))) continue;
    if (all instanceof Map) for (const pair of all) yield* pair;
    else if (Array.isArray(all)) yield* all;
    else if (typeof all === 'string') yield all;
  }
}

function conflict<T extends AnyTables>(replica: Replica<T>, moved: Expectation, attempts: number): ConflictError {
  if ('absence' in moved) {
    const { table, values } = moved.absence;
    return new ConflictError({ table, name: Object.values(values).join(', ') || 'row', columns: [] }, attempts);
  }
  const { table, uuid, base } = moved.row;
  const shown = replica.state === 'empty' ? undefined : replica.get(table, uuid);
  const name = typeof base?.name === 'string' ? base.name : uuid;
  const different = movedColumns(moved, shown);
  const columns = shown === undefined ? [] : different.length > 0 ? different : moved.columns;
  return new ConflictError({ table, uuid, name, columns }, attempts);
}

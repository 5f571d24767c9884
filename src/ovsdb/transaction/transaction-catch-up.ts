/** Waits until a replica shows what the server is known to have. By what it shows, never by time (ovsdb-server(7) §4.1.6). */
import type { Atom } from '../../../proto/ovsdb/atom.ts';
import { type AnyColumnValue, decodeColumn, sameValue } from '../../../proto/ovsdb/column.ts';
import { type Condition, uuidIs } from '../../../proto/ovsdb/condition.ts';
import type { AnyTables } from '../../../proto/ovsdb/definition.ts';
import type { JsonObject } from '../../../proto/ovsdb/json.ts';
import type { Operation } from '../../../proto/ovsdb/operation.ts';
import type { AnyRow, TableColumns } from '../../../proto/ovsdb/row.ts';
import type { OvsdbClient } from '../client/client.ts';
import { ConnectionClosedError, RequestTimeoutError } from '../client/rpc-error.ts';
import type { Replica } from '../replica/replica.ts';
import { absenceWhere, type Expectation, movedColumns } from './transaction-operations.ts';
import type { TransactionRow } from './transaction-row.ts';

/** Rows of which the replica is behind, perhaps. */
export interface Question {
  table: string;
  columns: TableColumns;
  where: Condition[];
  /** The columns that matter. */
  names: readonly string[];
  /** The rows asked for, in the replica. */
  shown(): readonly AnyRow[];
  /** What the replica shows is enough, whatever the server says. */
  answered(rows: readonly AnyRow[]): boolean;
}

export interface CatchUpOptions {
  /** In milliseconds. */
  timeout: number;
  /** What was done already, for the error where the replica does not catch up. */
  done: string;
}

/** Resolves with true when the replica shows what was asked for, or as much as the server itself has of it; with false when the connection ended. */
export async function catchUp<T extends AnyTables>(
  replica: Replica<T>,
  client: OvsdbClient,
  questions: readonly Question[],
  { timeout, done }: CatchUpOptions,
): Promise<boolean> {
  const changes = watchChanges(replica, timeout);
  const deadline = Date.now() + timeout;
  let open = questions;
  const answered = () => {
    open = open.filter((question) => !question.answered(question.shown()));
    return open.length === 0;
  };
  try {
    while (replica.state === 'current') {
      if (answered()) return true;
      const asked = open;
      const before = changes.count();
      let change = changes.next();
      let reply: Reply | undefined;
      const asking = ask(client, replica.definition.name, asked, deadline - Date.now());
      // Mostly the change comes first, and whoever decides anew should not lose a round trip on those who are ahead.
      while (reply === undefined) {
        const first = await Promise.race([asking, change]);
        if (typeof first === 'object') reply = first;
        else if (first === 'late') break;
        else if (replica.state !== 'current') return false;
        else if (answered()) return true;
        else change = changes.next();
      }
      if (reply?.ended === true) return false;
      const rows = reply?.rows;
      if (
        rows !== undefined &&
        asked.every((question, index) => sameRows(question, rows[index] ?? [], replica.partial.has(question.table)))
      )
        return true;
      // A change that came meanwhile may have been later than the answer: ask again. Without one, it is yet to come.
      if (changes.count() === before && (await change) !== 'late') continue;
      if (Date.now() < deadline) continue;
      const problem = `the replica does not show it within ${timeout / 1000} s: does it follow this server?`;
      throw new Error(`${asked[0]?.table}: ${done}, but ${problem}`);
    }
    return false;
  } finally {
    changes.stop();
  }
}

interface Reply {
  rows: (JsonObject[] | undefined)[];
  ended: boolean;
}

async function ask(client: OvsdbClient, database: string, questions: readonly Question[], timeout: number) {
  const operations = questions.map(
    ({ table, where, names }): Operation => ({ op: 'select', table, where, columns: columnsWithUuid(names) }),
  );
  try {
    const results = await client.transact(database, operations, Math.max(1, timeout));
    return { rows: results.map(({ rows }) => rows), ended: false };
  } catch (error) {
    if (error instanceof ConnectionClosedError || error instanceof RequestTimeoutError)
      return { rows: [], ended: true };
    throw error;
  }
}

type Change = 'changed' | 'late';

function watchChanges<T extends AnyTables>(replica: Replica<T>, timeout: number) {
  let next = Promise.withResolvers<Change>();
  let count = 0;
  const timer = setTimeout(() => next.resolve('late'), timeout);
  const stop = replica.onChange(() => {
    const { resolve } = next;
    next = Promise.withResolvers<Change>();
    count++;
    resolve('changed');
  });
  return {
    count: () => count,
    /** The next change from now on. */
    next: () => next.promise,
    stop() {
      clearTimeout(timer);
      stop();
    },
  };
}

const columnsWithUuid = (names: readonly string[]) => ['_uuid', ...names.filter((name) => name !== '_uuid')];

/** Of a table that is held in part, only the rows that are held are compared. */
function sameRows({ columns, names, shown }: Question, server: readonly JsonObject[], partial: boolean): boolean {
  const rows = new Map(shown().map((row) => [row._uuid, row]));
  const there = server.filter((json) => !partial || rows.has(uuidOf(json)));
  return there.length === rows.size && there.every((json) => sameAs(columns, names, json, rows.get(uuidOf(json))));
}

function sameAs(columns: TableColumns, names: readonly string[], json: JsonObject, row: AnyRow | undefined): boolean {
  return (
    row !== undefined && names.every((name) => name === '_uuid' || sameValue(row[name], decode(columns, json, name)))
  );
}

export function decode(columns: TableColumns, json: JsonObject, name: string): AnyColumnValue {
  return decodeColumn(columns[name]!, json[name], name);
}

export function uuidOf(json: JsonObject): string {
  return Array.isArray(json._uuid) ? String(json._uuid[1]) : '';
}

type Rows = Readonly<Record<string, ReadonlyMap<string, AnyRow> | undefined>>;

function oneRow<T extends AnyTables>(replica: Replica<T>, table: string, uuid: string): readonly AnyRow[] {
  const row: AnyRow | undefined = replica.get(table, uuid);
  return row === undefined ? [] : [row];
}

/** After a commit: the row as it was written. */
export function committedQuestion<T extends AnyTables>(replica: Replica<T>, row: TransactionRow): Question {
  const { table, columns, edits, deleted } = row;
  const { _uuid: uuid } = row.row;
  const names = deleted ? ['_uuid'] : [...edits.keys()];
  return {
    table,
    columns,
    names,
    where: uuidIs(uuid),
    shown: () => oneRow(replica, table, uuid),
    answered: ([shown]) => (deleted ? shown === undefined : shown !== undefined && hasEdits(row, shown)),
  };
}

function hasEdits({ edits, value }: TransactionRow, shown: AnyRow): boolean {
  return [...edits].every(([name, edit]) => {
    const there = shown[name];
    if (edit.kind === 'value') return sameValue(there, value(name));
    // Somebody else may have added as much: only the server can tell.
    if (edit.kind === 'increment') return false;
    if (there instanceof Map) return [...edit.elements].every(([key, to]) => there.get(key) === to);
    const members = new Set<Atom>(Array.isArray(there) ? there : []);
    return [...edit.elements].every(([element, to]) => members.has(element) === (to !== undefined));
  });
}

/** After a conflict: what was expected, and is no longer so. */
export function movedQuestion<T extends AnyTables>(replica: Replica<T>, expectation: Expectation): Question {
  if ('row' in expectation) {
    const { row, columns: names } = expectation;
    const { table, columns, uuid } = row;
    return {
      table,
      columns,
      names,
      where: uuidIs(uuid),
      shown: () => oneRow(replica, table, uuid),
      answered: ([shown]) => movedColumns(expectation, shown).length > 0,
    };
  }
  const { absence } = expectation;
  const { table, columns, values } = absence;
  const wanted = Object.entries(values);
  return {
    table,
    columns,
    names: Object.keys(values),
    where: absenceWhere(absence),
    shown: () =>
      [...((replica.snapshot() as Rows)[table]?.values() ?? [])].filter((row) =>
        wanted.every(([name, value]) => sameValue(row[name], value)),
      ),
    answered: (rows) => rows.length > 0,
  };
}

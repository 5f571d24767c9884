/** The store in a folder: one SQLite file, held by one process at a time, checked when it is opened. */

import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Medium } from './medium.ts';

/** The folder of `--state` can't be used; the message says what to do. */
export class StoreError extends Error {}

const NAME = 'flowloom.sqlite';
/** `FLWM`, in the file's head: what other programs wrote is left alone. */
const APPLICATION = 0x464c574d;
/** Of what is in it; raised when an older Flowloom could not read it any more. */
const VERSION = 1;

export function openSqlite(folder: string): Medium {
  const file = join(folder, NAME);
  const database = open(folder, file);
  const statement = (sql: string): StatementSync => database.prepare(sql);
  const get = statement('SELECT text FROM entry WHERE space = ? AND key = ?');
  const set = statement('INSERT OR REPLACE INTO entry (space, key, text) VALUES (?, ?, ?)');
  const remove = statement('DELETE FROM entry WHERE space = ? AND key = ?');
  const entries = statement('SELECT key, text FROM entry WHERE space = ? ORDER BY key');
  let batching = false;
  return {
    file,
    texts: {
      get: (space, key) => get.get(space, key)?.text as string | undefined,
      set: (space, key, text) => void set.run(space, key, text),
      delete: (space, key) => void remove.run(space, key),
      entries: (space) => entries.all(space).map(({ key, text }) => [String(key), String(text)]),
    },
    batch(run) {
      if (batching) {
        run();
        return;
      }
      batching = true;
      database.exec('BEGIN IMMEDIATE');
      try {
        run();
        database.exec('COMMIT');
      } catch (error) {
        // On a full disk SQLite may have done so by itself.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      } finally {
        batching = false;
      }
    },
    close: () => database.close(),
  };
}

function open(folder: string, file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    makeFolder(folder);
    // Read here: without `--state` nothing of it is loaded, and Node 22, which calls it experimental, says nothing.
    const sqlite = process.getBuiltinModule('node:sqlite');
    database = new sqlite.DatabaseSync(file);
    // One process only, for as long as it runs; the first write takes the lock.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    database.exec('BEGIN IMMEDIATE');
    prepare(database, file);
    database.exec('COMMIT');
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof StoreError ? error : new StoreError(explain(folder, file, error as Error));
  }
}

/** Node's own way to make the folders above it, too, never ends where none can be made, as in /proc. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder));
    mkdirSync(folder, { mode: 0o700 });
  }
}

function prepare(database: DatabaseSync, file: string): void {
  const pragma = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
  const isNew = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables === 0;
  const [application, version] = [pragma('application_id'), pragma('user_version')];
  if (isNew && application === 0 && version === 0) {
    database.exec(
      `CREATE TABLE entry (space TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID;
      PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${VERSION}`,
    );
    return;
  }
  if (application !== APPLICATION) {
    throw new StoreError(`${file} is another program's: give --state a folder of Flowloom's own`);
  }
  if (version > VERSION) {
    throw new StoreError(
      `${file} was written by a later Flowloom (state version ${version}, this one knows ${VERSION}): run that one, or give --state another folder`,
    );
  }
  const [first] = database.prepare('PRAGMA quick_check(1)').all();
  if (first?.quick_check !== 'ok') throw new Error(String(first?.quick_check));
}

/** SQLite's own result codes (sqlite.org/rescode.html). */
const BUSY = 5;
const READONLY = 8;
const CORRUPT = 11;
const CANTOPEN = 14;
const NOTADB = 26;

function explain(folder: string, file: string, error: Error): string {
  const code = 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
  if (code === BUSY) {
    return `${folder} is in use by another Flowloom: end that one, or give --state another folder`;
  }
  if (code === undefined && 'code' in error) {
    return `${folder} can't be used as --state: ${error.message}; give it another folder`;
  }
  if (code === READONLY || code === CANTOPEN) {
    return `${file} can't be written (${error.message}): make its folder writable, or give --state another one`;
  }
  if (code === undefined || code === CORRUPT || code === NOTADB) {
    return `${file} is broken (${error.message.replace(/\s+/g, ' ')}): put a copy in its place, or move it away: then numbers follow from names again, and what stands in switches is read from there`;
  }
  return `${file} can't be used: ${error.message}; mend it, or give --state another folder`;
}

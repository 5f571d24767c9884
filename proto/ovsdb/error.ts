/** What can be wrong: a text that is no OVSDB (decode), and the server's own <error> (RFC 7047 §3.1, §4.1.3). */
import type { Json } from './json.ts';
import { formatJson } from './json-text.ts';

/** Something received does not have the form that RFC 7047 gives it. */
export class OvsdbDecodeError extends Error {
  /** The way to the value: `Bridge.name`. */
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.name = 'OvsdbDecodeError';
    this.path = path;
  }
}

/** RFC 7047's short names of errors. */
export type StandardErrorName =
  /** §4.1.2, §4.1.3: there is no such database. */
  | 'unknown database'
  /** §4.1.4 */
  | 'canceled'
  /** §4.1.7: there is no such monitor. */
  | 'unknown monitor'
  /** §4.1.3: a reference to a row that is not there, or a row deleted that a strong reference still needs. */
  | 'referential integrity violation'
  /** §4.1.3, §5.2: a value, a number of rows or a unique column is against the schema. */
  | 'constraint violation'
  /** §4.1.3; Open vSwitch's server never says so. */
  | 'resources exhausted'
  /** §4.1.3: the database's file cannot be written. */
  | 'I/O error'
  /** §5.2.1: two inserts of one transaction have the same name. */
  | 'duplicate uuid-name'
  /** §5.2.4: a mutation that has no result, as a division by zero. */
  | 'domain error'
  /** §5.2.4: the result of a mutation is too large. */
  | 'range error'
  /** §5.2.6: a `wait` was not met in time. */
  | 'timed out'
  /** §5.2.6, §5.2.7: this server can neither wait nor commit durably; Open vSwitch's does both. */
  | 'not supported'
  /** §5.2.8: an `abort`. */
  | 'aborted'
  /** §5.2.10: an `assert` of a lock that the client does not hold. */
  | 'not owner';

/** What Open vSwitch's server adds (ovsdb-server(7) §3.1, §4). */
export type OpenVswitchErrorName =
  | 'syntax error'
  | 'unknown column'
  | 'unknown table'
  /** A set or a map has a key twice. */
  | 'ovsdb error'
  | 'internal error'
  /** The role of the client's certificate does not permit it. */
  | 'permission error'
  /** The database is read-only: `_Server`, a relay, a backup. */
  | 'not allowed'
  | 'duplicate uuid'
  | 'duplicate request ID'
  | 'duplicate monitor ID'
  | 'unknown method'
  /** A cluster lost its leader in the midst of it. */
  | 'cluster error';

/** The server's <error>. */
export interface ErrorValue {
  /** One of the known names; other servers may have more. */
  error: StandardErrorName | OpenVswitchErrorName | (string & Record<never, never>);
  /** In the server's words; empty where it gave none. */
  details: string;
}

/** Reads an <error>. Open vSwitch answers an unknown method with the bare string. */
export function decodeErrorValue(json: Json): ErrorValue {
  if (typeof json === 'string') return { error: json, details: '' };
  if (typeof json === 'object' && json !== null && !Array.isArray(json) && typeof json.error === 'string') {
    const details = typeof json.details === 'string' ? json.details : '';
    return { error: json.error, details: details === '' && typeof json.syntax === 'string' ? json.syntax : details };
  }
  return { error: 'unknown error', details: formatJson(json) };
}

export function formatErrorValue(value: ErrorValue): string {
  return value.details === '' ? value.error : `${value.error}: ${value.details}`;
}

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

/** The server's <error>. */
export interface ErrorValue {
  /** RFC 7047's short name: `constraint violation`, `timed out`, `not supported` … */
  error: string;
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

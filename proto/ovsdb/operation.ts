/** <operation> of a transaction (RFC 7047 §5.2) and what the server answers to it. */
import type { Condition } from './condition.ts';
import { decodeErrorValue, type ErrorValue, OvsdbDecodeError } from './error.ts';
import { expectArray, isJsonObject, type Json, type JsonObject, shown } from './json.ts';
import type { Mutation } from './mutation.ts';

export type Operation =
  | { op: 'insert'; table: string; row: JsonObject; 'uuid-name'?: string; uuid?: string }
  | { op: 'select'; table: string; where: Condition[]; columns?: string[] }
  | { op: 'update'; table: string; where: Condition[]; row: JsonObject }
  | { op: 'mutate'; table: string; where: Condition[]; mutations: Mutation[] }
  | { op: 'delete'; table: string; where: Condition[] }
  | {
      op: 'wait';
      table: string;
      where: Condition[];
      columns: string[];
      until: '==' | '!=';
      rows: JsonObject[];
      /** Milliseconds; 0: do not wait, fail. */
      timeout?: number;
    }
  | { op: 'commit'; durable: boolean }
  | { op: 'abort' }
  | { op: 'comment'; comment: string }
  | { op: 'assert'; lock: string };

/** The answer to one operation that succeeded. */
export interface OperationResult {
  /** insert: the new row. */
  uuid?: string;
  /** update, mutate, delete: rows that matched. */
  count?: number;
  /** select. */
  rows?: JsonObject[];
}

export interface TransactionFailure extends ErrorValue {
  /** The operation that failed; undefined: all succeeded and the commit did not. */
  index: number | undefined;
}

/** Reads the result of `transact`: one element per operation, null after the one that failed, one more where the commit failed. */
export function decodeTransactResult(
  operations: number,
  json: Json,
): { results: OperationResult[] } | { failure: TransactionFailure } {
  const elements = expectArray(json, 'transact');
  const results: OperationResult[] = [];
  for (const [index, element] of elements.entries()) {
    if (isJsonObject(element) && 'error' in element) {
      return { failure: { index: index < operations ? index : undefined, ...decodeErrorValue(element) } };
    }
    if (index < operations) results.push(decodeResult(element, `transact[${index}]`));
  }
  if (results.length < operations) {
    throw new OvsdbDecodeError('transact', `${operations} results were expected, found ${results.length}`);
  }
  return { results };
}

function decodeResult(json: Json, path: string): OperationResult {
  if (!isJsonObject(json)) throw new OvsdbDecodeError(path, `a result was expected, found ${shown(json)}`);
  const result: OperationResult = {};
  if (Array.isArray(json.uuid) && typeof json.uuid[1] === 'string') result.uuid = json.uuid[1];
  if (typeof json.count === 'number') result.count = json.count;
  if (Array.isArray(json.rows)) result.rows = json.rows.filter(isJsonObject);
  return result;
}

/** A transaction that the server refused, with the operation that it refused (RFC 7047 §4.1.3). */
import { formatErrorValue } from '../../../proto/ovsdb/error.ts';
import type { Operation, TransactionFailure } from '../../../proto/ovsdb/operation.ts';
import type { RequestOutcome } from './rpc-error.ts';

/** The server refused a transaction: nothing of it was done. */
export class TransactionError extends Error {
  readonly failure: TransactionFailure;
  /** The operation that was refused; undefined: the commit was. */
  readonly operation: Operation | undefined;
  readonly outcome: RequestOutcome;

  constructor(failure: TransactionFailure, operations: readonly Operation[]) {
    const operation = failure.index === undefined ? undefined : operations[failure.index];
    const where =
      operation === undefined ? 'commit' : `${operation.op}${'table' in operation ? ` ${operation.table}` : ''}`;
    super(`${where}: ${formatErrorValue(failure)}`);
    this.name = 'TransactionError';
    this.failure = failure;
    this.operation = operation;
    // A leader that lost its cluster cannot say what becomes of what it had sent to the others.
    this.outcome = failure.error === 'cluster error' ? 'unknown' : 'nothing';
  }
}

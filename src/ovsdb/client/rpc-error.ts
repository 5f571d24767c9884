/** Why a request has no result, and what is known of its outcome. */
import { decodeErrorValue, type ErrorValue, formatErrorValue } from '../../../proto/ovsdb/error.ts';
import type { Json } from '../../../proto/ovsdb/json.ts';

/** nothing: the server did nothing of it · unknown: it may have been carried out; read the database to find out. */
export type RequestOutcome = 'nothing' | 'unknown';

/** A cluster may have passed a transaction on before it was canceled or its leader was lost. */
const openErrors: readonly string[] = ['canceled', 'cluster error'] satisfies ErrorValue['error'][];

/** The peer answered a request with an error. */
export class RpcError extends Error {
  readonly method: string;
  readonly value: ErrorValue;
  readonly outcome: RequestOutcome;

  constructor(method: string, json: Json, outcome?: RequestOutcome) {
    const value = decodeErrorValue(json);
    super(`${method}: ${formatErrorValue(value)}`);
    this.name = 'RpcError';
    this.method = method;
    this.value = value;
    this.outcome = outcome ?? (openErrors.includes(value.error) ? 'unknown' : 'nothing');
  }
}

/** The connection ended before the answer, or had ended before the request. */
export class ConnectionClosedError extends Error {
  readonly outcome: RequestOutcome;

  constructor(reason: string, outcome: RequestOutcome = 'unknown') {
    super(reason);
    this.name = 'ConnectionClosedError';
    this.outcome = outcome;
  }
}

/** No answer in time. */
export class RequestTimeoutError extends Error {
  readonly outcome: RequestOutcome = 'unknown';

  constructor(method: string, timeout: number) {
    super(`${method}: no answer within ${timeout / 1000} s`);
    this.name = 'RequestTimeoutError';
  }
}

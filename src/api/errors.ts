/** What the API answers when it cannot do what was asked: `{ error: { code, message, hint?, problems? } }`. */

import type { PlanProblem } from './network-plan.ts';
import { type JsonSchemas, list, object, ref, request, text } from './shapes/schema.ts';

export interface ErrorBody {
  error: { code: string; message: string; hint?: string; problems?: PlanProblem[] };
}

export interface ApiError extends Error {
  apiError: { status: number; code: string; hint: string | undefined; problems: PlanProblem[] | undefined };
}

/** `problems`: those of a file, each with its line. */
export function apiError(
  status: number,
  code: string,
  message: string,
  hint?: string,
  problems?: PlanProblem[],
): ApiError {
  return Object.assign(new Error(message), { apiError: { status, code, hint, problems } });
}

/** Of what the HTTP library itself refuses. */
const HINTS: ReadonlyMap<number, string> = new Map([
  [400, 'a body is one JSON object (`jq . FILE` shows where it is none); paths and queries are percent-encoded'],
  [413, 'send less: the text of a file may have about a million bytes, other bodies a thousand'],
]);

/** Any thrown value as a status and a body. What is not ours and not the client's fault tells nothing of our inside. */
export function errorAnswer(error: unknown): { status: number; body: ErrorBody; unexpected: boolean } {
  if (isApiError(error)) {
    const { status, code, hint, problems } = error.apiError;
    const body = errorBody(code, error.message, hint);
    if (problems !== undefined) body.error.problems = problems;
    return { status, body, unexpected: false };
  }
  const status = statusCodeOf(error);
  if (status !== undefined && status >= 400 && status < 500 && error instanceof Error) {
    return { status, body: errorBody('bad-request', error.message, HINTS.get(status)), unexpected: false };
  }
  const body = errorBody('internal', 'the request failed inside Flowloom', "Flowloom's log has the reason");
  return { status: 500, body, unexpected: true };
}

export function errorBody(code: string, message: string, hint?: string): ErrorBody {
  return { error: hint === undefined ? { code, message } : { code, message, hint } };
}

function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && 'apiError' in error;
}

function statusCodeOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

export const errorSchemas: JsonSchemas = {
  Error: object<ErrorBody>({
    error: request<ErrorBody['error']>({ code: text, message: text, hint: text, problems: list(ref('PlanProblem')) }, [
      'hint',
      'problems',
    ]),
  }),
};

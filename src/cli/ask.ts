/** Asks a running Flowloom's REST API; what goes wrong is said in a person's words. */

import { type Command, InvalidArgumentError } from 'commander';
import type { Problem } from '../config/problem.ts';

export const API = 'http://127.0.0.1:8080';

/** The options of every command that asks a Flowloom that runs. */
export interface AskFlags {
  api: string;
  json?: boolean;
}

export interface AskOptions {
  /** `http://127.0.0.1:8080` */
  api: string;
  json: boolean;
  token: string | undefined;
  /** Where none need run: what else can be asked for. */
  otherwise?: string;
}

export type Answer<T> =
  | { ok: true; body: T }
  /** `unreachable`: nothing listens there. `problems`: those of the file that was sent. */
  | { ok: false; unreachable: boolean; message: string; code?: string | undefined; problems?: Problem[] | undefined };

export function addAskOptions(command: Command, api = 'of the Flowloom that runs'): Command {
  return command.option('--api <url>', api, address, API).option('--json', 'as JSON');
}

function address(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : undefined;
  if (protocol === 'http:' || protocol === 'https:') return text;
  throw new InvalidArgumentError(`give a URL like ${API}.`);
}

export function askOptions({ api, json }: AskFlags): AskOptions {
  return { api, json: json === true, token: process.env.FLOWLOOM_TOKEN };
}

const PATIENCE_MS = 60_000;

/** Why no connection came about. */
const NOBODY: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/** The answer's JSON, or undefined after saying on stderr why there is none. */
export async function ask<T>(options: AskOptions, path: string, body?: object): Promise<T | undefined> {
  const answer = await reach<T>(options, path, body);
  if (answer.ok) return answer.body;
  process.stderr.write(`${answer.message}\n`);
  return undefined;
}

/** Without `body` a GET, with it a POST of it. */
export async function reach<T>(options: AskOptions, path: string, body?: object): Promise<Answer<T>> {
  const { api, token } = options;
  let response: Response;
  try {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const posted =
      body === undefined
        ? { headers }
        : { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
    response = await fetch(new URL(`/api/v1/${path}`, api), { ...posted, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError')
      return { ok: false, unreachable: false, message: `${api} gave no answer within ${PATIENCE_MS / 1000} s` };
    const { code, message: told } = causeOf(error);
    if (code === undefined || !NOBODY.has(code)) {
      return { ok: false, unreachable: false, message: `name a Flowloom with --api: ${api} can't be asked: ${told}` };
    }
    const otherwise = options.otherwise === undefined ? '' : `, or ${options.otherwise}`;
    const message = `start Flowloom first, or name it with --api${otherwise}: nothing answers at ${api}`;
    return { ok: false, unreachable: true, message };
  }
  const told = (await response.json().catch(() => undefined)) as (T & { error?: Refusal }) | undefined;
  if (response.ok && told !== undefined) return { ok: true, body: told };
  const refusal = told?.error;
  if (typeof refusal?.message !== 'string') {
    const what = response.ok ? 'no JSON' : `HTTP ${response.status}`;
    const message = `name a Flowloom with --api: what answers at ${api} seems to be none (${what})`;
    return { ok: false, unreachable: false, message };
  }
  const { code, problems } = refusal;
  return { ok: false, unreachable: false, message: wordsOf(refusal, options), code, problems };
}

interface Refusal {
  code: string;
  message: string;
  hint?: string;
  problems?: Problem[];
}

/** Begins with what to do. */
function wordsOf({ code, message, hint }: Refusal, { api, token }: AskOptions): string {
  if (code === 'token-wanted') {
    const what = token === undefined ? 'set FLOWLOOM_TOKEN to the token' : 'set another FLOWLOOM_TOKEN, the one';
    return `${what} that the Flowloom at ${api} was started with: ${message}`;
  }
  return hint === undefined ? `${api}: ${message}` : `${hint}: ${message} (${api})`;
}

/** fetch tells why it failed in the error's cause; that of several addresses in its first error. */
function causeOf(error: unknown): { code: string | undefined; message: string } {
  const { cause = error } = error as { cause?: unknown };
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  const { code, message = String(first) } = (first ?? {}) as { code?: string; message?: string };
  return { code, message };
}

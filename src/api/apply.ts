/** What `/api/v1/apply`, `confirm`, `release` and `config` take and answer: the part of the API that changes something. */

import { type NetworkPlan, type PlanRequest, planFields } from './network-plan.ts';
import { type JsonSchemas, list, object, orNull, ref, request, text, time } from './shapes/schema.ts';

export interface ApplyRequest extends PlanRequest {
  /** Seconds within which it must be confirmed, or the file before it comes back. */
  confirm?: number;
}

export interface Applied {
  /** As its lines are told. */
  file: string;
  /** What differed, and so was, or is being, changed. */
  plan: NetworkPlan;
  /** It goes back unless it is confirmed. */
  unconfirmed: Unconfirmed | null;
  /** What counts at the next start, and at SIGHUP, where that is another file. */
  notes: string[];
}

/** A file in force that nobody has confirmed yet. */
export interface Unconfirmed {
  id: string;
  /** Milliseconds since 1970; then the file before it comes back. */
  until: number;
  /** The file that comes back. */
  back: string;
}

/** `id`: of one certain file; without it, of whichever waits. */
export interface ConfirmRequest {
  id?: string;
}

/** The file in force. What is secret in it is not shown. */
export interface ConfigStatus {
  file: string;
  loadedAt: number;
  /** Why the file as it was read last can't be used; null: it is the one in force. */
  error: string | null;
  unconfirmed: Unconfirmed | null;
  text: string;
  /** Every default filled in, every name resolved. */
  model: Record<string, unknown>;
}

export interface ApplySource {
  /** Rejects with an error of the API where the file can't be used; then nothing was changed. */
  apply(request: ApplyRequest): Promise<Applied>;
  confirm(request: ConfirmRequest): Promise<Unconfirmed>;
  /** undefined: there is no file. */
  config(): ConfigStatus | undefined;
}

export const applySchemas: JsonSchemas = {
  ApplyRequest: request<ApplyRequest>(
    {
      ...planFields,
      folder: {
        type: 'string',
        description: "The file's folder; default: that of the file that Flowloom was started with",
      },
      confirm: { type: 'integer', description: 'Seconds after which the file before comes back, unless confirmed' },
    },
    ['folder', 'confirm'],
  ),
  Applied: object<Applied>({
    file: text,
    plan: ref('NetworkPlan'),
    unconfirmed: orNull(ref('Unconfirmed')),
    notes: list(text),
  }),
  Unconfirmed: object<Unconfirmed>({
    id: text,
    until: { ...time, description: 'Milliseconds since 1970; then the file before comes back' },
    back: { type: 'string', description: 'The file that comes back' },
  }),
  ConfirmRequest: request<ConfirmRequest>(
    { id: { type: 'string', description: 'Of the file to be confirmed; default: whichever waits' } },
    ['id'],
  ),
  ConfigStatus: object<ConfigStatus>({
    file: text,
    loadedAt: time,
    error: orNull(text),
    unconfirmed: orNull(ref('Unconfirmed')),
    text,
    model: { type: 'object', description: 'Every default filled in, every name resolved' },
  }),
};

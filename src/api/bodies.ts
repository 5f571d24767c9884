/** The bodies of POSTs, checked. */
import type { ApplyRequest, ConfirmRequest } from './apply.ts';
import { apiError } from './errors.ts';
import type { PlanRequest } from './network-plan.ts';
import type { ReleaseRequest } from './release.ts';
import type { TraceRequest } from './trace.ts';

/** Bytes; a file of 10,000 ports or rules has about half of them. Reading one holds everything else up meanwhile. */
export const LARGEST_PLAN_REQUEST = 1 << 20;

/** Bytes: some hundred frames in hexadecimal digits. */
export const LARGEST_TRACE_REQUEST = 1 << 20;

const LONGEST_PATH = 4096;

/** A day: longer is no fear of having locked oneself out. */
const LONGEST_CONFIRM = 86_400;

export function planRequest(body: unknown): PlanRequest {
  const { file, text, folder, ...others } = fieldsOf(body, 'send {"file": NAME, "text": THE FILE}');
  refuseOthers(others, 'file, text and folder');
  if (!isPath(file)) throw wrong('"file" is no path', 'give the name by which problems are to call the file');
  if (typeof text !== 'string') throw wrong('"text" is no text', "give the file's whole text");
  if (folder !== undefined && !isPath(folder)) throw wrong('"folder" is no path', 'leave it out, or give a path');
  return folder === undefined ? { file, text } : { file, text, folder };
}

export function applyRequest(body: unknown): ApplyRequest {
  const { confirm, ...others } = fieldsOf(body, 'send {"file": NAME, "text": THE FILE}');
  if (confirm === undefined) return planRequest(others);
  const isFine = typeof confirm === 'number' && Number.isInteger(confirm) && confirm > 0 && confirm <= LONGEST_CONFIRM;
  if (!isFine) throw wrong('"confirm" is no number of seconds', `give a whole number from 1 to ${LONGEST_CONFIRM}`);
  return { ...planRequest(others), confirm };
}

export function confirmRequest(body: unknown): ConfirmRequest {
  const { id, ...others } = fieldsOf(body, 'send {}, or {"id": ID}');
  refuseOthers(others, 'id');
  if (id === undefined) return {};
  if (typeof id !== 'string') throw wrong('"id" is no text', 'give the id that "apply" answered, or none');
  return { id };
}

export function releaseRequest(body: unknown): ReleaseRequest {
  const { anyway, dropController, ...others } = fieldsOf(body, 'send {}');
  refuseOthers(others, 'anyway and dropController');
  for (const [name, value] of Object.entries({ anyway, dropController }))
    if (value !== undefined && typeof value !== 'boolean')
      throw wrong(`"${name}" is no yes or no`, 'give true or false');
  return {
    ...(anyway === undefined ? {} : { anyway: anyway === true }),
    ...(dropController === undefined ? {} : { dropController: dropController === true }),
  };
}

export function traceRequest(body: unknown): TraceRequest {
  const { words, frames, in: port, ctNext, reply, ...others } = fieldsOf(body, 'send {"words": "from PORT …"}');
  refuseOthers(others, 'words, frames, in, ctNext and reply');
  for (const [name, value] of Object.entries({ words, in: port }))
    if (value !== undefined && typeof value !== 'string') throw wrong(`"${name}" is no text`, 'give it as text');
  for (const [name, value] of Object.entries({ frames, ctNext }))
    if (value !== undefined && !isTexts(value)) throw wrong(`"${name}" is no list of texts`, 'give a list of texts');
  if (reply !== undefined && typeof reply !== 'boolean') throw wrong('"reply" is no yes or no', 'give true or false');
  const given = Object.entries({ words, frames, in: port, ctNext, reply }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function fieldsOf(body: unknown, hint: string): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw wrong('the body is no JSON object', hint);
}

function refuseOthers(others: object, known: string): void {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong(`"${unknown}" is not known`, `it takes ${known}`);
}

function isPath(value: unknown): value is string {
  // Names go into lines of text.
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_PATH && !/\p{Cc}/u.test(value);
}

function wrong(message: string, hint: string) {
  return apiError(400, 'bad-body', message, hint);
}

/** The body of a POST to /api/v1/plan, checked. */
import { apiError } from './errors.ts';
import type { PlanRequest } from './network-plan.ts';

/** Bytes; a file of 10,000 ports or rules has about half of them. Reading one holds everything else up meanwhile. */
export const LARGEST_PLAN_REQUEST = 1 << 20;

const LONGEST_PATH = 4096;

export function planRequest(body: unknown): PlanRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw wrong('the body is no JSON object', 'send {"file": NAME, "text": THE FILE}');
  }
  const { file, text, folder, ...others } = body as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong(`"${unknown}" is not known`, 'it takes file, text and folder');
  if (!isPath(file)) throw wrong('"file" is no path', 'give the name by which problems are to call the file');
  if (typeof text !== 'string') throw wrong('"text" is no text', "give the file's whole text");
  if (folder !== undefined && !isPath(folder)) throw wrong('"folder" is no path', 'leave it out, or give a path');
  return folder === undefined ? { file, text } : { file, text, folder };
}

function isPath(value: unknown): value is string {
  // Names go into lines of text.
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_PATH && !/\p{Cc}/u.test(value);
}

function wrong(message: string, hint: string) {
  return apiError(400, 'bad-body', message, hint);
}

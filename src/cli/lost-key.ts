/**
 * Keys of JSON that its message's bytes don't have. Encoders read what they know and would pass over a misspelt key
 * that is optional; JSON.parse drops one of two that are the same. Both are refused, or a flow would lack a condition.
 */

import { OPENFLOW_1_4 } from '../../proto/openflow/message.ts';

type JsonObject = Record<string, unknown>;

export interface Comparison {
  /** The path of the first key that was given and not read back. */
  lost: string | undefined;
  /** How many keys all objects that were given have, if none is lost. */
  keys: number;
}

/** `given` is what was encoded, `read` what decoding its bytes gave. */
export function compareKeys(given: unknown, read: unknown): Comparison {
  const comparison: Comparison = { lost: undefined, keys: 0 };
  walk(given, read, '', comparison);
  return comparison;
}

function walk(given: unknown, read: unknown, path: string, found: Comparison): void {
  if (typeof given !== 'object' || given === null) return;
  if (Array.isArray(given)) {
    const items = Array.isArray(read) ? read : [];
    // Flags are texts and numbers, and may be fewer or more when read back.
    for (let i = 0; i < given.length && found.lost === undefined; i++) {
      if (typeof given[i] === 'object') walk(given[i], items[i], `${path}${i}.`, found);
    }
    return;
  }
  const own = given as JsonObject;
  const known = typeof read === 'object' && read !== null ? (read as JsonObject) : {};
  const type = typeof own.type === 'string' ? own.type : undefined;
  // What was given raw may be read back by its name.
  const raw = (type === 'unknown' || type === 'experimenter') && known.type !== type ? RAW : undefined;
  const here = type === undefined ? path : `${path}${type}.`;
  for (const key of Object.keys(own)) {
    found.keys++;
    if (raw !== undefined ? !raw.has(key) : !Object.hasOwn(known, key)) {
      if (key === 'version' && own.version === OPENFLOW_1_4 && Object.hasOwn(known, 'xid')) continue;
      found.lost = here + key;
    } else if (typeof own[key] === 'object') walk(own[key], known[key], `${here}${key}.`, found);
    if (found.lost !== undefined) return;
  }
}

/** Keys of `unknown` and of every `experimenter`. */
const RAW = new Set(['type', 'code', 'body', 'data', 'experimenter', 'experimenterType', 'xid', 'version']);

/** How many keys the text seems to have: as many as there are, or more where a text in it looks like one. */
export function keysInText(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    let next = at + 1;
    while (text.charCodeAt(next) === 32 || text.charCodeAt(next) === 9) next++;
    if (text.charCodeAt(next) === 58) count++;
  }
  return count;
}

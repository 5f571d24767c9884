/** `flowloom encode`: a line of JSON in, one message or a line of `flowloom decode`; a line of hex out. */

import { type Message, message, OPENFLOW_1_4 } from '../../proto/openflow/message.ts';
import { EncodeError } from '../../proto/wire/encode-error.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { readMessage } from './decode.ts';
import { jsonFault } from './json-fault.ts';
import { convertLines, type LineStreams, PROCESS_STREAMS } from './line-stream.ts';
import { errorLine, hexOf, type LineError, MAX_LINE_BYTES, TOO_LONG, unforeseen } from './message-json.ts';

export const ENCODE_HELP = `
Each line is one message as "flowloom decode" writes it, or a whole line of its output. Each gives one line: hex, or
  {"ok":false,"error":{"message":…,"path":…,"offset":…}}  why it can't be written, in which field, after how many bytes
64-bit numbers are "0x…" (or plain numbers below 2^53), bytes are hex digits. A line of an error is passed on.

Examples:
  echo '{"type":"barrierRequest","xid":1}' | flowloom encode
  flowloom decode < messages.hex | sed s/old/new/ | flowloom encode
`;

type JsonObject = Record<string, unknown>;

export function runEncode(streams: LineStreams = PROCESS_STREAMS): Promise<number> {
  return convertLines({ convert: encodeLine, tooLong: TOO_LONG, maxBytes: MAX_LINE_BYTES }, streams);
}

/** One line, whatever stands in it. */
export function encodeLine(line: string): string {
  const text = line.trim();
  if (text === '') return refused('an empty line: a message in JSON belongs here');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const fault = jsonFault(text) ?? { message: 'no JSON', offset: 0 };
    return errorLine({ ...fault, path: '' });
  }
  if (!isObject(value)) return refused('is no object with a "type"');
  // A key that stands twice: JSON.parse drops one, and nobody would know.
  if ((text.match(/"\s*:/g)?.length ?? 0) !== countKeys(value)) {
    const fault = jsonFault(text);
    if (fault !== undefined) return errorLine({ ...fault, path: '' });
  }
  if (!('ok' in value)) return encodeValue(value);
  if (value.ok === false && isObject(value.error)) return text;
  if (value.ok !== true || !('message' in value)) return refused('has "ok", but is no line of flowloom decode');
  const strange = Object.keys(value).find((key) => key !== 'ok' && key !== 'message' && key !== 'reencoded');
  if (strange !== undefined) return refused(`nothing is known of this key beside "message"`, strange);
  return encodeValue(value.message);
}

const writer = new Writer(0x10000);

function encodeValue(value: unknown): string {
  writer.position = 0;
  try {
    message.encode(writer, value as Message);
  } catch (cause) {
    if (!(cause instanceof EncodeError)) return errorLine(unforeseen(cause));
    // The path stands in front of the message as well, for those who see nothing else.
    const plain = cause.message.replace(`[${cause.path}] `, '');
    return errorLine({ message: plain, path: cause.path, offset: writer.position });
  }
  const bytes = writer.finish();
  const read = readMessage(bytes);
  if ('error' in read) return errorLine(read.error);
  const lost = lostKey(value, read.message, '');
  if (lost !== undefined) {
    const error: LineError = { message: 'nothing is known of this key here', path: lost, offset: bytes.length };
    return errorLine(error);
  }
  return hexOf(bytes);
}

/**
 * The path of a key that the bytes don't have: encoders read what they know and would pass over a misspelt one that
 * is optional. What was written in raw form, as `unknown` or `experimenter`, may be read back by its name.
 */
function lostKey(given: unknown, read: unknown, path: string): string | undefined {
  if (typeof given !== 'object' || given === null || typeof read !== 'object' || read === null) return undefined;
  if (Array.isArray(given)) {
    if (!Array.isArray(read)) return undefined;
    for (let i = 0; i < given.length; i++) {
      const lost = lostKey(given[i], read[i], `${path}${i}.`);
      if (lost !== undefined) return lost;
    }
    return undefined;
  }
  const own = given as JsonObject;
  const known = read as JsonObject;
  const type = typeof own.type === 'string' ? own.type : undefined;
  if (type !== known.type && (type === 'unknown' || type === 'experimenter')) return undefined;
  const here = type === undefined ? path : `${path}${type}.`;
  for (const key in own) {
    if (!Object.hasOwn(known, key)) {
      if (key === 'version' && own.version === OPENFLOW_1_4 && Object.hasOwn(known, 'xid')) continue;
      return here + key;
    }
    const lost = lostKey(own[key], known[key], `${here}${key}.`);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** All keys of all objects in it; without recursion, as its depth is a stranger's. */
function countKeys(value: object): number {
  let count = 0;
  const left: object[] = [value];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const isList = Array.isArray(next);
    for (const key in next) {
      if (!isList) count++;
      const inner = (next as JsonObject)[key];
      if (typeof inner === 'object' && inner !== null) left.push(inner);
    }
  }
  return count;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(why: string, path = ''): string {
  return errorLine({ message: why, path, offset: 0 });
}

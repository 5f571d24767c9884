/** `flowloom encode`: a line of JSON in, one message or a line of `flowloom decode`; a line of hex out. */

import type { Command } from 'commander';
import { type Message, message } from '../../proto/openflow/message.ts';
import { EncodeError } from '../../proto/wire/encode-error.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { readMessage } from './decode.ts';
import { jsonFault } from './json-fault.ts';
import { convertLines, type LineStreams, PROCESS_STREAMS } from './line-stream.ts';
import { compareKeys, keysInText } from './lost-key.ts';
import { errorLine, hexOf, MAX_LINE_BYTES, TOO_LONG, unforeseen } from './message-json.ts';

const ENCODE_HELP = `
Each line is one message as "flowloom decode" writes it, or a whole line of its output. Each gives one line: hex, or
  {"ok":false,"error":{"message":…,"path":…,"offset":…}}  why it can't be written, in which field, after how many bytes
64-bit numbers are "0x…" (or plain numbers below 2^53), bytes are hex digits. A line of an error is passed on.

Examples:
  echo '{"type":"barrierRequest","xid":1}' | flowloom encode
  flowloom decode < messages.hex | sed s/old/new/ | flowloom encode
`;

type JsonObject = Record<string, unknown>;

function runEncode(streams: LineStreams = PROCESS_STREAMS): Promise<number> {
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
    if (/^[0-9a-f]+$/i.test(text)) return refused('is hex: "flowloom decode" reads that');
    const fault = jsonFault(text) ?? { message: 'no JSON', offset: 0 };
    return errorLine({ ...fault, path: '' });
  }
  if (!isObject(value)) return refused('is no object with a "type"');
  if (!('ok' in value)) return encodeValue(value, text, 0);
  if (value.ok === false && isObject(value.error)) return text;
  if (value.ok !== true || !('message' in value)) return refused('has "ok", but is no line of flowloom decode');
  const strange = Object.keys(value).find((key) => key !== 'ok' && key !== 'message' && key !== 'reencoded');
  if (strange !== undefined) return refused('would be lost: nothing is known of this key beside "message"', strange);
  return encodeValue(value.message, text, Object.keys(value).length);
}

const writer = new Writer(0x10000);

/** `outside`: how many keys of the text are not the message's. */
function encodeValue(value: unknown, text: string, outside: number): string {
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
  if ('error' in read) return errorLine({ ...read.error, message: `can't be read back: ${read.error.message}` });
  const { lost, keys } = compareKeys(value, read.message);
  if (lost !== undefined) {
    return errorLine({ message: 'would be lost: nothing is known of this key here', path: lost, offset: bytes.length });
  }
  if (keysInText(text) !== keys + outside) {
    const twice = jsonFault(text);
    if (twice !== undefined) return errorLine({ ...twice, path: '' });
  }
  return hexOf(bytes);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(why: string, path = ''): string {
  return errorLine({ message: why, path, offset: 0 });
}

export function addEncode(program: Command): void {
  program
    .command('encode')
    .description('messages in JSON from standard input, a line each, as lines of hex')
    .addHelpText('after', ENCODE_HELP)
    .action(async () => {
      process.exitCode = await runEncode();
    });
}

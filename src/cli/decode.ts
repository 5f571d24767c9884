/** `flowloom decode`: a line of hex in, one OpenFlow message; a line of JSON out. */

import type { Command } from 'commander';
import { HEADER_LENGTH, type Message, message } from '../../proto/openflow/message.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { EncodeError } from '../../proto/wire/encode-error.ts';
import { Reader } from '../../proto/wire/reader.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { convertLines, type LineStreams, PROCESS_STREAMS } from './line-stream.ts';
import {
  errorLine,
  foreignVersion,
  hexOf,
  type LineError,
  MAX_LINE_BYTES,
  messageJson,
  TOO_LONG,
  unforeseen,
} from './message-json.ts';

const MAX_MESSAGE = 0xffff;
const MAX_TYPE = 0xff;

const DECODE_HELP = `
Each line of hex is one OpenFlow 1.4 message, header included; blanks, colons and 0x do no harm. Each gives one line:
  {"ok":true,"message":…,"reencoded":"hex"}               what it says, and its bytes as Flowloom writes them
  {"ok":false,"error":{"message":…,"path":…,"offset":…}}  why it can't be read, in which field, at which byte

Examples:
  echo 0514000800000001 | flowloom decode
  flowloom decode < messages.hex | jq .message.type
  flowloom decode < messages.hex | flowloom encode        the same messages again
`;

function runDecode(streams: LineStreams = PROCESS_STREAMS): Promise<number> {
  return convertLines({ convert: decodeLine, tooLong: TOO_LONG, maxBytes: MAX_LINE_BYTES }, streams);
}

/** One line, whatever stands in it. */
export function decodeLine(line: string): string {
  const bytes = bytesOf(line.trim());
  if (!(bytes instanceof Uint8Array)) return errorLine(bytes);
  const read = readMessage(bytes);
  if ('error' in read) return errorLine(read.error);
  try {
    return `{"ok":true,"message":${messageJson(read.message)},"reencoded":"${hexOf(encodeAgain(read.message))}"}`;
  } catch (cause) {
    if (!(cause instanceof EncodeError)) return errorLine(unforeseen(cause));
    return errorLine({ message: `is read, but can't be written again: ${cause.message}`, path: cause.path, offset: 0 });
  }
}

const writer = new Writer(MAX_MESSAGE + 1);

function encodeAgain(value: Message): Uint8Array {
  writer.position = 0;
  message.encode(writer, value);
  return writer.finish();
}

/** The message that the bytes are, all of them, or why they are none. Shared with `encode`, which writes nothing else. */
export function readMessage(bytes: Uint8Array): { message: Message } | { error: LineError } {
  const error = headerError(bytes);
  if (error !== undefined) return { error };
  try {
    const value = message.decode(new Reader(bytes));
    const foreign = foreignInside(value);
    return foreign === undefined ? { message: value } : { error: foreign };
  } catch (cause) {
    if (!(cause instanceof DecodeError)) return { error: unforeseen(cause) };
    return { error: { message: cause.message, path: cause.path, offset: cause.offset } };
  }
}

/** Which message inside the message is of another version; it starts `at` bytes behind the first, for `path`. */
function foreignInside(outer: Message, at = 0, path = ''): LineError | undefined {
  let inner: Message;
  if (outer.type === 'bundleAdd') {
    inner = outer.message;
    at += 2 * HEADER_LENGTH;
    path += 'bundleAdd.message.';
  } else if (outer.type === 'requestForward') {
    inner = outer.request;
    at += HEADER_LENGTH;
    path += 'requestForward.request.';
  } else return undefined;
  if (inner.version === undefined) return foreignInside(inner, at, path);
  // Not even a hello of another version belongs here.
  return { message: foreignVersion(inner.version, MAX_TYPE)!, path: `${path}version`, offset: at };
}

/** What the header alone tells to be wrong. */
function headerError(bytes: Uint8Array): LineError | undefined {
  const have = bytes.length;
  if (have < HEADER_LENGTH) {
    return { message: `${have} bytes are no message: its header alone has 8`, path: '', offset: have };
  }
  const foreign = foreignVersion(bytes[0]!, bytes[1]!);
  if (foreign !== undefined) return { message: foreign, path: 'version', offset: 0 };
  const length = (bytes[2]! << 8) | bytes[3]!;
  if (length < HEADER_LENGTH) {
    return { message: `a length of ${length} does not even hold the header`, path: 'length', offset: 2 };
  }
  if (have < length) {
    const message = `cut short: its header says ${length} bytes, the line has ${have}`;
    return { message, path: 'length', offset: have };
  }
  if (have > length) {
    const message = `the message ends after ${length} bytes, the line has ${have}: one message per line`;
    return { message, path: 'length', offset: length };
  }
  return undefined;
}

const scratch = Buffer.alloc(MAX_MESSAGE);

/** The bytes, valid until the next call; blanks, colons and `0x` between them do no harm. */
function bytesOf(text: string): Uint8Array | LineError {
  const plain = readHex(text);
  if (plain !== undefined) return plain;
  const digits = text.replace(/\b0x|[\s:]/gi, '');
  if (digits === '') return { message: 'an empty line: a message in hex belongs here', path: '', offset: 0 };
  if (text.startsWith('{')) return { message: 'is JSON: "flowloom encode" reads that', path: '', offset: 0 };
  const strange = /[^0-9a-f]/i.exec(digits);
  if (strange !== null) {
    const column = text.indexOf(strange[0]) + 1;
    const message = `${JSON.stringify(strange[0])} in column ${column} is no hex digit`;
    return { message, path: '', offset: strange.index >> 1 };
  }
  const offset = digits.length >> 1;
  if (digits.length % 2 === 1)
    return { message: 'an odd number of hex digits: half a byte is missing', path: '', offset };
  if (offset > MAX_MESSAGE)
    return { message: `${offset} bytes: a message has at most 65535`, path: '', offset: MAX_MESSAGE };
  return readHex(digits)!;
}

function readHex(digits: string): Uint8Array | undefined {
  if (digits.length === 0 || digits.length % 2 === 1 || digits.length > 2 * MAX_MESSAGE) return undefined;
  // Stops at the first character that is no digit.
  const length = scratch.write(digits, 'hex');
  return 2 * length === digits.length ? scratch.subarray(0, length) : undefined;
}

export function addDecode(program: Command): void {
  program
    .command('decode')
    .description('OpenFlow messages in hex from standard input, a line each, as lines of JSON')
    .addHelpText('after', DECODE_HELP)
    .action(async () => {
      process.exitCode = await runDecode();
    });
}

/** Messages as JSON: bigints as "0x…", bytes as hex digits, nothing lost; and the lines that say what went wrong. */

import { OPENFLOW_1_4 } from '../../proto/openflow/message.ts';

/** The JSON text of a decoded message. Written by hand: a replacer for JSON.stringify takes several times as long. */
export function messageJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `"0x${value.toString(16)}"`;
    case 'object':
      break;
    default:
      return String(value);
  }
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `"${hexOf(value)}"`;
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${messageJson(item)}`;
    return `[${text}]`;
  }
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key];
    // Keys are the schemas' own names and need no escapes.
    if (field !== undefined) text += `${text === '' ? '' : ','}"${key}":${messageJson(field)}`;
  }
  return `{${text}}`;
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** `path`: the way from the message to the field. `offset`: which one each command says for itself. */
export interface LineError {
  message: string;
  path: string;
  offset: number;
}

export function errorLine({ message, path, offset }: LineError): string {
  return JSON.stringify({ ok: false, error: { message, path, offset } });
}

/** Something that no check foresaw still answers its own line only, and says whose mistake it is. */
export function unforeseen(cause: unknown): LineError {
  return { message: `a mistake of Flowloom's, please report it: ${String(cause)}`, path: '', offset: 0 };
}

/** A line of JSON of the largest message is far below. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

export const TOO_LONG = errorLine({
  message: `the line has more than ${MAX_LINE_BYTES} bytes: one message per line`,
  path: '',
  offset: MAX_LINE_BYTES,
});

/** Hello, error, echo request and reply: the same in every version. */
const TYPES_OF_ALL_VERSIONS = 3;
const VERSION_NAMES = ['', '1.0', '1.1', '1.2', '1.3', '1.4', '1.5'];

/** Why a message with this header can't be read as one of OpenFlow 1.4, or undefined. */
export function foreignVersion(version: number, code: number): string | undefined {
  if (version === OPENFLOW_1_4 || (version !== 0 && code <= TYPES_OF_ALL_VERSIONS)) return undefined;
  const name = VERSION_NAMES[version] ?? '';
  const said = name === '' ? `version ${version}, which is no OpenFlow` : `version ${version}, OpenFlow ${name}`;
  return `${said}: only 1.4 (version 5) is read, and hello, error and echo of any version`;
}

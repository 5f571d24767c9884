/** Cuts a stream of bytes into JSON texts (RFC 7047 §4: no other framing), wherever it was split. Never holds more than one unfinished text. */
import { isUtf8 } from 'node:buffer';
import type { Json } from '../../../proto/ovsdb/json.ts';
import { parseJson } from '../../../proto/ovsdb/json-text.ts';
import { createScan, findEnd } from './json-scan.ts';

export interface FramerLimits {
  /** Bytes of one text. */
  size: number;
  /** Arrays and objects inside each other. */
  depth: number;
}

export const defaultFramerLimits: FramerLimits = { size: 64 * 1024 * 1024, depth: 1000 };

/** The stream is not what it should be; nothing after it can be understood. */
export class FramingError extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'FramingError';
  }
}

export interface Framer {
  /** Takes what was received; throws a FramingError, after which the stream is lost. */
  push(chunk: Uint8Array): void;
  /** Whether the stream stands inside a text. */
  readonly unfinished: boolean;
}

const smallestHold = 64 * 1024;

/** `onText` is called with each complete text, in order. */
export function createFramer(onText: (json: Json) => void, limits: FramerLimits = defaultFramerLimits): Framer {
  /** Earlier bytes of the text that is being read, in a buffer that doubles: any number of chunks costs linear time. */
  let held = Buffer.alloc(0);
  let heldBytes = 0;
  const scan = createScan();
  let failed: FramingError | undefined;

  function push(chunk: Uint8Array): void {
    if (failed !== undefined) throw failed;
    try {
      cut(chunk);
    } catch (error) {
      if (error instanceof FramingError) {
        failed = error;
        held = Buffer.alloc(0);
      }
      throw error;
    }
  }

  function cut(chunk: Uint8Array): void {
    let start = 0;
    while (start < chunk.length) {
      if (scan.depth === 0) start = findStart(chunk, start);
      const end = findEnd(scan, chunk, start, limits.depth);
      if (scan.depth > limits.depth) throw new FramingError(`JSON nested deeper than ${limits.depth}`);
      if (end < 0) hold(chunk.subarray(start));
      else finish(chunk.subarray(start, end));
      start = end < 0 ? chunk.length : end;
    }
  }

  function hold(part: Uint8Array): void {
    const bytes = heldBytes + part.length;
    if (bytes > limits.size) throw tooLong();
    if (bytes > held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(limits.size, 2 * held.length), smallestHold));
      held.copy(larger, 0, 0, heldBytes);
      held = larger;
    }
    held.set(part, heldBytes);
    heldBytes = bytes;
  }

  function finish(last: Uint8Array): void {
    if (heldBytes + last.length > limits.size) throw tooLong();
    let bytes = Buffer.from(last.buffer, last.byteOffset, last.length);
    if (heldBytes > 0) {
      hold(last);
      bytes = held.subarray(0, heldBytes);
    }
    heldBytes = 0;
    const json = parse(bytes, scan.longNumbers);
    if (held.length > smallestHold) held = Buffer.alloc(0);
    onText(json);
  }

  function tooLong(): FramingError {
    return new FramingError(`a JSON text longer than ${limits.size} bytes`);
  }

  return {
    push,
    get unfinished() {
      return scan.depth > 0;
    },
  };
}

function parse(bytes: Buffer, longNumbers: boolean): Json {
  if (!isUtf8(bytes)) throw new FramingError('JSON that is not UTF-8');
  try {
    return parseJson(bytes.toString('utf8'), longNumbers);
  } catch (error) {
    throw new FramingError(`broken JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function findStart(chunk: Uint8Array, from: number): number {
  for (let index = from; index < chunk.length; index++) {
    const byte = chunk[index]!;
    if (byte === 0x7b || byte === 0x5b) return index;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
      throw new FramingError(`a JSON object was expected, found byte 0x${byte.toString(16).padStart(2, '0')}`);
    }
  }
  return chunk.length;
}

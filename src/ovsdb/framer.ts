/** Cuts a stream of bytes into JSON texts (RFC 7047 §4: no other framing), wherever it was split. Never holds more than one unfinished text. */
import { isUtf8 } from 'node:buffer';
import type { Json } from '../../proto/ovsdb/json.ts';

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

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** `onText` is called with each complete text, in order. */
export function createFramer(onText: (json: Json) => void, limits: FramerLimits = defaultFramerLimits): Framer {
  /** Earlier chunks of the text that is being read. */
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let failed: FramingError | undefined;

  function push(chunk: Uint8Array): void {
    if (failed !== undefined) throw failed;
    try {
      scan(chunk);
    } catch (error) {
      if (error instanceof FramingError) {
        failed = error;
        held = [];
      }
      throw error;
    }
  }

  // Bytes of a multi-byte character are all 0x80 and above, so that looking at single bytes is safe.
  function scan(chunk: Uint8Array): void {
    let start = 0;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inString = false;
      } else if (depth === 0) {
        if (byte === openBrace || byte === openBracket) {
          depth = 1;
          start = index;
        } else if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
          throw new FramingError(`a JSON object was expected, found byte 0x${byte.toString(16).padStart(2, '0')}`);
        }
      } else if (byte === quote) inString = true;
      else if (byte === openBrace || byte === openBracket) {
        depth++;
        if (depth > limits.depth) throw new FramingError(`JSON nested deeper than ${limits.depth}`);
      } else if (byte === closeBrace || byte === closeBracket) {
        depth--;
        if (depth === 0) {
          finish(chunk.subarray(start, index + 1));
          start = index + 1;
        }
      }
    }
    if (depth > 0) hold(chunk.subarray(start));
  }

  function hold(part: Uint8Array): void {
    heldBytes += part.length;
    if (heldBytes > limits.size) throw tooLong();
    held.push(part);
  }

  function finish(last: Uint8Array): void {
    if (heldBytes + last.length > limits.size) throw tooLong();
    const bytes =
      held.length === 0 ? Buffer.from(last.buffer, last.byteOffset, last.length) : Buffer.concat([...held, last]);
    held = [];
    heldBytes = 0;
    onText(parse(bytes));
  }

  function tooLong(): FramingError {
    return new FramingError(`a JSON text longer than ${limits.size} bytes`);
  }

  return {
    push,
    get unfinished() {
      return depth > 0;
    },
  };
}

function parse(bytes: Buffer): Json {
  if (!isUtf8(bytes)) throw new FramingError('JSON that is not UTF-8');
  try {
    return JSON.parse(bytes.toString('utf8')) as Json;
  } catch (error) {
    throw new FramingError(`broken JSON: ${error instanceof Error ? error.message : error}`);
  }
}

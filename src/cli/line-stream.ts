/**
 * Line in, line out, over a stream: as many lines out as in and in their order, with bounded memory and backpressure.
 * Whole chunks are read and written, so that a million lines take seconds.
 */

import type { Readable, Writable } from 'node:stream';

export interface LineStreams {
  input: Readable;
  output: Writable;
  error(text: string): void;
}

export const PROCESS_STREAMS: LineStreams = {
  get input() {
    return process.stdin;
  },
  get output() {
    return process.stdout;
  },
  error: (text) => process.stderr.write(text),
};

export interface LineConverter {
  /** The line that answers this one; neither has its end. */
  convert(line: string): string;
  /** What answers a line of more than `maxBytes`. */
  tooLong: string;
  maxBytes: number;
}

const NEWLINE = 10;

/** The exit code: 0, also when the reader goes away; 1 when reading or writing itself fails. */
export async function convertLines(converter: LineConverter, streams: LineStreams): Promise<number> {
  const { input, output } = streams;
  let answers = '';
  const splitter = createLineSplitter(converter.maxBytes, (line) => {
    answers += `${line === undefined ? converter.tooLong : converter.convert(line)}\n`;
  });
  // Each write's own callback has the error; without a listener it would end the process as well.
  const ignore = () => undefined;
  output.on('error', ignore);
  try {
    for await (const chunk of input) {
      splitter.push(chunk as Buffer);
      if (answers === '') continue;
      await write(output, answers);
      answers = '';
    }
    splitter.end();
    if (answers !== '') await write(output, answers);
    return 0;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') return 0;
    streams.error(`flowloom: ${message}\n`);
    return 1;
  } finally {
    output.off('error', ignore);
  }
}

/** Resolves when the output has taken it, which is what holds back the reading. */
function write(output: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(text, (error) => (error == null ? resolve() : reject(error)));
  });
}

interface LineSplitter {
  push(chunk: Buffer): void;
  /** A last line without its end is a line too. */
  end(): void;
}

/** `take` gets undefined for a line that is longer than `maxBytes`; no more than that is ever kept. */
function createLineSplitter(maxBytes: number, take: (line: string | undefined) => void): LineSplitter {
  let parts: Buffer[] = [];
  let size = 0;
  let tooLong = false;

  function keep(part: Buffer): void {
    size += part.length;
    if (size > maxBytes) {
      tooLong = true;
      parts = [];
    } else if (!tooLong && part.length > 0) parts.push(part);
  }

  function finish(): void {
    const line = tooLong ? undefined : Buffer.concat(parts).toString('utf8');
    parts = [];
    size = 0;
    tooLong = false;
    take(line);
  }

  return {
    push(chunk) {
      let at = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
        if (size === 0 && end - at <= maxBytes) take(chunk.toString('utf8', at, end));
        else {
          keep(chunk.subarray(at, end));
          finish();
        }
        at = end + 1;
      }
      if (at < chunk.length) keep(chunk.subarray(at));
    },
    end() {
      if (size > 0) finish();
    },
  };
}

/** Matches and instructions, each alone, by generated code (proto/wire/compile.ts); its errors are the interpreted codec's. */

import type { AnyCodec, Infer } from '../wire/codec.ts';
import { type Compiler, canCompile, createCompiler } from '../wire/compile.ts';
import type { Decode } from '../wire/compile-decode.ts';
import type { Encode } from '../wire/compile-encode.ts';
import { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { compiledActions } from './action-compiled.ts';
import { instructions } from './instruction.ts';
import { match } from './match.ts';
import { matchDecoder } from './match-decoder.ts';
import { matchEncoder } from './match-encoder.ts';

let made: Compiler | undefined;

function compiler(): Compiler {
  made ??= createCompiler([
    { codec: match, encode: matchEncoder(), decode: matchDecoder() },
    ...compiledActions(compiler),
  ]);
  return made;
}

function fast<C extends AnyCodec>(codec: C): (writer: Writer, value: Infer<C>) => void {
  let encode: Encode | undefined;
  return (writer, value) => {
    const { position, depth } = writer;
    try {
      encode ??= canCompile() ? compiler().encoder(codec) : codec.encode;
      encode(writer, value);
    } catch {
      writer.position = position;
      writer.depth = depth;
      codec.encode(writer, value as never);
    }
  };
}

export const encodeMatch = fast(match);
export const encodeInstructions = fast(instructions);

let decodeWith: Decode | undefined;

/** All of the bytes, which the values may keep views of. */
export function decodeInstructions(bytes: Uint8Array): Infer<typeof instructions> {
  try {
    decodeWith ??= canCompile() ? compiler().decoder(instructions) : instructions.decode;
    const reader = new Reader(bytes);
    const value = decodeWith(reader) as Infer<typeof instructions>;
    if (reader.remaining === 0) return value;
  } catch {
    // The interpreted codec says why.
  }
  return instructions.decode(new Reader(bytes));
}

/** Matches and instructions, each alone, by generated code (proto/wire/compile.ts); its errors are the interpreted codec's. */

import type { AnyCodec, Infer } from '../wire/codec.ts';
import { type Compiler, canCompile, createCompiler } from '../wire/compile.ts';
import type { Encode } from '../wire/compile-encode.ts';
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

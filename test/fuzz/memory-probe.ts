// A process that does nothing but decode (node --expose-gc): messages come on its standard input, and for each a line of
// JSON goes out, how many bytes of memory its value takes, or why it is refused. Values of other code would change how
// V8 keeps numbers in values of the same members.
import { decodeMessage } from '../../proto/openflow/message.ts';

const collect = globalThis.gc as () => void;
/** Values of a message at a time: the more, the less counts what is not theirs. Few show which are worth many. */
const FEW = 4;
const MANY = 24;
/** Times the message's bytes. */
const WORTH_MANY = 6;

const kept: unknown[] = [];

function memoryOf(message: Uint8Array): number | string {
  try {
    // The code of a kind is made with its first messages.
    for (let i = 0; i < 2; i++) decodeMessage(message);
  } catch (error) {
    return (error as Error).message;
  }
  const memory = measured(message, FEW);
  return memory > WORTH_MANY * message.length ? measured(message, MANY) : memory;
}

function measured(message: Uint8Array, times: number): number {
  const copies = Array.from({ length: times }, () => message.slice());
  kept.length = 0;
  collect();
  const before = process.memoryUsage().heapUsed;
  for (const copy of copies) kept.push(decodeMessage(copy));
  collect();
  return (process.memoryUsage().heapUsed - before) / times;
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const all = Buffer.concat(chunks);
for (let at = 0; at < all.length; ) {
  const end = at + all.readUInt16BE(at + 2);
  process.stdout.write(`${JSON.stringify(memoryOf(Uint8Array.from(all.subarray(at, end))))}\n`);
  at = end;
}

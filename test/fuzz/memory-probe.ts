// A process that does nothing but decode (node --expose-gc). In: a line for each test, messages in base64 between blanks.
// Out: how many times their bytes the values take of memory, or why they are refused, a line of JSON each. Values of other
// code would change how V8 keeps numbers in values of the same members.
import { createInterface } from 'node:readline';
import { decodeMessage } from '../../proto/openflow/message.ts';

const collect = globalThis.gc as () => void;
/** Values at a time: the more, the less counts what is not theirs. Few show which are worth many. */
const FEW = 4;
const MANY = 24;
/** Times the bytes. */
const WORTH_MANY = 6;

const kept: unknown[] = [];

function timesOf(messages: readonly Uint8Array[]): number | string {
  const sound: Uint8Array[] = [];
  let why = '';
  for (const message of messages) {
    try {
      // The code of a kind is made with its first messages.
      for (let i = 0; i < 2; i++) decodeMessage(message);
      sound.push(message);
    } catch (error) {
      why = (error as Error).message;
    }
  }
  if (sound.length === 0) return why;
  const times = measured(sound, FEW);
  return times > WORTH_MANY ? measured(sound, MANY) : times;
}

function measured(messages: readonly Uint8Array[], count: number): number {
  const copies = Array.from({ length: count }, (_, i) => messages[i % messages.length]!.slice());
  const bytes = copies.reduce((sum, { length }) => sum + length, 0);
  kept.length = 0;
  collect();
  const before = process.memoryUsage().heapUsed;
  for (const copy of copies) kept.push(decodeMessage(copy));
  collect();
  return (process.memoryUsage().heapUsed - before) / bytes;
}

for await (const line of createInterface({ input: process.stdin })) {
  const messages = line.split(' ').map((text) => Uint8Array.from(Buffer.from(text, 'base64')));
  process.stdout.write(`${JSON.stringify(timesOf(messages))}\n`);
}

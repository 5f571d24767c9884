// Run by compiled.test.ts in a process that may not make functions from text: every message of the labs there and back.
import { decodeMessage, encodeMessage } from '../../proto/openflow/message.ts';
import { canCompile } from '../../proto/wire/compile.ts';
import { labMessages } from '../oracle/lab-messages.ts';

if (canCompile()) throw new Error('this process may make functions from text');
let count = 0;
for (const bytes of labMessages()) {
  if (Buffer.compare(encodeMessage(decodeMessage(bytes)), bytes) !== 0)
    throw new Error(Buffer.from(bytes).toString('hex'));
  count++;
}
process.stdout.write(`${count} messages\n`);

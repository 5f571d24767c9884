// Sound messages to start from: those of the labs, and some of every kind that the codec has a schema for.
import fc from 'fast-check';
import { encodeMessage } from '../../proto/openflow/message.ts';
import { labMessages } from '../oracle/lab-messages.ts';
import { MESSAGE_KINDS } from '../property/openflow-messages.ts';

const OF_EACH_KIND = 40;

export function corpus(seed: number): Uint8Array[] {
  const generated = MESSAGE_KINDS.flatMap(([, message]) =>
    fc.sample(message, { numRuns: OF_EACH_KIND, seed }).map((value) => encodeMessage(value).slice()),
  );
  return [...labMessages().filter((bytes) => bytes.length < 2000), ...generated];
}

/** Matches and instructions by generated code have the bytes that the interpreted codecs give them. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeInstructions, encodeMatch } from '../../proto/openflow/compiled-parts.ts';
import { instructions } from '../../proto/openflow/instruction.ts';
import { match } from '../../proto/openflow/match.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { MESSAGE_KINDS } from './openflow-messages.ts';

function bytesOf(write: (writer: Writer) => void): string {
  const writer = new Writer(64);
  try {
    write(writer);
  } catch (error) {
    return String(error);
  }
  return Buffer.from(writer.finish()).toString('hex');
}

test('of any flow', () => {
  const flowMods = MESSAGE_KINDS.find(([name]) => name === 'flowMod')?.[1] as fc.Arbitrary<unknown>;
  let seen = 0;
  fc.assert(
    fc.property(flowMods as fc.Arbitrary<never>, (flow: { match: never; instructions: never }) => {
      seen++;
      expect(bytesOf((writer) => encodeMatch(writer, flow.match))).toBe(
        bytesOf((writer) => match.encode(writer, flow.match)),
      );
      expect(bytesOf((writer) => encodeInstructions(writer, flow.instructions))).toBe(
        bytesOf((writer) => instructions.encode(writer, flow.instructions)),
      );
    }),
  );
  expect(seen).toBeGreaterThan(90);
});

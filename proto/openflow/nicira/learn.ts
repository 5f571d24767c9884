/**
 * NXAST_LEARN and NXAST_LEARN2: the switch itself adds a flow made from the packet (nicira-ext.h). Open vSwitch sends
 * the second where there is a limit or a place for the result; only there it takes the flag `writeResult`.
 */

import { type Codec, type Infer, structure } from '../../wire/codec.ts';
import { Unrecognized } from '../../wire/decode-error.ts';
import { EncodeError, inside } from '../../wire/encode-error.ts';
import { flags } from '../../wire/flags.ts';
import { ROOM } from '../../wire/memory.ts';
import { decodePart, encodePart } from '../../wire/part.ts';
import { u8, u16, u32, u64 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { checkSubfield, fieldHeader, type Subfield, soundSubfield } from '../subfield.ts';
import { type LearnSpec, learnSpecs } from './learn-spec.ts';

const WRITE_RESULT = 4;
const learnFlags = flags(u16, { sendFlowRem: 1, deleteLearned: 2, writeResult: WRITE_RESULT });

const common = {
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  cookie: u64,
  flags: learnFlags,
  table: u8,
  pad: padding(1),
  finIdleTimeout: u16,
  finHardTimeout: u16,
};

export const learn = structure('nx_action_learn', struct({ ...common, specs: learnSpecs }, 'learn'));
export type Learn = Infer<typeof learn>;

export interface Learn2 {
  type: 'learn2';
  idleTimeout: number;
  hardTimeout: number;
  priority: number;
  cookie: bigint;
  flags: readonly ('sendFlowRem' | 'deleteLearned' | 'writeResult' | number)[];
  table: number;
  finIdleTimeout: number;
  finHardTimeout: number;
  /** Flows that it may have made at a time; 0: any number. */
  limit: number;
  /** The bit that says whether the flow could be made: with the flag `writeResult`, and only with it. */
  resultDst?: Subfield;
  specs: readonly LearnSpec[];
}

const head = struct({ ...common, limit: u32, resultDstOffset: u16, pad2: padding(2) });

function writesResult(list: Learn2['flags']): boolean {
  return list.some((flag) => flag === 'writeResult' || (typeof flag === 'number' && (flag & WRITE_RESULT) !== 0));
}

/** Its offset stands in the head. */
function checkResult(value: Learn2): void {
  if (writesResult(value.flags) !== (value.resultDst !== undefined)) {
    throw new EncodeError('stands exactly where the flags have "writeResult"', 'resultDst');
  }
  if (value.resultDst === undefined) return;
  try {
    checkSubfield(value.resultDst);
    if (value.resultDst.bits !== 1) throw new EncodeError(`is ${value.resultDst.bits} bits; the result is one`, 'bits');
  } catch (error) {
    throw inside(error, 'resultDst');
  }
}

export const learn2: Codec<Learn2> = structure('nx_action_learn2', {
  form: { kind: 'custom', parts: [head, fieldHeader, learnSpecs] },
  encode(writer, value) {
    if (Array.isArray(value.flags)) checkResult(value);
    head.encode(writer, { ...value, resultDstOffset: value.resultDst?.offset ?? 0 });
    if (value.resultDst !== undefined) fieldHeader.encode(writer, value.resultDst);
    encodePart(writer, value, 'specs', learnSpecs);
  },
  decode(reader) {
    const { resultDstOffset: offset, ...fixed } = head.decode(reader);
    const value: Learn2 = { type: 'learn2', ...fixed, specs: [] };
    if (writesResult(value.flags)) {
      value.resultDst = soundSubfield(decodePart(reader, 'resultDst', fieldHeader), offset, 1, reader);
    } else if (offset !== 0)
      throw new Unrecognized('has a bit for the result, which it does not write', reader.position);
    value.specs = decodePart(reader, 'specs', learnSpecs);
    reader.spend(ROOM);
    return value;
  },
});

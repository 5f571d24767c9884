/**
 * NXAST_OUTPUT_REG, _REG2 and _TRUNC: outputs to the port that a field's bits hold, or the packet's first bytes alone
 * (nicira-ext.h). _REG2 has room for a field with an experimenter's header; Open vSwitch uses it for those only.
 */

import type { Codec } from '../../wire/codec.ts';
import { structure } from '../../wire/codec.ts';
import { inside } from '../../wire/encode-error.ts';
import { decodePart, encodePart } from '../../wire/part.ts';
import { u16, u32 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import {
  checkSubfield,
  fieldHeader,
  offsetAndBits,
  packedSubfield,
  type Subfield,
  soundSubfield,
} from '../subfield.ts';
import { shortPort } from './short-port.ts';

export const outputReg = structure(
  'nx_action_output_reg',
  struct({ from: packedSubfield, maxLen: u16, pad: padding(6) }, 'outputReg'),
);

export interface OutputReg2 {
  type: 'outputReg2';
  from: Subfield;
  /** How much of the packet, where the port is the controller. */
  maxLen: number;
}

export const outputReg2: Codec<OutputReg2> = structure('nx_action_output_reg2', {
  encode(writer, value) {
    try {
      checkSubfield(value.from);
      offsetAndBits.encode(writer, value.from);
    } catch (error) {
      throw inside(error, 'from');
    }
    encodePart(writer, value, 'maxLen', u16);
    fieldHeader.encode(writer, value.from);
  },
  decode(reader) {
    const { offset, bits } = offsetAndBits.decode(reader);
    const maxLen = decodePart(reader, 'maxLen', u16);
    const named = decodePart(reader, 'from', fieldHeader);
    reader.padding();
    return { type: 'outputReg2', from: soundSubfield(named, offset, bits, reader), maxLen };
  },
});

export const outputTrunc = structure('nx_action_output_trunc', struct({ port: shortPort, maxLen: u32 }, 'outputTrunc'));

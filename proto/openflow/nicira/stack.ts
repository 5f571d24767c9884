/** NXAST_STACK_PUSH and NXAST_STACK_POP: a field's bits to and from the packet's own stack (nicira-ext.h). */

import { type Codec, structure } from '../../wire/codec.ts';
import { weighed } from '../../wire/memory.ts';
import { u16 } from '../../wire/scalars.ts';
import { alignment } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { checkSubfield, fieldHeader, type Subfield, soundSubfield } from '../subfield.ts';

/** Offset, header of four or eight bytes, bits: any number of them. */
export const stackSubfield: Codec<Subfield> = weighed({
  encode(writer, value) {
    checkSubfield(value);
    u16.encode(writer, value.offset);
    fieldHeader.encode(writer, value);
    u16.encode(writer, value.bits);
  },
  decode(reader) {
    const offset = reader.u16();
    const named = fieldHeader.decode(reader);
    return soundSubfield(named, offset, reader.u16(), reader);
  },
});

/** Both take 24 bytes, ten of which stand before this. */
const pad = alignment(14);

export const stackPush = structure('nx_action_stack', struct({ from: stackSubfield, pad }, 'stackPush'));
export const stackPop = structure('nx_action_stack', struct({ to: stackSubfield, pad }, 'stackPop'));

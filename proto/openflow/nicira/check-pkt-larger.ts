/** NXAST_CHECK_PKT_LARGER: sets one bit of a field where the packet is longer than so many bytes (nicira-ext.h). */

import { type Codec, structure } from '../../wire/codec.ts';
import { EncodeError } from '../../wire/encode-error.ts';
import { weighed } from '../../wire/memory.ts';
import { u16 } from '../../wire/scalars.ts';
import { alignment } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { checkSubfield, fieldHeader, type Subfield, soundSubfield } from '../subfield.ts';

/** Offset and header; that it is one bit goes without saying. */
export const bitOfField: Codec<Subfield> = weighed({
  encode(writer, value) {
    checkSubfield(value);
    if (value.bits !== 1) throw new EncodeError(`is ${value.bits} bits; the result is one`, 'bits');
    u16.encode(writer, value.offset);
    fieldHeader.encode(writer, value);
  },
  decode(reader) {
    const offset = reader.u16();
    return soundSubfield(fieldHeader.decode(reader), offset, 1, reader);
  },
});

export const checkPktLarger = structure(
  'nx_action_check_pkt_larger',
  struct({ pktLen: u16, to: bitOfField, pad: alignment(14) }, 'checkPktLarger'),
);

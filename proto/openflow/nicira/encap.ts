/**
 * NXAST_ENCAP and NXAST_DECAP: put a header around the packet, or take it off (nicira-ext.h). What the new header is
 * to hold stands in properties with headers of their own kind: ofp_ed_prop_header, padded to 8 bytes.
 */

import { type Codec, structure } from '../../wire/codec.ts';
import { DecodeError } from '../../wire/decode-error.ts';
import { EncodeError } from '../../wire/encode-error.ts';
import { list } from '../../wire/list.ts';
import { weighed } from '../../wire/memory.ts';
import { encodePart } from '../../wire/part.ts';
import { rest, u8, u16, u32 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';

const HEAD = 4;

export interface EncapProperty {
  /** 4: of NSH. */
  propClass: number;
  /** Of NSH: 1 the kind of metadata, 2 a TLV. */
  propType: number;
  data: Uint8Array;
}

export const encapProperty: Codec<EncapProperty> = structure(
  'ofp_ed_prop_header',
  weighed({
    encode(writer, value) {
      const start = writer.position;
      encodePart(writer, value, 'propClass', u16);
      encodePart(writer, value, 'propType', u8);
      writer.u8(0);
      encodePart(writer, value, 'data', rest);
      const length = writer.position - start;
      if (length > 0xff) throw new EncodeError(`is ${length} bytes long; its length field holds at most 255`, 'data');
      const end = writer.position;
      writer.position = start + 3;
      writer.u8(length);
      writer.position = end;
      writer.align(start, 8);
    },
    decode(reader) {
      const start = reader.position;
      const propClass = reader.u16();
      const propType = reader.u8();
      const length = reader.u8();
      if (length < HEAD)
        throw new DecodeError(`a length of ${length} does not even hold its header`, start + 3, 'length');
      const data = reader.slice(length - HEAD);
      reader.take((8 - (length % 8)) % 8);
      return { propClass, propType, data };
    },
  }),
);

export const encap = structure(
  'nx_action_encap',
  struct(
    {
      /** In bytes; 0: as the kind has it. */
      hdrSize: u16,
      /** Namespace in the upper 16 bits, type in the lower: 0x1894f is NSH, 0 Ethernet. */
      newPktType: u32,
      properties: list(encapProperty),
    },
    'encap',
  ),
);

/** 0xfffe as the new type: what the header taken off says. */
export const decap = structure('nx_action_decap', struct({ pad: padding(2), newPktType: u32 }, 'decap'));

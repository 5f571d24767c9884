/** Which option of a tunnel (of Geneve, say) is which of the fields tunMetadata0 to tunMetadata63 (nicira-ext.h). */

import { type Infer, structure } from '../../wire/codec.ts';
import { enumeration } from '../../wire/enumeration.ts';
import { list } from '../../wire/list.ts';
import { u8, u16, u32 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';

const tlvMap = structure(
  'nx_tlv_map',
  struct({
    optionClass: u16,
    optionType: u8,
    /** Bytes of the option's value, a multiple of 4: how wide the field is. */
    optionLen: u8,
    /** n of tunMetadata‹n›. */
    index: u16,
    pad: padding(2),
  }),
);
export type TlvMap = Infer<typeof tlvMap>;

const maps = list(tlvMap);

export const tlvTableMod = structure(
  'nx_tlv_table_mod',
  struct({ command: enumeration(u16, { add: 0, delete: 1, clear: 2 }), pad: padding(6), maps }, 'tlvTableMod'),
);

export const tlvTableRequest = struct({}, 'tlvTableRequest');

export const tlvTableReply = structure(
  'nx_tlv_table_reply',
  struct({ maxOptionSpace: u32, maxFields: u16, reserved: padding(10), maps }, 'tlvTableReply'),
);

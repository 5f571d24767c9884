/**
 * NXAST_CT: through conntrack, with `nat` and changes of ct_mark and ct_label nested (nicira-ext.h). Immediate zone
 * and the zone's bit range share one slot; table 255 says none; nested actions are padded to 8 each.
 */

import type { Codec } from '../../wire/codec.ts';
import { flags } from '../../wire/flags.ts';
import { list } from '../../wire/list.ts';
import { u8, u16 } from '../../wire/scalars.ts';
import { decodeFieldHeader, encodeShortFieldHeader } from '../oxm.ts';
import { offsetAndBits, type Subfield } from '../subfield.ts';

const ctFlags = flags(u16, { commit: 1, force: 2 });
const NO_TABLE = 0xff;

export interface Ct<A> {
  type: 'ct';
  flags: ('commit' | 'force' | number)[];
  /** A number, or the bits of a field that hold it. */
  zone: number | Subfield;
  /** Where a copy of the packet goes on, with ct_state set; without it the packet goes on here, untracked. */
  table?: number;
  /** Port of the application-level gateway: 21 (FTP), 69 (TFTP), 0 none. */
  alg: number;
  actions: A[];
}

export function ct<A>(action: Codec<A>): Codec<Ct<A>> {
  const actions = list(action);
  return {
    encode(writer, value) {
      ctFlags.encode(writer, value.flags);
      if (typeof value.zone === 'number') {
        writer.u32(0);
        u16.encode(writer, value.zone);
      } else {
        encodeShortFieldHeader(writer, value.zone.field);
        offsetAndBits.encode(writer, value.zone);
      }
      u8.encode(writer, value.table ?? NO_TABLE);
      writer.zeros(3);
      u16.encode(writer, value.alg);
      actions.encode(writer, value.actions);
    },
    decode(reader) {
      const flagged = ctFlags.decode(reader);
      const immediate = reader.view.getUint32(reader.take(4)) === 0;
      if (!immediate) reader.position -= 4;
      const field = immediate ? undefined : decodeFieldHeader(reader.sub(4));
      const zone = field === undefined ? reader.u16() : { field, ...offsetAndBits.decode(reader) };
      const table = reader.u8();
      reader.take(3);
      const alg = reader.u16();
      const value: Ct<A> = { type: 'ct', flags: flagged, zone, alg, actions: actions.decode(reader) };
      if (table !== NO_TABLE) value.table = table;
      return value;
    },
  };
}

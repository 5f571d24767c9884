/**
 * NXAST_CT: through conntrack, with `nat` and changes of ct_mark and ct_label nested (nicira-ext.h). Immediate zone
 * and the zone's bit range share one slot; table 255 says none; nested actions are padded to 8 each.
 */

import { type Codec, structure } from '../../wire/codec.ts';
import { EncodeError } from '../../wire/encode-error.ts';
import { flags } from '../../wire/flags.ts';
import { list } from '../../wire/list.ts';
import { decodePart, encodePart } from '../../wire/part.ts';
import { u8, u16 } from '../../wire/scalars.ts';
import { checkSubfield, offsetAndBits, type Subfield, shortFieldHeader, soundSubfield } from '../subfield.ts';

const ctFlags = flags(u16, { commit: 1, force: 2 });
const NO_TABLE = 0xff;

export interface Ct<A> {
  type: 'ct';
  flags: readonly ('commit' | 'force' | number)[];
  /** A number, or the bits of a field that hold it. */
  zone: number | Subfield;
  /** Where a copy of the packet goes on, with ct_state set; without it the packet goes on here, untracked. */
  table?: number;
  /** Port of the application-level gateway: 21 (FTP), 69 (TFTP), 0 none. */
  alg: number;
  actions: readonly A[];
}

const ctZone: Codec<number | Subfield> = {
  encode(writer, value) {
    if (typeof value === 'number') {
      writer.u32(0);
      u16.encode(writer, value);
      return;
    }
    checkSubfield(value);
    shortFieldHeader.encode(writer, value);
    offsetAndBits.encode(writer, value);
  },
  decode(reader) {
    // NXM_OF_IN_PORT's header is 2: no field's is 0.
    if (reader.u32() === 0) return reader.u16();
    reader.position -= 4;
    const named = shortFieldHeader.decode(reader);
    const { offset, bits } = offsetAndBits.decode(reader);
    return soundSubfield(named, offset, bits, reader);
  },
};

export function ct<A>(action: Codec<A>): Codec<Ct<A>> {
  const actions = list(action);
  return structure('nx_action_conntrack', {
    form: { kind: 'custom', parts: [actions] },
    encode(writer, value) {
      encodePart(writer, value, 'flags', ctFlags);
      encodePart(writer, value, 'zone', ctZone);
      if (value.table === undefined) writer.u8(NO_TABLE);
      else if (value.table === NO_TABLE) throw new EncodeError('of 255 is none: leave it out', 'table');
      else encodePart(writer, value, 'table', u8);
      writer.zeros(3);
      encodePart(writer, value, 'alg', u16);
      encodePart(writer, value, 'actions', actions);
    },
    decode(reader) {
      const flagged = decodePart(reader, 'flags', ctFlags);
      const zone = decodePart(reader, 'zone', ctZone);
      const table = decodePart(reader, 'table', u8);
      reader.take(3);
      const alg = decodePart(reader, 'alg', u16);
      const nested = decodePart(reader, 'actions', actions);
      if (table === NO_TABLE) return { type: 'ct', flags: flagged, zone, alg, actions: nested };
      return { type: 'ct', flags: flagged, zone, alg, actions: nested, table };
    },
  });
}

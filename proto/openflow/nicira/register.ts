/** NXAST_REG_LOAD and NXAST_REG_MOVE: an immediate or a field's bits into a run of bits of another (nicira-ext.h). */

import type { Codec } from '../../wire/codec.ts';
import { EncodeError } from '../../wire/encode-error.ts';
import { bigintOf } from '../../wire/scalars.ts';
import { decodeFieldHeader, encodeFieldHeader, encodeShortFieldHeader } from '../oxm.ts';
import { checkSubfield, offsetAndBits, type Subfield } from '../subfield.ts';

export interface RegisterLoad {
  type: 'regLoad';
  to: Subfield;
  value: bigint;
}

export const regLoad: Codec<RegisterLoad> = {
  encode(writer, { to, value }) {
    checkSubfield(to);
    offsetAndBits.encode(writer, to);
    encodeShortFieldHeader(writer, to.field);
    writer.u64(bigintOf(value, Math.min(to.bits, 64)));
  },
  decode(reader) {
    const run = offsetAndBits.decode(reader);
    const field = decodeFieldHeader(reader.sub(4));
    return { type: 'regLoad', to: { field, ...run }, value: reader.u64() };
  },
};

export interface RegisterMove {
  type: 'regMove';
  from: Subfield;
  to: Subfield;
}

export const regMove: Codec<RegisterMove> = {
  encode(writer, { from, to }) {
    checkSubfield(from);
    checkSubfield(to);
    if (from.bits !== to.bits) throw new EncodeError(`moves ${from.bits} bits into ${to.bits}`);
    writer.u16(from.bits);
    writer.u16(from.offset);
    writer.u16(to.offset);
    encodeFieldHeader(writer, from.field);
    encodeFieldHeader(writer, to.field);
  },
  decode(reader) {
    const bits = reader.u16();
    const fromOffset = reader.u16();
    const toOffset = reader.u16();
    const from = { field: decodeFieldHeader(reader), offset: fromOffset, bits };
    const to = { field: decodeFieldHeader(reader), offset: toOffset, bits };
    reader.padding();
    return { type: 'regMove', from, to };
  },
};

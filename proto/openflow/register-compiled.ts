/** NXAST_REG_LOAD and _REG_MOVE made fast for the fields whose header is four bytes (nicira-ext.h). */

import type { Replacement } from '../wire/compile.ts';
import type { Decode } from '../wire/compile-decode.ts';
import type { Encode } from '../wire/compile-encode.ts';
import { GIVE_UP } from '../wire/give-up.ts';
import { BIGINT, OBJECT, SLOT } from '../wire/memory.ts';
import { Reader } from '../wire/reader.ts';
import { bigintOf } from '../wire/scalars.ts';
import { Writer } from '../wire/writer.ts';
import { regLoad, regMove } from './nicira/register.ts';
import { decodeFieldHeader, encodeFieldHeader } from './oxm.ts';
import { FIELD_NAMES, type FieldName, fieldRow } from './oxm-fields.ts';
import type { Subfield } from './subfield.ts';

/** A field as Nicira's actions name it in four bytes. */
interface ShortField {
  name: FieldName;
  header: number;
  bits: number;
}

/** An action of three members, two of which are objects of three. */
const MOVE_MEMORY = 3 * (OBJECT + 3 * SLOT);
const LOAD_MEMORY = 2 * (OBJECT + 3 * SLOT) + BIGINT;

function shortFields(): ShortField[] {
  const found: ShortField[] = [];
  for (const name of FIELD_NAMES) {
    // Tunnel options have headers of several widths.
    if (fieldRow(name).kind === 'octets') continue;
    const writer = new Writer();
    encodeFieldHeader(writer, { field: name });
    const bytes = writer.finish();
    if (bytes.length !== 4 || decodeFieldHeader(new Reader(bytes)).field !== name) continue;
    found.push({ name, header: writer.view.getInt32(0), bits: fieldRow(name).bytes * 8 });
  }
  return found;
}

export function registerReplacements(): Replacement[] {
  const fields = shortFields();
  const byHeader = new Map(fields.map((field) => [field.header, field]));
  const byName = new Map<string, ShortField>(fields.map((field) => [field.name, field]));

  function fieldAt(view: DataView, at: number): ShortField {
    const field = byHeader.get(view.getInt32(at));
    if (field === undefined) throw GIVE_UP;
    return field;
  }

  function runAt(field: ShortField, offset: number, bits: number): Subfield {
    if (bits < 1 || offset + bits > field.bits) throw GIVE_UP;
    return { field: field.name, offset, bits };
  }

  function checked({ field, offset, bits, header }: Subfield): ShortField {
    const short = byName.get(field);
    if (short === undefined || header !== undefined || offset >>> 0 !== offset || bits >>> 0 !== bits) throw GIVE_UP;
    if (bits < 1 || offset + bits > short.bits) throw GIVE_UP;
    return short;
  }

  const decodeLoad: Decode = (reader) => {
    const { view } = reader;
    const at = reader.take(14) + reader.origin;
    const packed = view.getUint16(at);
    const bits = (packed & 0x3f) + 1;
    const to = runAt(fieldAt(view, at + 2), packed >> 6, bits);
    const value = view.getBigUint64(at + 6);
    if (BigInt.asUintN(bits, value) !== value) throw GIVE_UP;
    reader.spend(LOAD_MEMORY);
    return { type: 'regLoad', to, value };
  };

  const encodeLoad = (writer: Writer, { to, value }: { to: Subfield; value: bigint }): void => {
    const { header } = checked(to);
    const { offset, bits } = to;
    const whole = typeof value === 'bigint' ? value : bigintOf(value, 64);
    if (bits > 64 || offset > 1023 || BigInt.asUintN(bits, whole) !== whole) throw GIVE_UP;
    writer.room(14);
    const { view, position } = writer;
    view.setUint16(position, (offset << 6) | (bits - 1));
    view.setInt32(position + 2, header);
    view.setBigUint64(position + 6, whole);
    writer.position = position + 14;
  };

  const decodeMove: Decode = (reader) => {
    const { view } = reader;
    const at = reader.take(14) + reader.origin;
    const bits = view.getUint16(at);
    const from = runAt(fieldAt(view, at + 6), view.getUint16(at + 2), bits);
    const to = runAt(fieldAt(view, at + 10), view.getUint16(at + 4), bits);
    reader.padding();
    reader.spend(MOVE_MEMORY);
    return { type: 'regMove', from, to };
  };

  const encodeMove = (writer: Writer, { from, to }: { from: Subfield; to: Subfield }): void => {
    const first = checked(from);
    const second = checked(to);
    if (from.bits !== to.bits) throw GIVE_UP;
    writer.room(14);
    const { view, position } = writer;
    view.setUint16(position, from.bits);
    view.setUint16(position + 2, from.offset);
    view.setUint16(position + 4, to.offset);
    view.setInt32(position + 6, first.header);
    view.setInt32(position + 10, second.header);
    writer.position = position + 14;
  };

  return [
    { codec: regLoad, decode: decodeLoad, encode: encodeLoad as Encode },
    { codec: regMove, decode: decodeMove, encode: encodeMove as Encode },
  ];
}

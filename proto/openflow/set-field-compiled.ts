/** OFPAT_SET_FIELD made fast for the fields whose header is four bytes; the others as interpreted. */

import { ipv4Number, ipv4Text, macText, putMac } from '../wire/address.ts';
import type { Replacement } from '../wire/compile.ts';
import type { Encode } from '../wire/compile-encode.ts';
import { GIVE_UP } from '../wire/give-up.ts';
import { OBJECT, SLOT, weighed } from '../wire/memory.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type FieldKind, type FieldName, fieldRow } from './oxm-fields.ts';
import { hexAt, putHex } from './oxm-hex.ts';
import { headerOf, PLAIN_FIELDS, plainMemory } from './oxm-plain.ts';
import { type SetField, setField } from './set-field.ts';

interface PlainField {
  name: FieldName;
  kind: FieldKind;
  header: number;
  bytes: number;
  highest: number;
  memory: number;
}

function plainFields(): PlainField[] {
  const found: PlainField[] = [];
  for (const name of PLAIN_FIELDS) {
    const row = fieldRow(name);
    const { kind, bits, bytes } = row;
    if (kind === 'ipv6' || bytes === 3) continue;
    // As getInt32 reads it.
    const header = headerOf(name, false) | 0;
    const memory = OBJECT + 2 * SLOT + plainMemory(row, false);
    found.push({ name, kind, header, bytes, highest: 2 ** bits - 1, memory });
  }
  return found;
}

/** Longest: a header and 16 bytes. */
const LONGEST = 20;

export function setFieldReplacement(): Replacement {
  const fields = plainFields();
  const unusual = weighed(setField).decode;
  const byHeader = new Map(fields.map((field) => [field.header, field]));
  const byName = new Map<string, PlainField>(fields.map((field) => [field.name, field]));

  function valueAt(reader: Reader, at: number, { kind, bytes, highest }: PlainField): unknown {
    const { view, origin } = reader;
    switch (kind) {
      case 'number': {
        const value =
          bytes === 1 ? reader.bytes[at]! : bytes === 2 ? view.getUint16(at + origin) : view.getUint32(at + origin);
        if (value > highest) throw GIVE_UP;
        return value;
      }
      case 'bigint':
        return view.getBigUint64(at + origin);
      case 'mac':
        return macText(reader.bytes, at);
      case 'ipv4':
        return ipv4Text(view.getUint32(at + origin));
      default:
        return hexAt(reader.bytes, at, bytes);
    }
  }

  function put({ buffer, view }: Writer, at: number, { kind, bytes, highest }: PlainField, value: unknown): boolean {
    switch (kind) {
      case 'number': {
        const number = value as number;
        if (number >>> 0 !== number || number > highest) return false;
        if (bytes === 1) buffer[at] = number;
        else if (bytes === 2) view.setUint16(at, number);
        else view.setUint32(at, number);
        return true;
      }
      case 'bigint':
        if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value) return false;
        view.setBigUint64(at, value);
        return true;
      case 'mac':
        return typeof value === 'string' && putMac(buffer, at, value);
      case 'ipv4': {
        const address = typeof value === 'string' ? ipv4Number(value) : undefined;
        if (address !== undefined) view.setUint32(at, address);
        return address !== undefined;
      }
      default:
        return typeof value === 'string' && putHex(buffer, at, bytes, value);
    }
  }

  return {
    codec: setField,
    decode(reader) {
      const at = reader.position;
      const field = reader.remaining < 4 ? undefined : byHeader.get(reader.view.getInt32(at + reader.origin));
      if (field === undefined) return unusual(reader);
      reader.take(4 + field.bytes);
      reader.spend(field.memory);
      const value = valueAt(reader, at + 4, field);
      reader.padding();
      return { type: 'setField', field: field.name, value };
    },
    encode: ((writer: Writer, value: SetField) => {
      const field = byName.get(value.field);
      writer.room(LONGEST);
      const at = writer.position;
      if (field === undefined || !put(writer, at + 4, field, value.value)) {
        setField.encode(writer, value);
        return;
      }
      writer.view.setInt32(at, field.header);
      writer.position = at + 4 + field.bytes;
    }) as Encode,
  };
}

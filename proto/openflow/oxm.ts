/** OXM TLVs (OpenFlow 1.4, 7.2.2.2): one field's header, value and mask ⇄ bytes. */

import { type Codec, structure } from '../wire/codec.ts';
import { Unrecognized, within } from '../wire/decode-error.ts';
import { EncodeError, inside, shown } from '../wire/encode-error.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import {
  type FieldName,
  type FieldRow,
  type FieldValue,
  fieldOf,
  fieldRow,
  type Masked,
  OXM_FIELDS,
  type OxmHeader,
} from './oxm-fields.ts';
import {
  decodeUnknown,
  EXPERIMENTER_CLASS,
  headerInName,
  UNKNOWN_NAME,
  type UnknownFieldName,
  unknownBytes,
  unknownName,
} from './oxm-unknown.ts';
import { decodeValue, encodeValue, fits, isOctets, octetsIn } from './oxm-value.ts';

export type { UnknownFieldName } from './oxm-unknown.ts';

export interface OxmTlv {
  name: FieldName | UnknownFieldName;
  value: FieldValue | Masked<FieldValue>;
}

export function isField(name: unknown): name is FieldName {
  return typeof name === 'string' && Object.hasOwn(OXM_FIELDS, name);
}

export function isMasked(value: unknown): value is Masked<FieldValue> {
  return typeof value === 'object' && value !== null && 'mask' in value;
}

/** Which header a field has where it has two: that of OpenFlow 1.4, or Nicira's. */
export type HeaderForm = 'oxm' | 'nxm';

function headerOf({ header, nxm }: FieldRow, form: HeaderForm): OxmHeader {
  return form === 'nxm' ? (nxm ?? header) : header;
}

/** The name may come from a stranger's JSON. `anyMask`: fields take a mask too that have none in a match. */
export function encodeOxm(
  writer: Writer,
  name: string,
  value: FieldValue | Masked<FieldValue>,
  form: HeaderForm = 'oxm',
  anyMask = false,
): void {
  if (typeof name !== 'string') throw new EncodeError(`${shown(name)} is no field`, 'field');
  try {
    if (!isField(name)) {
      encodeUnknown(writer, name, value);
      return;
    }
    const row = fieldRow(name);
    const masked = isMasked(value);
    if (masked && !row.maskable && !anyMask) throw new EncodeError('cannot be masked');
    const bytes = row.kind === 'octets' ? octetsIn(masked ? value.value : value) : row.bytes;
    encodeHeader(writer, headerOf(row, form), bytes, masked);
    encodeValue(writer, row, masked ? value.value : value, bytes);
    if (masked) encodeValue(writer, row, value.mask, bytes);
  } catch (error) {
    throw inside(error, name);
  }
}

function encodeHeader(writer: Writer, header: OxmHeader, bytes: number, masked: boolean): void {
  const { experimenter } = header;
  const length = (masked ? 2 * bytes : bytes) + (experimenter === undefined ? 0 : 4);
  if (length > 0xff) throw new EncodeError(`is ${length} bytes long; its length field holds at most 255`);
  writer.u16(header.oxmClass);
  writer.u8((header.field << 1) | (masked ? 1 : 0));
  writer.u8(length);
  if (experimenter !== undefined) writer.u32(experimenter);
}

/** A field as a header without value names it. */
export interface NamedField {
  field: FieldName;
  /** Bytes of a tunnel option where the switch's TLV table gives it fewer than it could have. */
  width?: number;
  /** Where the header is OpenFlow's though the field has one of Nicira's: os-ken writes so. */
  header?: 'oxm';
}

/** The header alone, as Nicira's actions name a field: NXM where there is one, unless it says otherwise. */
export function encodeFieldHeader(writer: Writer, named: NamedField, form: HeaderForm = 'nxm'): void {
  const { field, width } = named;
  const row = fieldRow(field);
  if (named.header !== undefined && (named.header !== 'oxm' || row.nxm === undefined)) {
    throw new EncodeError(`${field} has no other header ${shown(named.header)}`, 'header');
  }
  if (width !== undefined && !(row.kind === 'octets' && isOctets(width))) {
    throw new EncodeError(`${field} has ${row.bytes} bytes, not ${shown(width)}`, 'width');
  }
  encodeHeader(writer, headerOf(row, named.header ?? form), width ?? row.bytes, false);
}

/** The same where an action has room for four bytes: fields with an experimenter's header do not fit. */
export function encodeShortFieldHeader(writer: Writer, named: NamedField): void {
  if (headerOf(fieldRow(named.field), named.header ?? 'nxm').experimenter !== undefined) {
    throw new EncodeError('has a header too long here', named.field);
  }
  encodeFieldHeader(writer, named);
}

/** Reads a header without value, which must be one that encodeFieldHeader writes. */
export function decodeFieldHeader(reader: Reader, form: HeaderForm = 'nxm'): NamedField {
  const at = reader.position;
  const oxmClass = reader.u16();
  const second = reader.u8();
  const length = reader.u8();
  const experimenter = oxmClass === EXPERIMENTER_CLASS ? reader.u32() : undefined;
  const name = fieldOf(oxmClass, second >> 1, experimenter);
  if (name !== undefined) {
    const row = fieldRow(name);
    const isOwn = headerOf(row, form).oxmClass === oxmClass;
    const width = row.bytes + (experimenter === undefined ? 0 : 4);
    if ((isOwn || form === 'nxm') && (second & 1) === 0) {
      if (length === width) return isOwn ? { field: name } : { field: name, header: 'oxm' };
      if (row.kind === 'octets' && isOctets(length)) return { field: name, width: length };
    }
  }
  throw new Unrecognized(`no field of ours has the header ${oxmClass.toString(16)}:${second >> 1}`, at);
}

export function decodeOxm(reader: Reader, form: HeaderForm = 'oxm', anyMask = false): OxmTlv {
  const oxmClass = reader.u16();
  const second = reader.u8();
  const length = reader.u8();
  const body = reader.sub(length);
  const field = second >> 1;
  const masked = (second & 1) === 1;
  const experimenter = oxmClass === EXPERIMENTER_CLASS ? body.u32() : undefined;
  const name = fieldOf(oxmClass, field, experimenter);
  const row = name === undefined ? undefined : fieldRow(name);
  const width = masked ? body.remaining / 2 : body.remaining;
  const unknownTlv = (): OxmTlv => {
    const header = experimenter === undefined ? { oxmClass, field } : { oxmClass, field, experimenter };
    body.spend(UNKNOWN_NAME);
    return { name: unknownName(header), value: decodeUnknown(body, masked) };
  };
  // A width, a class, bits or a mask that are not the table's: another form of the field; kept as it is.
  if (
    name === undefined ||
    row === undefined ||
    headerOf(row, form).oxmClass !== oxmClass ||
    !(row.kind === 'octets' ? isOctets(width) : width === row.bytes)
  ) {
    return unknownTlv();
  }
  const start = body.position;
  try {
    const value = decodeValue(body, row, width);
    const mask = masked ? decodeValue(body, row, width) : undefined;
    if (!fits(row, value) || (mask !== undefined && !fits(row, mask))) body.position = start;
    else if (mask === undefined) return { name, value };
    else if (row.maskable || anyMask) return { name, value: { value, mask } };
    else body.position = start;
  } catch (error) {
    throw within(error, name);
  }
  return unknownTlv();
}

/** One field as a codec of its own; one of class 0xffff has the experimenter's number behind its header (7.2.2.8). */
export const oxmTlv: Codec<OxmTlv> = structure('ofp_oxm_experimenter_header', {
  encode: (writer, { name, value }) => encodeOxm(writer, name, value),
  decode: (reader) => decodeOxm(reader),
});

function encodeUnknown(writer: Writer, name: string, value: FieldValue | Masked<FieldValue>): void {
  const header = headerInName(name);
  if (header === undefined) throw new EncodeError('is no field');
  const [bytes, mask] = unknownBytes(value);
  encodeHeader(writer, header, bytes.length, mask !== undefined);
  writer.bytes(bytes);
  if (mask !== undefined) writer.bytes(mask);
}

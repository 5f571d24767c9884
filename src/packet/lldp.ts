/** LLDP (IEEE 802.1AB): who sends by which port, as a list of type-length-values. */

import { Parser } from 'binary-parser/dist/binary_parser.js';
import { holds, joined, putU16, putU24, u16, u24 } from './bytes.ts';

/** To the nearest bridge, which never forwards it (7.1). */
export const LLDP_NEAREST_BRIDGE = '01:80:c2:00:00:0e';

/** How an id is to be read (tables 8-2 and 8-3), of the many the two that Flowloom writes itself. */
export const CHASSIS_LOCALLY_ASSIGNED = 7;
export const PORT_LOCALLY_ASSIGNED = 7;

export interface LldpId {
  subtype: number;
  /** 1 to 255 bytes. */
  id: Uint8Array;
}

/** An organisation's own (8.6). */
export interface LldpOwn {
  /** 24 bits. */
  oui: number;
  subtype: number;
  value: Uint8Array;
}

export interface Lldp {
  chassisId: LldpId;
  portId: LldpId;
  /** Seconds that the news holds; 0: the sender takes it back. */
  ttl: number;
  own: LldpOwn[];
  /** Optional ones of the standard, as they are. */
  others: { type: number; value: Uint8Array }[];
}

const TYPE = { end: 0, chassisId: 1, portId: 2, ttl: 3, own: 127 } as const;
const LARGEST_VALUE = 511;

interface Tlv {
  type: number;
  length: number;
  value: Uint8Array;
}

const tlv = new Parser().endianness('big').bit7('type').bit9('length').buffer('value', { length: 'length' });
const unit = new Parser().array('tlvs', { type: tlv, readUntil: (item: Tlv) => item.type === TYPE.end });

/** Of what follows the Ethernet header; undefined where it is not sound. Padding behind the end is passed over. */
export function parseLldp(bytes: Uint8Array, offset = 0, end = bytes.length): Lldp | undefined {
  return parseLldpUnit(bytes, offset, end)?.lldp;
}

/** With where it ends. */
export function parseLldpUnit(
  bytes: Uint8Array,
  offset = 0,
  end = bytes.length,
): { lldp: Lldp; end: number } | undefined {
  const tlvs = readTlvs(bytes, offset, end);
  if (tlvs === undefined) return undefined;
  const [chassis, port, ttl, ...rest] = tlvs;
  const chassisId = idOf(chassis, TYPE.chassisId);
  const portId = idOf(port, TYPE.portId);
  // The first three come once each, in this order, before all others (8.4).
  const sound = ttl?.type === TYPE.ttl && ttl.length >= 2 && rest.every(({ type }) => type > TYPE.ttl);
  if (chassisId === undefined || portId === undefined || !sound) return undefined;
  const lldp: Lldp = { chassisId, portId, ttl: u16(ttl.value, 0), own: [], others: [] };
  for (const { type, value } of rest) {
    if (type !== TYPE.own) lldp.others.push({ type, value });
    else if (value.length < 4) return undefined;
    else lldp.own.push({ oui: u24(value, 0), subtype: value[3]!, value: value.subarray(4) });
  }
  // The end itself has two bytes, as the header of each.
  return { lldp, end: tlvs.reduce((sum, { length }) => sum + 2 + length, offset + 2) };
}

/** All before the end, which must be there. */
function readTlvs(bytes: Uint8Array, offset: number, end: number): Tlv[] | undefined {
  if (!holds(bytes, offset, 0, end)) return undefined;
  let tlvs: Tlv[];
  try {
    ({ tlvs } = unit.parse(bytes.subarray(offset, end)) as { tlvs: Tlv[] });
  } catch (error) {
    // A header that begins where the bytes end, or beyond: a value that is too long for them was cut, and no end follows.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return tlvs.at(-1)?.length === 0 ? tlvs.slice(0, -1) : undefined;
}

function idOf(found: Tlv | undefined, type: number): LldpId | undefined {
  if (found?.type !== type || found.length < 2 || found.length > 256) return undefined;
  return { subtype: found.value[0]!, id: found.value.subarray(1) };
}

/** What follows the Ethernet header. */
export function buildLldp({ chassisId, portId, ttl, own, others }: Lldp): Uint8Array {
  const seconds = new Uint8Array(2);
  putU16(seconds, 0, ttl);
  const tlvs: [type: number, value: Uint8Array][] = [
    [TYPE.chassisId, idValue(chassisId)],
    [TYPE.portId, idValue(portId)],
    [TYPE.ttl, seconds],
    ...others.map(({ type, value }): [number, Uint8Array] => [type, value]),
    ...own.map((each): [number, Uint8Array] => [TYPE.own, ownValue(each)]),
    [TYPE.end, new Uint8Array(0)],
  ];
  const built = new Uint8Array(tlvs.reduce((sum, [, { length }]) => sum + 2 + length, 0));
  let at = 0;
  for (const [type, value] of tlvs) {
    if (value.length > LARGEST_VALUE)
      throw new TypeError(`a value of LLDP holds ${LARGEST_VALUE} bytes, not ${value.length}`);
    putU16(built, at, (type << 9) | value.length);
    built.set(value, at + 2);
    at += 2 + value.length;
  }
  return built;
}

function idValue({ subtype, id }: LldpId): Uint8Array {
  if (id.length < 1 || id.length > 255) throw new TypeError(`an id of LLDP has 1 to 255 bytes, not ${id.length}`);
  return joined(Uint8Array.of(subtype), id);
}

function ownValue({ oui, subtype, value }: LldpOwn): Uint8Array {
  const head = new Uint8Array(4);
  putU24(head, 0, oui);
  head[3] = subtype;
  return joined(head, value);
}

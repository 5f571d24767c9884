/**
 * What a flow made by NXAST_LEARN matches and does, one spec each (nicira-ext.h). A spec starts with 16 bits: bit 13
 * immediate source, bits 11 and 12 what it becomes, the lower ten how many bits. Zero ends them, and pads the action.
 * A header of a field takes four bytes here, so that one with an experimenter has no place.
 */

import type { Codec } from '../../wire/codec.ts';
import { Unrecognized, within } from '../../wire/decode-error.ts';
import { EncodeError, inside, shown } from '../../wire/encode-error.ts';
import { complete } from '../../wire/list.ts';
import { OBJECT, ROOM, SLOT, weight } from '../../wire/memory.ts';
import type { Reader } from '../../wire/reader.ts';
import { bigintOf, u16 } from '../../wire/scalars.ts';
import { createShared } from '../../wire/shared.ts';
import type { Writer } from '../../wire/writer.ts';
import type { NamedField } from '../oxm.ts';
import { checkSubfield, isPlain, shortFieldHeader, soundSubfield } from '../subfield.ts';

/** Bits of a field from its lowest, `offset`, on. */
interface Place extends NamedField {
  offset: number;
}

export type LearnSource = Place | { immediate: bigint };

export type LearnSpec =
  /** The new flow matches (`match`) or loads (`load`) these bits of `field`. */
  | ({ type: 'match' | 'load'; bits: number; source: LearnSource } & Place)
  /** The new flow outputs to the port that these bits hold. */
  | { type: 'output'; bits: number; source: Place };

const IMMEDIATE = 1 << 13;
const BITS = 0x3ff;
const KINDS = ['match', 'load', 'output'] as const;

export const learnSpecs: Codec<readonly LearnSpec[]> = {
  encode(writer, value) {
    if (!Array.isArray(value)) throw new EncodeError('is not a list');
    for (const [i, spec] of value.entries()) {
      try {
        encodeSpec(writer, spec);
      } catch (error) {
        throw inside(error, String(i));
      }
    }
  },
  decode(reader) {
    const specs: LearnSpec[] = [];
    let end = reader.position;
    while (reader.remaining >= 2) {
      const header = reader.u16();
      if (header === 0) break;
      try {
        specs.push(decodeSpec(reader, header));
      } catch (error) {
        throw within(error, String(specs.length));
      }
      end = reader.position;
    }
    reader.position = end;
    if (reader.remaining > 7 || !isZero(reader)) {
      throw new Unrecognized('more than padding stands behind the last spec', end);
    }
    return complete(reader, specs);
  },
};

function isZero(reader: Reader): boolean {
  while (reader.remaining > 0) if (reader.u8() !== 0) return false;
  return true;
}

function encodeSpec(writer: Writer, spec: LearnSpec): void {
  const kind = KINDS.indexOf(spec?.type);
  if (kind < 0) throw new EncodeError(`is none of ${KINDS.join(', ')}`, 'type');
  const { type, bits, source } = spec;
  if (!Number.isInteger(bits) || bits < 1 || bits > BITS) {
    throw new EncodeError(`${shown(bits)} is no number of bits from 1 to ${BITS}`, 'bits');
  }
  if (typeof source !== 'object' || source === null) throw new EncodeError('is missing', 'source');
  const immediate = 'immediate' in source;
  if (immediate && type === 'output') throw new EncodeError('is a number, and no field that holds one', 'source');
  writer.u16((immediate ? IMMEDIATE : 0) | (kind << 11) | bits);
  try {
    if (immediate) writeImmediate(writer, source.immediate, bits);
    else encodePlace(writer, source, bits);
  } catch (error) {
    throw inside(error, 'source');
  }
  if (type !== 'output') encodePlace(writer, spec, bits);
}

function encodePlace(writer: Writer, place: Place, bits: number): void {
  checkSubfield({ ...place, bits });
  shortFieldHeader.encode(writer, place);
  u16.encode(writer, place.offset);
}

function decodePlace(reader: Reader, bits: number): Place {
  const named = shortFieldHeader.decode(reader);
  const { field, offset } = soundSubfield(named, reader.u16(), bits, reader);
  return isPlain(named) ? { field, offset } : { ...named, offset };
}

/** Immediates take whole 16-bit words, the value in their lowest bits. */
function writeImmediate(writer: Writer, immediate: bigint, bits: number): void {
  const value = bigintOf(immediate, bits);
  for (let word = Math.ceil(bits / 16) - 1; word >= 0; word--) {
    writer.u16(Number((value >> BigInt(16 * word)) & 0xffffn));
  }
}

/** Equal ones have one value: flows that learn do so alike. */
const sharedSource = createShared<bigint, LearnSource>(512, weight);

function decodeSpec(reader: Reader, header: number): LearnSpec {
  const type = KINDS[(header >> 11) & 3];
  const bits = header & BITS;
  if (type === undefined || bits === 0 || (header & ~(IMMEDIATE | (3 << 11) | BITS)) !== 0) {
    throw new Unrecognized(`no such spec: 0x${header.toString(16)}`, reader.position - 2);
  }
  let source: LearnSource;
  if ((header & IMMEDIATE) !== 0) {
    if (type === 'output')
      throw new Unrecognized('outputs to a number, not to what a field holds', reader.position - 2);
    let immediate = 0n;
    for (let word = Math.ceil(bits / 16); word > 0; word--) immediate = (immediate << 16n) | BigInt(reader.u16());
    if (immediate >> BigInt(bits) !== 0n) throw new Unrecognized(`more than ${bits} bits`, reader.position);
    source = sharedSource(reader, immediate, (value) => ({ immediate: value }));
  } else {
    source = decodePlace(reader, bits);
    reader.spend(weight(source));
  }
  reader.spend(OBJECT + 5 * SLOT);
  if (type === 'output') return { type, bits, source: source as Place };
  const place = decodePlace(reader, bits);
  const { field, offset } = place;
  if (isPlain(place)) return { type, bits, source, field, offset };
  reader.spend(ROOM);
  return { type, bits, source, ...place };
}

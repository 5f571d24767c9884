/**
 * NXAST_LEARN: the switch itself adds a flow made from the packet (nicira-ext.h). Each spec starts with a 16-bit
 * header: bit 13 immediate source, bits 11 and 12 what it becomes, the rest how many bits. A zero header ends them.
 */

import type { Codec } from '../../wire/codec.ts';
import { DecodeError } from '../../wire/decode-error.ts';
import { EncodeError } from '../../wire/encode-error.ts';
import { flags } from '../../wire/flags.ts';
import type { Reader } from '../../wire/reader.ts';
import { bigintOf, u8, u16, u64 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import type { Writer } from '../../wire/writer.ts';
import { decodeFieldHeader, encodeFieldHeader } from '../oxm.ts';
import type { FieldName } from '../oxm-fields.ts';

export type LearnSource = { field: FieldName; offset: number } | { immediate: bigint };

export type LearnSpec =
  /** The new flow matches (`match`) or loads (`load`) these bits of `field`. */
  | { type: 'match' | 'load'; bits: number; source: LearnSource; field: FieldName; offset: number }
  /** The new flow outputs to the port that these bits hold. */
  | { type: 'output'; bits: number; source: LearnSource };

export interface Learn {
  type: 'learn';
  idleTimeout: number;
  hardTimeout: number;
  priority: number;
  cookie: bigint;
  flags: ('sendFlowRem' | 'deleteLearned' | 'writeResult' | number)[];
  table: number;
  finIdleTimeout: number;
  finHardTimeout: number;
  specs: LearnSpec[];
}

const head = struct({
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  cookie: u64,
  flags: flags(u16, { sendFlowRem: 1, deleteLearned: 2, writeResult: 4 }),
  table: u8,
  pad: padding(1),
  finIdleTimeout: u16,
  finHardTimeout: u16,
});

const IMMEDIATE = 1 << 13;
const KINDS = ['match', 'load', 'output'] as const;

export const learn: Codec<Learn> = {
  encode(writer, value) {
    head.encode(writer, value);
    for (const spec of value.specs) encodeSpec(writer, spec);
  },
  decode(reader) {
    const fixed = head.decode(reader);
    const specs: LearnSpec[] = [];
    while (reader.remaining >= 2) {
      const header = reader.u16();
      if (header === 0) break;
      specs.push(decodeSpec(reader, header));
    }
    reader.padding();
    return { type: 'learn', ...fixed, specs };
  },
};

function encodeSpec(writer: Writer, spec: LearnSpec): void {
  if (spec.bits < 1 || spec.bits > 1023) throw new EncodeError(`${spec.bits} is no number of bits from 1 to 1023`);
  const immediate = 'immediate' in spec.source;
  writer.u16((immediate ? IMMEDIATE : 0) | (KINDS.indexOf(spec.type) << 11) | spec.bits);
  if ('immediate' in spec.source) writeImmediate(writer, spec.source.immediate, spec.bits);
  else {
    encodeFieldHeader(writer, spec.source.field);
    u16.encode(writer, spec.source.offset);
  }
  if (spec.type === 'output') return;
  encodeFieldHeader(writer, spec.field);
  u16.encode(writer, spec.offset);
}

/** Immediates take whole 16-bit words, the value in their lowest bits. */
function writeImmediate(writer: Writer, immediate: bigint, bits: number): void {
  const value = bigintOf(immediate, bits);
  for (let word = Math.ceil(bits / 16) - 1; word >= 0; word--) {
    writer.u16(Number((value >> BigInt(16 * word)) & 0xffffn));
  }
}

function decodeSpec(reader: Reader, header: number): LearnSpec {
  const type = KINDS[(header >> 11) & 3];
  if (type === undefined) throw new DecodeError(`no such spec: 0x${header.toString(16)}`, reader.position - 2, 'specs');
  const bits = header & 0x7ff;
  let source: LearnSource;
  if ((header & IMMEDIATE) !== 0) {
    let immediate = 0n;
    for (let word = Math.ceil(bits / 16); word > 0; word--) immediate = (immediate << 16n) | BigInt(reader.u16());
    source = { immediate };
  } else source = { field: decodeFieldHeader(reader), offset: reader.u16() };
  if (type === 'output') return { type, bits, source };
  return { type, bits, source, field: decodeFieldHeader(reader), offset: reader.u16() };
}

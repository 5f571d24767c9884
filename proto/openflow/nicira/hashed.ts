/**
 * NXAST_MULTIPATH, _BUNDLE and _BUNDLE_LOAD: choose a link or a port by a hash of the packet's fields (nicira-ext.h).
 * A bundle's members are ports, the only kind there is (NXM_OF_IN_PORT); an action with another kind is kept raw.
 */

import { type AnyCodec, type Codec, structure } from '../../wire/codec.ts';
import { Unrecognized } from '../../wire/decode-error.ts';
import { enumeration } from '../../wire/enumeration.ts';
import { decodePart, encodePart } from '../../wire/part.ts';
import type { Reader } from '../../wire/reader.ts';
import { u16, u32 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import type { Writer } from '../../wire/writer.ts';
import { packedSubfield, type Subfield } from '../subfield.ts';
import { decodeItems, encodeCount, encodeItems } from './counted.ts';
import { type ShortPort, shortPort } from './short-port.ts';

/** NX_HASH_FIELDS_*. */
const hashFields = enumeration(u16, {
  ethSrc: 0,
  symmetricL4: 1,
  symmetricL3l4: 2,
  symmetricL3l4Udp: 3,
  nwSrc: 4,
  nwDst: 5,
  symmetricL3: 6,
});

export const multipath = structure(
  'nx_action_multipath',
  struct(
    {
      fields: hashFields,
      basis: u16,
      pad: padding(2),
      algorithm: enumeration(u16, { moduloN: 0, hashThreshold: 1, hrw: 2, iterHash: 3 }),
      /** Links minus 1. */
      maxLink: u16,
      arg: u32,
      pad2: padding(2),
      to: packedSubfield,
    },
    'multipath',
  ),
);

const NXM_OF_IN_PORT = 0x00000002;
const bundleAlgorithm = enumeration(u16, { activeBackup: 0, hrw: 1 });

interface BundleFields {
  algorithm: 'activeBackup' | 'hrw' | number;
  fields: 'ethSrc' | 'symmetricL4' | 'symmetricL3l4' | 'symmetricL3l4Udp' | 'nwSrc' | 'nwDst' | 'symmetricL3' | number;
  basis: number;
  members: readonly ShortPort[];
}

/** Outputs to the member chosen. */
export interface PortBundle extends BundleFields {
  type: 'bundle';
}

/** Loads the member chosen; `any` where none is up. */
export interface PortBundleLoad extends BundleFields {
  type: 'bundleLoad';
  to: Subfield;
}

function encodePortBundle(writer: Writer, value: BundleFields, to: () => void): void {
  encodePart(writer, value, 'algorithm', bundleAlgorithm);
  encodePart(writer, value, 'fields', hashFields);
  encodePart(writer, value, 'basis', u16);
  writer.u32(NXM_OF_IN_PORT);
  encodeCount(writer, 'members', value.members);
  to();
  writer.zeros(4);
  encodeItems(writer, 'members', shortPort, value.members);
}

function decodePortBundle<T>(reader: Reader, to: () => T): BundleFields & { to: T } {
  const algorithm = decodePart(reader, 'algorithm', bundleAlgorithm);
  const fields = decodePart(reader, 'fields', hashFields);
  const basis = decodePart(reader, 'basis', u16);
  const at = reader.position;
  if (reader.u32() !== NXM_OF_IN_PORT) throw new Unrecognized('its members are no ports', at);
  const count = reader.u16();
  const target = to();
  reader.take(4);
  const members = decodeItems(reader, 'members', shortPort, count);
  return { algorithm, fields, basis, members, to: target };
}

/** Where bundle_load has its destination. */
function noTarget(reader: Reader): void {
  const at = reader.position;
  if (reader.u16() !== 0 || reader.u32() !== 0)
    throw new Unrecognized('has a destination, which it has no use for', at);
}

const parts: AnyCodec[] = [bundleAlgorithm, hashFields, shortPort];

export const portBundle: Codec<PortBundle> = structure('nx_action_bundle', {
  form: { kind: 'custom', parts },
  encode: (writer, value) => encodePortBundle(writer, value, () => writer.zeros(6)),
  decode(reader) {
    const { to, ...rest } = decodePortBundle(reader, () => noTarget(reader));
    return { type: 'bundle', ...rest };
  },
});

export const portBundleLoad: Codec<PortBundleLoad> = structure('nx_action_bundle', {
  form: { kind: 'custom', parts: [...parts, packedSubfield] },
  encode: (writer, value) => encodePortBundle(writer, value, () => encodePart(writer, value, 'to', packedSubfield)),
  decode: (reader) => ({
    type: 'bundleLoad',
    ...decodePortBundle(reader, () => decodePart(reader, 'to', packedSubfield)),
  }),
});

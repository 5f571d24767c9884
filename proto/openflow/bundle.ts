/** Bundles (OpenFlow 1.4, 7.3.9): changes that take effect together or not at all. */

import { type Codec, type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { flags } from '../wire/flags.ts';
import { u16, u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { properties } from './properties.ts';

const bundleFlags = flags(u16, { atomic: 1, ordered: 2 });

const bundleProperties = properties({}, 'ofp_bundle_prop_experimenter');

export const bundleControl = structure(
  'ofp_bundle_ctrl_msg',
  struct(
    {
      bundleId: u32,
      control: enumeration(u16, {
        openRequest: 0,
        openReply: 1,
        closeRequest: 2,
        closeReply: 3,
        commitRequest: 4,
        commitReply: 5,
        discardRequest: 6,
        discardReply: 7,
      }),
      flags: bundleFlags,
      properties: bundleProperties,
    },
    'bundleControl',
  ),
);
export type BundleControl = Infer<typeof bundleControl>;

export interface BundleAdd<M> {
  type: 'bundleAdd';
  bundleId: number;
  flags: ('atomic' | 'ordered' | number)[];
  /** Its xid must be the outer message's. */
  message: M;
  properties: Infer<typeof bundleProperties>;
}

/** `message` is the codec of a whole message, header included. */
export function bundleAdd<M>(message: Codec<M>): Codec<BundleAdd<M>> {
  return structure('ofp_bundle_add_msg', {
    encode(writer, value) {
      u32.encode(writer, value.bundleId);
      writer.zeros(2);
      bundleFlags.encode(writer, value.flags);
      const start = writer.position;
      message.encode(writer, value.message);
      if (value.properties.length === 0) return;
      writer.align(start, 8);
      bundleProperties.encode(writer, value.properties);
    },
    decode(reader) {
      const bundleId = u32.decode(reader);
      reader.take(2);
      const flagged = bundleFlags.decode(reader);
      const start = reader.position;
      const inner = message.decode(reader);
      reader.take(Math.min((8 - ((reader.position - start) % 8)) % 8, reader.remaining));
      return {
        type: 'bundleAdd',
        bundleId,
        flags: flagged,
        message: inner,
        properties: bundleProperties.decode(reader),
      };
    },
  });
}

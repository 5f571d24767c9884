/** Bundles (OpenFlow 1.4, 7.3.9): changes that take effect together or not at all. */

import { type Codec, type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { flags } from '../wire/flags.ts';
import { u16, u32 } from '../wire/scalars.ts';
import { alignmentBeforeMore, padding } from '../wire/silent.ts';
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
  flags: Infer<typeof bundleFlags>;
  /** Its xid must be the outer message's. */
  message: M;
  properties: Infer<typeof bundleProperties>;
}

/** `message` is the codec of a whole message, header included. */
export function bundleAdd<M>(message: Codec<M>): Codec<BundleAdd<M>> {
  const shape = {
    bundleId: u32,
    pad: padding(2),
    flags: bundleFlags,
    message,
    pad2: alignmentBeforeMore(8),
    properties: bundleProperties,
  };
  return structure('ofp_bundle_add_msg', struct(shape, 'bundleAdd') as Codec<BundleAdd<M>>);
}

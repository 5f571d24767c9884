/** NXAST_CLONE: does its actions on a copy of the packet (nicira-ext.h). */

import { type Codec, structure } from '../../wire/codec.ts';
import { list } from '../../wire/list.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';

export interface Clone<A> {
  type: 'clone';
  actions: readonly A[];
}

export function clone<A>(action: Codec<A>): Codec<Clone<A>> {
  return structure('ext_action_header', struct({ pad: padding(6), actions: list(action) }, 'clone'));
}

/** NXAST_CLONE: does its actions on a copy of the packet (nicira-ext.h). */

import type { Codec } from '../../wire/codec.ts';
import { list } from '../../wire/list.ts';

export interface Clone<A> {
  type: 'clone';
  actions: A[];
}

export function clone<A>(action: Codec<A>): Codec<Clone<A>> {
  const actions = list(action);
  return {
    encode(writer, value) {
      writer.zeros(6);
      actions.encode(writer, value.actions);
    },
    decode(reader) {
      reader.take(6);
      return { type: 'clone', actions: actions.decode(reader) };
    },
  };
}

/** Fields of a structure that have a place on the wire and none in the value: padding, and lengths that follow from the rest. */

import type { AnyCodec, Codec, Silent } from './codec.ts';

/** `struct` alone knows what to do with it. */
export interface SilentCodec extends Codec<undefined> {
  readonly form: Silent;
}

function silent(form: Silent): SilentCodec {
  const refuse = () => {
    throw new TypeError(`${form.kind} stands in a struct only`);
  };
  return { form, encode: refuse, decode: refuse };
}

/** Bytes that carry nothing: zeros when written, ignored when read. */
export function padding(size: number): SilentCodec {
  return silent({ kind: 'padding', size });
}

/** Zeros until the structure is a multiple of `size` bytes long, from its start to here. */
export function alignment(size: number): SilentCodec {
  return silent({ kind: 'alignment', size, beforeMore: false });
}

/** The same where something follows it, and nothing where nothing does. */
export function alignmentBeforeMore(size: number): SilentCodec {
  return silent({ kind: 'alignment', size, beforeMore: true });
}

/** 16 bits that say how long the structure is, from its first byte to its last; what follows them is read inside that. */
export const ownLength: SilentCodec = silent({ kind: 'length' });

/** 16 bits that say how long a later field of the structure is. */
export function lengthOf(field: string): SilentCodec {
  return silent({ kind: 'lengthOf', field });
}

const SILENT: ReadonlySet<string | undefined> = new Set([
  'padding',
  'alignment',
  'length',
  'lengthOf',
] satisfies Silent['kind'][]);

/** Whether a field of a struct has no place in the value. */
export function isSilent({ form }: AnyCodec): boolean {
  return SILENT.has(form?.kind);
}

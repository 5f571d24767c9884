/** Lists whose length stands in 16 bits before them, and padding to 8 behind: in NXAST_DEC_TTL_CNT_IDS and the bundles (nicira-ext.h). */

import type { Codec } from '../../wire/codec.ts';
import { EncodeError } from '../../wire/encode-error.ts';
import { complete } from '../../wire/list.ts';
import { decodePart, encodeNamed } from '../../wire/part.ts';
import type { Reader } from '../../wire/reader.ts';
import type { Writer } from '../../wire/writer.ts';

const MOST = 0xffff;

/** How many there are. The value may come from a stranger's JSON. */
export function encodeCount(writer: Writer, name: string, items: readonly unknown[]): void {
  if (!Array.isArray(items)) throw new EncodeError('is not a list', name);
  if (items.length > MOST) throw new EncodeError(`are ${items.length}; ${MOST} fit`, name);
  writer.u16(items.length);
}

export function encodeItems<T>(writer: Writer, name: string, item: Codec<NonNullable<T>>, items: readonly T[]): void {
  for (const [i, each] of items.entries()) encodeNamed(writer, `${name}.${i}`, item, each);
}

export function decodeItems<T>(reader: Reader, name: string, item: Codec<T>, count: number): readonly T[] {
  const items: T[] = [];
  while (items.length < count) items.push(decodePart(reader, `${name}.${items.length}`, item));
  reader.padding();
  return complete(reader, items);
}

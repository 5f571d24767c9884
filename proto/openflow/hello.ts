/** OFPT_HELLO (OpenFlow 1.4, 7.5.1): the versions that the sender speaks, as a bitmap. */

import type { Codec, Infer } from '../wire/codec.ts';
import { list } from '../wire/list.ts';
import { u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';

const versions: Codec<{ type: 'versionBitmap'; versions: number[] }> = {
  encode(writer, value) {
    const words: number[] = [0];
    for (const version of value.versions) {
      const word = version >> 5;
      while (words.length <= word) words.push(0);
      words[word] = (words[word]! | (1 << (version & 31))) >>> 0;
    }
    for (const word of words) u32.encode(writer, word);
  },
  decode(reader) {
    const found: number[] = [];
    for (let base = 0; reader.remaining >= 4; base += 32) {
      const word = reader.u32();
      for (let bit = 0; bit < 32; bit++) if ((word >>> bit) & 1) found.push(base + bit);
    }
    return { type: 'versionBitmap', versions: found };
  },
};

export const hello = struct(
  { elements: list(tagged({ versionBitmap: [1, versions] }, { padding: 'excluded' })) },
  'hello',
);
export type Hello = Infer<typeof hello>;

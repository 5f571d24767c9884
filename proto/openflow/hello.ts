/** OFPT_HELLO (OpenFlow 1.4, 7.5.1): the versions that the sender speaks, as a bitmap. */

import { type Codec, type Infer, structure } from '../wire/codec.ts';
import { Unrecognized } from '../wire/decode-error.ts';
import { EncodeError, shown } from '../wire/encode-error.ts';
import { complete, list } from '../wire/list.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';

/** Versions are bytes, so no bitmap needs more words of 32 bits. */
const MOST_WORDS = 8;

/** Wire versions in rising order: 5 is OpenFlow 1.4. Bitmaps that are written otherwise than here keep their bytes. */
export const versions: Codec<readonly number[]> = {
  encode(writer, value) {
    if (!Array.isArray(value)) throw new EncodeError('is not a list of versions');
    const words: number[] = [0];
    for (const version of value) {
      if (!Number.isInteger(version) || version < 0 || version > 0xff) {
        throw new EncodeError(`${shown(version)} is not a version from 0 to 255`);
      }
      const word = version >> 5;
      while (words.length <= word) words.push(0);
      words[word] = (words[word]! | (1 << (version & 31))) >>> 0;
    }
    for (const word of words) writer.u32(word);
  },
  decode(reader) {
    const start = reader.position;
    const words = reader.remaining / 4;
    if (!Number.isInteger(words) || words < 1 || words > MOST_WORDS) {
      throw new Unrecognized(`${reader.remaining} bytes are no bitmap of versions`, start);
    }
    const found: number[] = [];
    let word = 0;
    for (let base = 0; reader.remaining > 0; base += 32) {
      word = reader.u32();
      for (let bit = 0; bit < 32; bit++) if ((word >>> bit) & 1) found.push(base + bit);
    }
    if (word === 0 && words > 1) throw new Unrecognized('a bitmap that ends with no version', start);
    return complete(reader, found);
  },
};

const element = tagged(
  { versionBitmap: [1, structure('ofp_hello_elem_versionbitmap', struct({ versions }, 'versionBitmap'))] },
  { padding: 'excluded' },
);

export const hello = structure(
  'ofp_hello',
  struct({ elements: list(structure('ofp_hello_elem_header', element)) }, 'hello'),
);
export type Hello = Infer<typeof hello>;

/** The network service header of a frame as a key has it (RFC 8300). */

import { putU32, u32 } from '../../packet/bytes.ts';
import { differs, type Key } from '../key/key.ts';
import { WORD } from '../key/layout.ts';
import { NSH_TYPE } from './extract.ts';
import { type Frame, own } from './frame.ts';

const WORDS = 9;

export function applyNsh(frame: Frame, base: Key, key: Key): void {
  if (frame.l3 < 0 || base[WORD.ethType] !== NSH_TYPE || key[WORD.ethType] !== NSH_TYPE) return;
  if (!differs(base, key, WORD.nshHead, WORDS)) return;
  const bytes = own(frame);
  const { l3 } = frame;
  const kept = u32(bytes, l3) & ~((0x03 << 28) | (0x3f << 22));
  putU32(bytes, l3, (kept | (key[WORD.nshHead]! << 28) | (key[WORD.nshHead + 1]! << 22)) >>> 0);
  putU32(bytes, l3 + 4, key[WORD.nshPath]!);
  if (key[WORD.nshHead + 2] !== 1) return;
  for (let word = 0; word < 4; word++) putU32(bytes, l3 + 8 + 4 * word, key[WORD.nshContext + word]!);
}

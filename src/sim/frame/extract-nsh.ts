/** The network service header (RFC 8300) into the words of a key, as Open vSwitch reads it. */

import { u32 } from '../../packet/bytes.ts';
import type { Key } from '../key/key.ts';
import { WORD } from '../key/layout.ts';
import type { Frame } from './frame.ts';

const BASE = 8;
const CONTEXT = 16;
const FIXED_CONTEXT = 1;
const VARIABLE_CONTEXT = 2;

export function extractNsh(frame: Frame, at: number, key: Key): void {
  const { bytes } = frame;
  if (bytes.length < at + BASE) return;
  const first = u32(bytes, at);
  const length = ((first >>> 16) & 0x3f) * 4;
  const metadataType = (first >>> 8) & 0x0f;
  if (first >>> 30 !== 0 || length < BASE || bytes.length < at + length) return;
  if (metadataType === FIXED_CONTEXT ? length !== BASE + CONTEXT : metadataType !== VARIABLE_CONTEXT) return;
  frame.l3 = at;
  key[WORD.nshHead] = (first >>> 28) & 0x03;
  key[WORD.nshHead + 1] = (first >>> 22) & 0x3f;
  key[WORD.nshHead + 2] = metadataType;
  key[WORD.nshHead + 3] = first & 0xff;
  key[WORD.nshPath] = u32(bytes, at + 4);
  if (metadataType !== FIXED_CONTEXT) return;
  for (let word = 0; word < 4; word++) key[WORD.nshContext + word] = u32(bytes, at + BASE + 4 * word);
}

/** A match (OpenFlow 1.4, 7.2.2.1) as words of a key: which of them it looks at, under which masks, for which values. */

import type { Match } from '../../../proto/openflow/match.ts';
import { isField, isMasked } from '../../../proto/openflow/oxm.ts';
import { type FieldName, type FieldValue, fieldRow, type Masked } from '../../../proto/openflow/oxm-fields.ts';
import { emptyKey, type Key, widePort, writeRun } from './key.ts';
import { KEY_WORDS, type Place } from './layout.ts';
import type { TlvTable } from './tlv-table.ts';
import { wordsOf } from './value.ts';

export interface MaskedKey {
  /** Indices of words, ascending; of none the mask is 0. */
  readonly words: Uint16Array;
  readonly masks: Uint32Array;
  readonly values: Uint32Array;
  /** Equal for equal masks. */
  readonly maskText: string;
}

/** Or the name of a field that this switch does not know. */
export function maskedKeyOf(match: Match, fields: TlvTable): MaskedKey | { unknown: string } {
  const value = emptyKey();
  const mask = emptyKey();
  for (const name in match) {
    const said = match[name as FieldName] as FieldValue | Masked<FieldValue> | undefined;
    if (said === undefined) continue;
    // Of nw_tos the two lowest bits are ECN, which it does not mean.
    const isTos = name === 'nxmIpTos';
    const place = isField(name) ? fields.placeOf(isTos ? 'ipDscp' : name) : undefined;
    if (place === undefined || !isField(name)) return { unknown: name };
    const row = fieldRow(name);
    const masked = isMasked(said);
    const words = isTos ? [(said as number) >>> 2] : wordsOf(row, masked ? said.value : said);
    if (name === 'nxmInPort') writeWords(value, { ...place, bits: 32 }, [widePort(words[0]!)]);
    else writeWords(value, place, words);
    if (masked) writeWords(mask, place, wordsOf(row, said.mask));
    else fillRun(mask, name === 'nxmInPort' ? { ...place, bits: 32 } : place);
    const presence = fields.presenceOf(name);
    if (presence !== undefined) {
      fillRun(value, presence);
      fillRun(mask, presence);
    }
  }
  return maskedKey(value, mask);
}

export function maskedKey(value: Key, mask: Key): MaskedKey {
  let count = 0;
  for (let word = 0; word < KEY_WORDS; word++) if (mask[word] !== 0) count++;
  const words = new Uint16Array(count);
  const masks = new Uint32Array(count);
  const values = new Uint32Array(count);
  let maskText = '';
  let i = 0;
  for (let word = 0; word < KEY_WORDS; word++) {
    if (mask[word] === 0) continue;
    words[i] = word;
    masks[i] = mask[word]!;
    values[i] = value[word]! & mask[word]!;
    maskText += `${word.toString(36)}:${mask[word]!.toString(36)} `;
    i++;
  }
  return { words, masks, values, maskText };
}

export function writeWords(key: Key, { last, shift, bits }: Place, words: readonly number[]): void {
  for (let done = 0; done < bits; done += 32) {
    writeRun(key, last, shift + done, Math.min(32, bits - done), words[words.length - 1 - done / 32] ?? 0);
  }
}

/** All bits of the run are set. */
export function fillRun(key: Key, { last, shift, bits }: Place): void {
  for (let done = 0; done < bits; done += 32) writeRun(key, last, shift + done, Math.min(32, bits - done), 0xffff_ffff);
}

/** Whether a packet with this key is meant. */
export function covers({ words, masks, values }: MaskedKey, key: Key): boolean {
  for (let i = 0; i < words.length; i++) {
    if (((key[words[i]!]! & masks[i]!) ^ values[i]!) !== 0) return false;
  }
  return true;
}

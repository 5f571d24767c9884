/** What a packet-in's match tells of a packet beside its bytes (OpenFlow 1.4, 7.4.1): what is not zero, in_port always. */

import type { Match } from '../../../proto/openflow/match.ts';
import { type FieldName, type FieldValue, fieldRow, type Masked } from '../../../proto/openflow/oxm-fields.ts';
import type { Key } from '../key/key.ts';
import { WORD } from '../key/layout.ts';
import type { TlvTable } from '../key/tlv-table.ts';
import { fieldValueOf } from '../key/value.ts';
import { readWords, wholeField } from './steps/run-of-bits.ts';

/** In Open vSwitch's order. */
const FIELDS: readonly FieldName[] = [
  ...(['tunnelId', 'tunIpv4Src', 'tunIpv4Dst', 'tunIpv6Src', 'tunIpv6Dst', 'tunGbpId', 'tunGbpFlags'] as const),
  ...Array.from({ length: 64 }, (_, n) => `tunMetadata${n}` as FieldName),
  ...(['pktMark'] as const),
  ...(['ctState', 'ctZone', 'ctMark', 'ctLabel', 'ctNwProto', 'ctNwSrc', 'ctNwDst', 'ctIpv6Src', 'ctIpv6Dst'] as const),
  ...(['ctTpSrc', 'ctTpDst', 'metadata'] as const),
  ...Array.from({ length: 16 }, (_, n) => `reg${n}` as FieldName),
];

export function metadataMatch(key: Key, fields: TlvTable): Match {
  const match: Record<string, FieldValue | Masked<FieldValue>> = { inPort: key[WORD.inPort]! };
  const hasOptions = key[WORD.optionsPresent] !== 0 || key[WORD.optionsPresent + 1] !== 0;
  for (const field of FIELDS) {
    if (!hasOptions && field.startsWith('tunMetadata')) continue;
    const run = wholeField(field, fields);
    if (run === undefined) continue;
    const words = readWords(key, run);
    if (words.some((word) => word !== 0)) match[field] = fieldValueOf(fieldRow(field), words, run.bits);
  }
  return match as Match;
}

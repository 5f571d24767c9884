/** What a packet-in's match tells of a packet beside its bytes (OpenFlow 1.4, 7.4.1): what is not zero, in_port always. */

import type { Match } from '../../../proto/openflow/match.ts';
import { type FieldName, type FieldValue, fieldRow, type Masked } from '../../../proto/openflow/oxm-fields.ts';
import { countTags } from '../frame/vlan.ts';
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
  ...(['ctZone', 'ctMark', 'ctLabel', 'metadata'] as const),
  ...Array.from({ length: 16 }, (_, n) => `reg${n}` as FieldName),
];

/** `vlanLimit`: of more tags than that the next one stands for the Ethernet type. */
export function metadataMatch(key: Key, fields: TlvTable, vlanLimit: number): Match {
  const match: Record<string, FieldValue | Masked<FieldValue>> = {};
  // Of Ethernet's it goes without saying.
  if (key[WORD.packetType] !== 0) match.packetType = key[WORD.packetType]!;
  match.inPort = key[WORD.inPort]!;
  const hasOptions = key[WORD.optionsPresent] !== 0 || key[WORD.optionsPresent + 1] !== 0;
  if (key[WORD.ctState] !== 0) Object.assign(match, connectionMatch(key, fields, vlanLimit));
  for (const field of FIELDS) {
    if (!hasOptions && field.startsWith('tunMetadata')) continue;
    const run = wholeField(field, fields);
    if (run === undefined) continue;
    const words = readWords(key, run);
    if (words.some((word) => word !== 0)) match[field] = fieldValueOf(fieldRow(field), words, run.bits);
  }
  return match as Match;
}

/** Bits of ct_state that there are (CS_SUPPORTED_MASK). */
const STATE_BITS = 0xff;
const IPV4: readonly FieldName[] = ['ctNwProto', 'ctNwSrc', 'ctNwDst', 'ctTpSrc', 'ctTpDst'];
const IPV6: readonly FieldName[] = ['ctNwProto', 'ctIpv6Src', 'ctIpv6Dst', 'ctTpSrc', 'ctTpDst'];

/** The state, and whole the tuple that conntrack saw first, with the Ethernet type by which it is read. */
function connectionMatch(
  key: Key,
  fields: TlvTable,
  vlanLimit: number,
): Record<string, FieldValue | Masked<FieldValue>> {
  const ethType = countTags(key) > vlanLimit ? key[WORD.vlans + vlanLimit]! >>> 16 : key[WORD.ethType]!;
  const match: Record<string, FieldValue | Masked<FieldValue>> = {
    ethType,
    ctState: { value: key[WORD.ctState]!, mask: STATE_BITS },
  };
  if (key[WORD.ctNwProto] === 0 || (ethType !== 0x0800 && ethType !== 0x86dd)) return match;
  for (const field of ethType === 0x86dd ? IPV6 : IPV4) {
    const run = wholeField(field, fields);
    if (run !== undefined) match[field] = fieldValueOf(fieldRow(field), readWords(key, run), run.bits);
  }
  return match;
}

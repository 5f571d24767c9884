/** NXAST_CT and NXAST_CT_CLEAR (nicira-ext.h): through connection tracking; with a table a copy of the packet goes on there. */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { Ct } from '../../../../proto/openflow/nicira/ct.ts';
import { isMasked } from '../../../../proto/openflow/oxm.ts';
import { type FieldName, fieldRow } from '../../../../proto/openflow/oxm-fields.ts';
import { clearConnection, emptyKey, type Key } from '../../key/key.ts';
import { type Place, WORD } from '../../key/layout.ts';
import { fillRun } from '../../key/masked-key.ts';
import type { TlvTable } from '../../key/tlv-table.ts';
import { wordsOf } from '../../key/value.ts';
import type { Step } from '../program.ts';
import { commit, frozenAt, runSteps, type Translation } from '../translation.ts';
import { natRequest } from './ct-nat.ts';
import { isOfConnection, type RunOfBits, readNumber, runOfBits } from './run-of-bits.ts';

export function ctClear(of: Action): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      if (!translation.conntracked) return;
      translation.actions.push({ type: 'ctClear' });
      clearConnection(translation.key);
      translation.conntracked = false;
    },
  };
}

/** `nested`: what writes the connection's mark and label. */
export function ct(action: Ct<Action>, nested: readonly Step[], fields: TlvTable): Step | undefined {
  const written = writtenBits(nested, fields);
  const zoneRun = typeof action.zone === 'number' ? undefined : runOfBits(action.zone, fields);
  if (typeof action.zone !== 'number' && zoneRun === undefined) return undefined;
  const nat = action.actions.find((each) => each.type === 'nat');
  const fixed = {
    commit: action.flags.includes('commit'),
    force: action.flags.includes('force'),
    alg: action.alg,
    comesBack: action.table !== undefined,
    ...(nat === undefined ? {} : { nat: natRequest(nat) }),
  };
  const writesLabel = written.label.some((word) => word !== 0);
  return {
    of: action,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      commit(translation);
      const zone = typeof action.zone === 'number' ? action.zone : readNumber(key, zoneRun as RunOfBits);
      runSteps(translation, nested);
      translation.actions.push({
        type: 'ct',
        request: {
          zone,
          ...fixed,
          ...(written.mark === 0 ? {} : { mark: { value: key[WORD.ctMark]!, mask: written.mark } }),
          ...(writesLabel ? { label: { value: labelOf(key), mask: written.label } } : {}),
        },
      });
      if (action.table !== undefined) fork(translation, action.table);
      clearConnection(key);
      translation.conntracked = false;
    },
  };
}

const labelOf = (key: Key) => [...key.subarray(WORD.ctLabel, WORD.ctLabel + 4)];

/** What conntrack says is known in that table alone; here the packet goes on without. */
function fork(translation: Translation, table: number): void {
  translation.conntracked = true;
  translation.actions.push({ type: 'recirculate', frozen: { ...frozenAt(translation, table), remaining: [] } });
}

/** Which bits of mark and label a list of actions writes, whatever the packet. */
function writtenBits(nested: readonly Step[], fields: TlvTable): { mark: number; label: readonly number[] } {
  const mask = emptyKey();
  for (const { of } of nested) {
    if (of.type === 'setField' && isOfConnection(of.field as FieldName))
      fillRun(mask, fields.placeOf(of.field as FieldName)!);
    else if (of.type === 'regLoad2') {
      const place = fields.placeOf(of.field as FieldName)!;
      if (isMasked(of.value)) addWords(mask, place, wordsOf(fieldRow(of.field as FieldName), of.value.mask));
      else fillRun(mask, place);
    } else if (of.type === 'regLoad' || of.type === 'regMove') {
      const { last, position, bits } = runOfBits(of.to, fields)!;
      fillRun(mask, { last, shift: position, bits });
    }
  }
  return { mark: mask[WORD.ctMark]!, label: labelOf(mask) };
}

function addWords(mask: Key, { last }: Place, words: readonly number[]): void {
  for (let i = 0; i < words.length; i++) mask[last - i]! |= words[words.length - 1 - i]!;
}

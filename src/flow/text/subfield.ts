/** A run of a field's bits: `NXM_NX_REG0[4..7]`, `reg0[3]`, `eth_src[]`, `eth_src` (ovs-actions(7)). */

import { type FieldName, fieldRow } from '../../../proto/openflow/oxm-fields.ts';
import type { Subfield } from '../../../proto/openflow/subfield.ts';
import { fault, hint, shortened } from './fault.ts';
import { fieldNamed, fieldText, fieldWords } from './field-names.ts';
import { part, type Slice, textOf } from './slice.ts';

export function formatSubfield({ field, offset, bits }: Subfield): string {
  const { header, bits: width } = fieldText(field);
  if (offset === 0 && bits === width) return `${header}[]`;
  return bits === 1 ? `${header}[${offset}]` : `${header}[${offset}..${offset + bits - 1}]`;
}

export function parseSubfield(slice: Slice): Subfield {
  const text = textOf(slice);
  const bracket = text.indexOf('[');
  const word = bracket < 0 ? text : text.slice(0, bracket);
  const field = fieldNamed(word);
  if (field === undefined) throw noField(slice, word);
  const { bits: width } = fieldText(field);
  if (bracket < 0) return { field, offset: 0, bits: width };
  const run = /^\[(?:(\d{1,4})(?:\.\.(\d{1,4}))?)?\]$/.exec(text.slice(bracket));
  const brackets = part(slice, bracket);
  if (run === null) throw fault(brackets, 'bits are written [], [BIT] or [FIRST..LAST]');
  if (run[1] === undefined) return { field, offset: 0, bits: width };
  const first = Number(run[1]);
  const last = run[2] === undefined ? first : Number(run[2]);
  if (first > last) throw fault(brackets, `bit ${first} is after bit ${last}: the lower one comes first`);
  if (last >= width) throw fault(brackets, `${word} has bits 0 to ${width - 1}, no bit ${last}`);
  return { field, offset: first, bits: last - first + 1 };
}

/** Where there is room for 64 bits at most. */
export function parseSubfield64(slice: Slice): Subfield {
  const subfield = parseSubfield(slice);
  if (subfield.bits > 64) throw fault(slice, `${textOf(slice)} has ${subfield.bits} bits; 64 are the most here`);
  return subfield;
}

/** For actions that have four bytes for a field's header. */
export function withShortHeader(slice: Slice, subfield: Subfield): Subfield {
  if (hasShortHeader(subfield.field)) return subfield;
  throw fault(slice, `${fieldText(subfield.field).name} has no place here: its header is too long`);
}

/** Be it an older one: only OXM's experimenter fields have longer ones. */
export function hasShortHeader(field: FieldName): boolean {
  const { header, nxm } = fieldRow(field);
  return nxm !== undefined || header.experimenter === undefined;
}

export function noField(slice: Slice, word: string) {
  return fault(
    slice,
    word === '' ? 'a field is missing' : `"${shortened(word)}" is no field${hint(word, fieldWords())}`,
  );
}

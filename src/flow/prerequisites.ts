/** The run-time check of a match: fields that are there, masks where they may be, prerequisites (OpenFlow 1.4, 7.2.2.6). */

import { isMasked } from '../../proto/openflow/oxm.ts';
import { FIELD_NAMES, type FieldRow, rowNamed } from '../../proto/openflow/oxm-fields.ts';
import { fulfils, PREREQUISITES } from '../../proto/openflow/prerequisites.ts';
import { FlowError } from './flow-error.ts';
import { PIPELINE_FIELDS } from './pipeline-fields.ts';
import { hint } from './text/fault.ts';

/** Throws FlowError with the field's name where a field is unknown, masked though it can't be, or lacks what it needs. */
export function checkMatch(match: Readonly<Record<string, unknown>>): void {
  for (const name in match) {
    if (match[name] === undefined) continue;
    const row = rowNamed(name);
    if (row === undefined) throw new FlowError(`the match names "${name}", which is no field${nearestField(name)}`);
    checkField(match, name, row);
  }
}

/** The same of one that is there. */
export function checkField(
  match: Readonly<Record<string, unknown>>,
  name: string,
  { maskable, prerequisite }: FieldRow,
): void {
  if (!maskable && isMasked(match[name])) throw new FlowError(`${name} can't be matched with a mask`);
  if (prerequisite === undefined || fulfils(match, prerequisite)) return;
  throw new FlowError(`${name} in a match needs ${PREREQUISITES[prerequisite].needs} beside it`);
}

/** Goes behind the statement that the name is no field's: the one that was meant. */
export function nearestField(name: string): string {
  return hint(name, [...FIELD_NAMES, ...Object.keys(PIPELINE_FIELDS)]);
}

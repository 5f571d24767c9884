/** The numbers that a template's flows have in its slots: what may stand there, and what a match has there. */

import type { Match } from '../../../proto/openflow/match.ts';
import type { FieldValue } from '../../../proto/openflow/oxm-fields.ts';
import { ipv4Number, macBytes } from '../../../proto/wire/address.ts';
import { FlowError } from '../flow-error.ts';
import type { SlotUse } from './template.ts';

/** Throws a FlowError where one is none that may stand in its slot. */
export function checkNumbers(slots: readonly SlotUse[], numbers: Float64Array): void {
  for (let i = 0; i < slots.length; i++) {
    const value = numbers[i]!;
    if (value >= 0 && value <= slots[i]!.most && Math.floor(value) === value) continue;
    throw new FlowError(`${value} in slot(${i}), which stands for ${slots[i]!.uses.join(' and ')}`);
  }
}

/** Of the slots that are in the match, those of a flow with that match; the others are 0. */
export function takeMatched(slots: readonly SlotUse[], match: Match, into: Float64Array): void {
  into.fill(0);
  for (const [i, { uses, inMatch }] of slots.entries()) {
    if (!inMatch) continue;
    const field = uses.find((use) => use !== 'output') as keyof Match;
    into[i] = numberIn(match[field] as FieldValue | undefined);
  }
}

function numberIn(value: FieldValue | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return Number.NaN;
  const mac = macBytes(value);
  return mac === undefined ? (ipv4Number(value) ?? Number.NaN) : mac.reduce((sum, byte) => sum * 256 + byte, 0);
}

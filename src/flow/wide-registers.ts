/**
 * Runs of bits in Open vSwitch's registers of 128 bits, which are four of the plain ones, the first with the highest bits. A
 * match on one is dumped as a match on those.
 */

import type { FieldName } from '../../proto/openflow/oxm-fields.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';

const REGISTER = 32;
const IN_WIDE = 4;

export interface Piece {
  place: Subfield;
  /** Bits of the run below this piece. */
  shift: number;
}

/** Its pieces in plain registers, the lowest bits first; another field is one piece. */
export function piecesOf(run: Subfield): Piece[] {
  const number = /^xxreg(\d)$/.exec(run.field)?.[1];
  if (number === undefined) return [{ place: run, shift: 0 }];
  const pieces: Piece[] = [];
  for (let at = run.offset; at < run.offset + run.bits; ) {
    const offset = at % REGISTER;
    const bits = Math.min(REGISTER - offset, run.offset + run.bits - at);
    const register = Number(number) * IN_WIDE + IN_WIDE - 1 - Math.floor(at / REGISTER);
    pieces.push({ place: { field: `reg${register}` as FieldName, offset, bits }, shift: at - run.offset });
    at += bits;
  }
  return pieces;
}

/** Whether two runs have a bit in common. */
export function meets(one: Subfield, other: Subfield): boolean {
  const others = piecesOf(other);
  return piecesOf(one).some(({ place: a }) =>
    others.some(({ place: b }) => a.field === b.field && a.offset < b.offset + b.bits && b.offset < a.offset + a.bits),
  );
}

/**
 * Whether instructions as they lie in a message can be decoded, as Open vSwitch sees it (OpenFlow 1.4, 7.2.3): the
 * first fault.
 */

import { u16 } from '../../../packet/bytes.ts';
import type { Refusal } from '../../switch-state.ts';
import { shapeAt } from './action-shapes.ts';
import type { ActionsCheck } from './actions.ts';
import { BAD_ACTION, BAD_INSTRUCTION } from './refusals.ts';

/** type → bytes, and whether there may be more */
const LENGTHS: ReadonlyMap<number, readonly [least: number, more: boolean]> = new Map([
  [1, [8, false]],
  [2, [24, false]],
  [3, [8, true]],
  [4, [8, true]],
  [5, [8, true]],
  [6, [8, false]],
]);
const WRITE_ACTIONS = 3;
const APPLY_ACTIONS = 4;
const CLEAR_ACTIONS = 5;
const EXPERIMENTER = 0xffff;
const MOST_METER = 0xffff_0000;

/** Actions that have no place in an action set (OpenFlow 1.4, 5.10), by the name of their shape. */
const NOT_IN_SETS: ReadonlySet<string> = new Set([
  ...['bundle', 'bundleLoad', 'checkPktLarger', 'clone', 'conjunction', 'controller', 'controller2', 'debugSlow'],
  ...[
    'debugRecirc',
    'exit',
    'finTimeout',
    'learn',
    'learn2',
    'multipath',
    'note',
    'outputReg',
    'outputReg2',
    'outputTrunc',
  ],
  ...[
    'popQueue',
    'sample',
    'sample2',
    'sample3',
    'stackPush',
    'stackPop',
    'encap',
    'decap',
    'deleteField',
    'resubmitTableCt',
  ],
]);

/** What may not stand in an action set is a type that it does not know. */
export function checkActionSet(
  bytes: Uint8Array,
  from: number,
  to: number,
  actions: ActionsCheck,
): Refusal | undefined {
  const refusal = actions(bytes, from, to);
  if (refusal !== undefined) return refusal;
  for (let at = from; at < to; at += u16(bytes, at + 2)) {
    const found = shapeAt(bytes, at, to);
    if ('name' in found && NOT_IN_SETS.has(found.name)) return BAD_ACTION.badType;
  }
  return undefined;
}

export function checkInstructions(
  bytes: Uint8Array,
  from: number,
  to: number,
  actions: ActionsCheck,
): Refusal | undefined {
  if ((to - from) % 8 !== 0) return BAD_INSTRUCTION.badLen;
  const seen = new Map<number, number>();
  for (let at = from; at < to; ) {
    const type = u16(bytes, at);
    const length = u16(bytes, at + 2);
    if (length < 8 || length % 8 !== 0 || length > to - at) return BAD_INSTRUCTION.badLen;
    if (type === EXPERIMENTER) return BAD_INSTRUCTION.badExperimenter;
    const known = LENGTHS.get(type);
    if (known === undefined) return BAD_INSTRUCTION.unknownInst;
    if (length !== known[0] && (!known[1] || type === CLEAR_ACTIONS)) return BAD_INSTRUCTION.badLen;
    if (seen.has(type)) return BAD_INSTRUCTION.dupInst;
    seen.set(type, at);
    at += length;
  }
  const applied = seen.get(APPLY_ACTIONS);
  const written = seen.get(WRITE_ACTIONS);
  return (
    (applied === undefined ? undefined : actions(bytes, applied + 8, applied + u16(bytes, applied + 2))) ??
    (written === undefined ? undefined : checkActionSet(bytes, written + 8, written + u16(bytes, written + 2), actions))
  );
}

/** Of a meter instruction: whether there can be such a meter. */
export function isMeterNumber(meterId: number): boolean {
  return meterId > 0 && meterId <= MOST_METER;
}

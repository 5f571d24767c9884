/**
 * Whether the buckets of a group-mod as they lie in the message can be decoded (OpenFlow 1.4, 7.3.4.2): the first
 * fault.
 */

import { u16, u32 } from '../../../packet/bytes.ts';
import type { Refusal } from '../../switch-state.ts';
import { isNoPort } from '../flow-mod.ts';
import type { ActionsCheck } from './actions.ts';
import { BAD_ACTION, BAD_REQUEST } from './refusals.ts';

const FIRST_BUCKET = 16;
const HEAD = 16;
const OUTPUT = 0;
const ANY = 0xffff_ffff;

const failed = (code: string): Refusal => ({ errorType: 'groupModFailed', code });

export function checkGroupBytes(bytes: Uint8Array, actions: ActionsCheck): Refusal | undefined {
  for (let at = FIRST_BUCKET; at < bytes.length; ) {
    if (bytes.length - at < HEAD) return failed('badBucket');
    const length = u16(bytes, at);
    if (length < HEAD || length > bytes.length - at) return failed('badBucket');
    if (length % 8 !== 0) return BAD_REQUEST.badLen;
    const refused = actions(bytes, at + HEAD, at + length) ?? checkOutputs(bytes, at + HEAD, at + length);
    if (refused !== undefined) return refused;
    if (isNoPort(u32(bytes, at + 4))) return failed('badWatch');
    at += length;
  }
  return undefined;
}

function checkOutputs(bytes: Uint8Array, from: number, to: number): Refusal | undefined {
  for (let at = from; at < to; at += u16(bytes, at + 2)) {
    if (u16(bytes, at) === OUTPUT && u32(bytes, at + 4) === ANY) return BAD_ACTION.badOutPort;
  }
  return undefined;
}

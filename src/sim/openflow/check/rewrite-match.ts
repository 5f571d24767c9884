/**
 * Fields with a header or a mask that say the same otherwise than OpenFlow 1.4 would: Open vSwitch takes them, and
 * tells the usual.
 */

import { fieldRow } from '../../../../proto/openflow/oxm-fields.ts';
import { putU16, putU32 } from '../../../packet/bytes.ts';
import { createOxmPlace, locateOxm } from './oxm.ts';

const HEADER = 4;
const EXPERIMENTER = 4;

/**
 * The TLVs from `from` to `to`, which are sound, with the usual headers; masks of fields that have none are left out.
 */
export function rewriteFields(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const place = createOxmPlace();
  const target = new Uint8Array(2 * (to - from) + 2 * HEADER);
  let end = 0;
  for (let at = from; at < to; at = place.end) {
    if (locateOxm(place, bytes, at, to) !== undefined || place.name === undefined) break;
    const { header, maskable } = fieldRow(place.name);
    const { width, valueAt, masked } = place;
    if (masked && !maskable && bytes[valueAt + width] === 0) continue;
    const keepsMask = masked && maskable;
    const payload = keepsMask ? 2 * width : width;
    putU16(target, end, header.oxmClass);
    target[end + 2] = (header.field << 1) | (keepsMask ? 1 : 0);
    target[end + 3] = payload + (header.experimenter === undefined ? 0 : EXPERIMENTER);
    end += HEADER;
    if (header.experimenter !== undefined) {
      putU32(target, end, header.experimenter);
      end += EXPERIMENTER;
    }
    target.set(bytes.subarray(valueAt, valueAt + payload), end);
    end += payload;
  }
  return target.subarray(0, end);
}

/** The message with its ofp_match, which is from `at` to `end`, written so. */
export function withUsualMatch(bytes: Uint8Array, at: number, end: number, length: number): Uint8Array {
  const fields = rewriteFields(bytes, at + HEADER, at + length);
  const size = HEADER + fields.length;
  const padded = (size + 7) & ~7;
  const whole = new Uint8Array(bytes.length - (end - at) + padded);
  whole.set(bytes.subarray(0, at));
  putU16(whole, at, 1);
  putU16(whole, at + 2, size);
  whole.set(fields, at + HEADER);
  whole.set(bytes.subarray(end), at + padded);
  putU16(whole, 2, whole.length);
  return whole;
}

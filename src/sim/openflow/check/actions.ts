/**
 * Whether a list of actions as it lies in a message can be decoded, as Open vSwitch 3.1 sees it (ofpacts_decode): each
 * action's type and length, then what its fixed part and the fields that it names say. The first fault counts.
 */

import { fieldOf, fieldRow } from '../../../../proto/openflow/oxm-fields.ts';
import { u16, u32 } from '../../../packet/bytes.ts';
import type { TlvTable } from '../../key/tlv-table.ts';
import { isWritable } from '../../key/writable.ts';
import type { Refusal } from '../../switch-state.ts';
import { type ActionShape, shapeAt } from './action-shapes.ts';
import { createOxmPlace, isValid, locateOxm } from './oxm.ts';
import { BAD_ACTION, BAD_MATCH, NICIRA_REFUSALS } from './refusals.ts';

const FIRST_NESTED = { ct: 24, clone: 16 } as const;
const EXPERIMENTER_CLASS = 0xffff;

export type ActionsCheck = (bytes: Uint8Array, from: number, to: number) => Refusal | undefined;

export function createActionsCheck(fields: TlvTable): ActionsCheck {
  const place = createOxmPlace();

  function check(bytes: Uint8Array, from: number, to: number): Refusal | undefined {
    for (let at = from; at < to; ) {
      if (to - at < 4) return BAD_ACTION.badLen;
      const found = shapeAt(bytes, at, to);
      if ('errorType' in found) return found;
      const length = u16(bytes, at + 2);
      if (length > to - at || length < found.least || length > found.most || length % 8 !== 0) return BAD_ACTION.badLen;
      const refusal = found.check?.(bytes, at, at + length) ?? checkFields(found, bytes, at, at + length);
      if (refusal !== undefined) return refusal;
      at += length;
    }
    return undefined;
  }

  function checkFields({ name }: ActionShape, bytes: Uint8Array, at: number, end: number): Refusal | undefined {
    switch (name) {
      case 'setField':
        return setField(bytes, at + 4, end, false);
      case 'regLoad2':
        return setField(bytes, at + 10, end, true);
      case 'regLoad':
        return regLoad(bytes, at);
      case 'regMove':
        return regMove(bytes, at, end);
      case 'outputReg':
        return subfield(bytes, at + 12, u16(bytes, at + 10) >> 6, (u16(bytes, at + 10) & 0x3f) + 1);
      case 'ct':
      case 'clone':
        return check(bytes, at + FIRST_NESTED[name], end);
      default:
        return undefined;
    }
  }

  function setField(bytes: Uint8Array, at: number, end: number, mayMask: boolean): Refusal | undefined {
    const refusal = locateOxm(place, bytes, at, end);
    if (refusal !== undefined) return refusal;
    const { name } = place;
    // Of a header that there is not Open vSwitch says so, too.
    if (name === undefined) return BAD_ACTION.badSetLen;
    if (place.end > end) return BAD_MATCH.badLen;
    if (fieldRow(name).kind === 'octets' && fields.placeOf(name) === undefined) return NICIRA_REFUSALS.invalidTlvField;
    if (place.masked && !mayMask) return BAD_ACTION.badSetType;
    for (let i = place.end; i < end; i++) if (bytes[i] !== 0) return BAD_ACTION.badSetArgument;
    if ((name === 'inPort' && !mayMask) || !isWritable(name)) return BAD_ACTION.badSetArgument;
    if (!place.masked && !isValid(name, bytes, place.valueAt, place.width)) return BAD_ACTION.badSetArgument;
    // A tag that is set is there.
    if (name === 'vlanVid' && (u16(bytes, place.valueAt) & 0x1000) === 0) return BAD_ACTION.badSetArgument;
    return undefined;
  }

  function regLoad(bytes: Uint8Array, at: number): Refusal | undefined {
    const packed = u16(bytes, at + 10);
    const bits = (packed & 0x3f) + 1;
    const refusal = subfield(bytes, at + 12, packed >> 6, bits, true);
    if (refusal !== undefined) return refusal;
    const value = (BigInt(u32(bytes, at + 16)) << 32n) | BigInt(u32(bytes, at + 20));
    return value >> BigInt(bits) === 0n ? undefined : BAD_ACTION.badArgument;
  }

  function regMove(bytes: Uint8Array, at: number, end: number): Refusal | undefined {
    const bits = u16(bytes, at + 10);
    const refusal = header(bytes, at + 16) ?? subfield(bytes, at + 16, u16(bytes, at + 12), bits);
    if (refusal !== undefined) return refusal;
    const second = at + 16 + headerLength(bytes, at + 16);
    if (second + 4 > end) return BAD_ACTION.badLen;
    return header(bytes, second) ?? subfield(bytes, second, u16(bytes, at + 14), bits, true);
  }

  /** Of those actions that read headers as a match has them. */
  function header(bytes: Uint8Array, at: number): Refusal | undefined {
    const oxmClass = u16(bytes, at);
    const experimenter = oxmClass === EXPERIMENTER_CLASS ? u32(bytes, at + 4) : undefined;
    const name = fieldOf(oxmClass, bytes[at + 2]! >> 1, experimenter);
    const row = name === undefined ? undefined : fieldRow(name);
    const width = bytes[at + 3]! - (experimenter === undefined ? 0 : 4);
    return row !== undefined && (row.kind === 'octets' || row.bytes === width) ? undefined : BAD_MATCH.badField;
  }

  /** A header without value, and bits of its field. */
  function subfield(bytes: Uint8Array, at: number, offset: number, bits: number, written = false): Refusal | undefined {
    const oxmClass = u16(bytes, at);
    const name = fieldOf(
      oxmClass,
      bytes[at + 2]! >> 1,
      oxmClass === EXPERIMENTER_CLASS ? u32(bytes, at + 4) : undefined,
    );
    if (name === undefined) return BAD_ACTION.badSetType;
    const lies = fields.placeOf(name);
    if (lies === undefined)
      return fieldRow(name).kind === 'octets' ? NICIRA_REFUSALS.invalidTlvField : BAD_ACTION.badSetType;
    if (bits === 0 || offset + bits > lies.bits) return BAD_ACTION.badSetLen;
    return written && !isWritable(name) ? BAD_ACTION.badSetArgument : undefined;
  }

  return check;
}

function headerLength(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) === EXPERIMENTER_CLASS ? 8 : 4;
}

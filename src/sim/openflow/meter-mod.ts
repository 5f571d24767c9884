/** OFPT_METER_MOD (OpenFlow 1.4, 7.3.4.4): looked at in Open vSwitch's order, then carried out. */

import { decodeMessage } from '../../../proto/openflow/message.ts';
import type { MeterMod } from '../../../proto/openflow/meter-mod.ts';
import { u16, u32 } from '../../packet/bytes.ts';
import type { Refusal } from '../switch-state.ts';
import { BAD_REQUEST } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import type { Link } from './link.ts';
import { forwardRequest } from './request-forward.ts';

const FIRST_BAND = 16;
const BAND = 16;
const DROP = 1;
const DELETE = 2;
const KBPS = 1;
const PKTPS = 2;
const KNOWN_FLAGS = 0x0f;

const failed = (code: string): Refusal => ({ errorType: 'meterModFailed', code });

export function meterMod(core: SwitchCore, link: Link, bytes: Uint8Array): Refusal | undefined {
  const isDelete = u16(bytes, 8) === DELETE;
  const refused = isDelete ? undefined : checkBands(bytes);
  if (refused !== undefined) return refused;
  let mod: MeterMod;
  try {
    mod = decodeMessage(isDelete ? withoutBands(bytes) : bytes) as MeterMod;
  } catch {
    return BAD_REQUEST.badLen;
  }
  const wrong = core.meters.apply(mod);
  if (wrong === undefined) forwardRequest(core, 'meterMod', bytes, link);
  return wrong;
}

function checkBands(bytes: Uint8Array): Refusal | undefined {
  const flags = u16(bytes, 10);
  const hasKbps = (flags & KBPS) !== 0;
  if ((flags & ~KNOWN_FLAGS) !== 0 || hasKbps === ((flags & PKTPS) !== 0)) return failed('badFlags');
  for (let at = FIRST_BAND; at < bytes.length; ) {
    if (bytes.length - at < BAND) return BAD_REQUEST.badLen;
    const length = u16(bytes, at + 2);
    if (u16(bytes, at) !== DROP) return failed('badBand');
    if (length !== BAND || length > bytes.length - at) return BAD_REQUEST.badLen;
    if (u32(bytes, at + 4) === 0) return failed('badRate');
    at += length;
  }
  return undefined;
}

/** Of a meter that goes nothing else is looked at. */
function withoutBands(bytes: Uint8Array): Uint8Array {
  const head = bytes.slice(0, FIRST_BAND);
  head[2] = 0;
  head[3] = FIRST_BAND;
  return head;
}

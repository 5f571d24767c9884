/** OFPT_METER_MOD (OpenFlow 1.4, 7.3.4.4): looked at in Open vSwitch's order, then carried out. */

import { decodeMessage } from '../../../proto/openflow/message.ts';
import type { MeterMod } from '../../../proto/openflow/meter-mod.ts';
import { u16 } from '../../packet/bytes.ts';
import type { Refusal } from '../switch-state.ts';
import { BAD_REQUEST } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import type { Link } from './link.ts';
import { forwardRequest } from './request-forward.ts';

const FIRST_BAND = 16;
const BAND = 16;
const LAST_COMMAND = 2;
/** Drop, DSCP remark and experimenter: of the last two the datapath has none. */
const BANDS: ReadonlySet<number> = new Set([1, 2, 0xffff]);
const DELETE = 2;

export function meterMod(core: SwitchCore, link: Link, bytes: Uint8Array): Refusal | undefined {
  const isDelete = u16(bytes, 8) === DELETE;
  if (u16(bytes, 8) > LAST_COMMAND) return { errorType: 'meterModFailed', code: 'badCommand' };
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

/** Bands that can be decoded; which of them a meter may have is looked at later. */
function checkBands(bytes: Uint8Array): Refusal | undefined {
  for (let at = FIRST_BAND; at < bytes.length; ) {
    if (bytes.length - at < BAND) return BAD_REQUEST.badLen;
    const length = u16(bytes, at + 2);
    if (length !== BAND || length > bytes.length - at) return BAD_REQUEST.badLen;
    if (!BANDS.has(u16(bytes, at))) return { errorType: 'meterModFailed', code: 'badBand' };
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

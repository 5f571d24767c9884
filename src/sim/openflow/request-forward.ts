/** OFPT_REQUESTFORWARD (OpenFlow 1.4, 7.4.6): other controllers hear of what one of them changed. */

import { putU16, putU32 } from '../../packet/bytes.ts';
import { wants } from './async-config.ts';
import type { SwitchCore } from './core.ts';
import type { Link } from './link.ts';

const HEAD = 8;
const REQUEST_FORWARD = 32;

export function forwardRequest(core: SwitchCore, reason: 'groupMod' | 'meterMod', bytes: Uint8Array, by: Link): void {
  for (const link of core.links) {
    if (link === by || !link.greeted || !wants(link.async, 'requestForward', reason, link.role === 'slave')) continue;
    const message = new Uint8Array(HEAD + bytes.length);
    message[0] = bytes[0]!;
    message[1] = REQUEST_FORWARD;
    putU16(message, 2, message.length);
    putU32(message, 4, 0);
    message.set(bytes, HEAD);
    link.write(message);
  }
}

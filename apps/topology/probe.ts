/**
 * The frames that links are found by: LLDP (IEEE 802.1AB) with a value of our own that says which port sent it. A key of
 * the process goes into it, so that no station can make one up, and the time, so that an old one is worth nothing.
 */

import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  buildEthernet,
  buildLldp,
  CHASSIS_LOCALLY_ASSIGNED,
  ETHER_TYPE,
  LLDP_NEAREST_BRIDGE,
  PORT_LOCALLY_ASSIGNED,
  parseEthernet,
  parseLldp,
} from '../../src/index.ts';
import type { Place } from './tree.ts';

/** Nobody else's: locally administered. By it the switch tells our frames from others' LLDP, which it treats as before. */
export const PROBE_SOURCE = '02:46:4c:00:00:01';
const OUI = 0x02464c;
const SUBTYPE = 1;

/** Datapath id 8 bytes, port 4, milliseconds 8, authenticator 16. */
const SIGNED = 20;
const AUTHENTICATOR = 16;
/** Seconds, for others that hear it. */
const TTL = 2;
/** Milliseconds after which a frame is too old to be believed. */
const LASTS = 5000;

export interface Probes {
  /** The frame for a port to send. Times are milliseconds of any clock that never goes back. */
  build(from: Place, now: number): Uint8Array;
  /** Which port sent it; undefined: not one of ours, or too old. */
  read(frame: Uint8Array, now: number): Place | undefined;
}

export function createProbes(key: Uint8Array = randomBytes(32)): Probes {
  // As bytes it would be made a key for each frame, which takes longer than the rest.
  const secret = createSecretKey(key);
  const sign = (signed: Uint8Array) => createHmac('sha256', secret).update(signed).digest().subarray(0, AUTHENTICATOR);
  return {
    build(from, now) {
      const signed = Buffer.alloc(SIGNED);
      signed.writeBigUInt64BE(BigInt(`0x${from.dpid}`), 0);
      signed.writeUInt32BE(from.port, 8);
      signed.writeDoubleBE(now, 12);
      const unit = buildLldp({
        chassisId: { subtype: CHASSIS_LOCALLY_ASSIGNED, id: Buffer.from(from.dpid) },
        portId: { subtype: PORT_LOCALLY_ASSIGNED, id: Buffer.from(String(from.port)) },
        ttl: TTL,
        own: [{ oui: OUI, subtype: SUBTYPE, value: Buffer.concat([signed, sign(signed)]) }],
        others: [],
      });
      return buildEthernet({ dst: LLDP_NEAREST_BRIDGE, src: PROBE_SOURCE, ethType: ETHER_TYPE.lldp }, unit);
    },
    read(frame, now) {
      const ethernet = parseEthernet(frame);
      if (ethernet?.ethType !== ETHER_TYPE.lldp) return undefined;
      const own = parseLldp(frame, ethernet.payloadOffset)?.own;
      const value = own?.find(({ oui, subtype }) => oui === OUI && subtype === SUBTYPE)?.value;
      if (value?.length !== SIGNED + AUTHENTICATOR) return undefined;
      const signed = Buffer.from(value.subarray(0, SIGNED));
      if (!timingSafeEqual(sign(signed), value.subarray(SIGNED))) return undefined;
      const age = now - signed.readDoubleBE(12);
      if (age < 0 || age > LASTS) return undefined;
      return { dpid: signed.toString('hex', 0, 8), port: signed.readUInt32BE(8) };
    },
  };
}

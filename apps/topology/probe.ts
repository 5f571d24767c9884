/**
 * The frames that links are found by: LLDP (IEEE 802.1AB) with a value of our own that says which port sent it. A key of
 * the process goes into it, so that no station can make one up, and the time, so that an old one is worth nothing.
 */

import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
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
import { type Place, placeKey } from './tree.ts';

/** Nobody else's: locally administered. By it the switch tells our frames from others' LLDP, which it treats as before. */
export const PROBE_SOURCE = '02:46:4c:00:00:01';
const OUI = 0x02464c;
const SUBTYPE = 1;

/** Datapath id 8 bytes, port 4, milliseconds 8, authenticator 16. */
const SIGNED = 20;
const AUTHENTICATOR = 16;
/** Of the data unit behind the value. */
const END = 2;
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

/** Frames that are kept to be sent again, for so many ports: only the time in them differs, and what signs it. */
const MOST_KEPT = 20_000;

export function createProbes(key: Uint8Array = randomBytes(32)): Probes {
  const sign = createSigner(key);
  const frames = new Map<string, Uint8Array>();

  function frameOf(from: Place): Uint8Array {
    const name = placeKey(from);
    let frame = frames.get(name);
    if (frame !== undefined) return frame;
    const value = Buffer.alloc(SIGNED + AUTHENTICATOR);
    value.writeBigUInt64BE(BigInt(`0x${from.dpid}`), 0);
    value.writeUInt32BE(from.port, 8);
    const unit = buildLldp({
      chassisId: { subtype: CHASSIS_LOCALLY_ASSIGNED, id: Buffer.from(from.dpid) },
      portId: { subtype: PORT_LOCALLY_ASSIGNED, id: Buffer.from(String(from.port)) },
      ttl: TTL,
      own: [{ oui: OUI, subtype: SUBTYPE, value }],
      others: [],
    });
    frame = buildEthernet({ dst: LLDP_NEAREST_BRIDGE, src: PROBE_SOURCE, ethType: ETHER_TYPE.lldp }, unit);
    if (frames.size >= MOST_KEPT) frames.clear();
    frames.set(name, frame);
    return frame;
  }

  return {
    build(from, now) {
      const frame = Buffer.from(frameOf(from));
      const value = frame.subarray(frame.length - END - SIGNED - AUTHENTICATOR, frame.length - END);
      value.writeDoubleBE(now, 12);
      value.write(sign(value.subarray(0, SIGNED)), SIGNED, 'hex');
      return frame;
    },
    read(frame, now) {
      const ethernet = parseEthernet(frame);
      if (ethernet?.ethType !== ETHER_TYPE.lldp) return undefined;
      const own = parseLldp(frame, ethernet.payloadOffset)?.own;
      const value = own?.find(({ oui, subtype }) => oui === OUI && subtype === SUBTYPE)?.value;
      if (value?.length !== SIGNED + AUTHENTICATOR) return undefined;
      const signed = Buffer.from(value.subarray(0, SIGNED));
      if (!timingSafeEqual(Buffer.from(sign(signed), 'hex'), value.subarray(SIGNED))) return undefined;
      const age = now - signed.readDoubleBE(12);
      if (age < 0 || age > LASTS) return undefined;
      return { dpid: signed.toString('hex', 0, 8), port: signed.readUInt32BE(8) };
    },
  };
}

/**
 * HMAC with SHA-256 (RFC 2104), as much of it as the authenticator has, in hexadecimal: by two hashes of a few bytes each,
 * where node:crypto's own, or buffers for what they give, take ten times as long.
 */
function createSigner(key: Uint8Array): (signed: Uint8Array) => string {
  const inner = Buffer.alloc(BLOCK + SIGNED, 0x36);
  const outer = Buffer.alloc(BLOCK + 32, 0x5c);
  for (const [i, byte] of key.entries()) {
    inner[i]! ^= byte;
    outer[i]! ^= byte;
  }
  return (signed) => {
    inner.set(signed, BLOCK);
    outer.write(hash('sha256', inner, 'hex'), BLOCK, 'hex');
    return hash('sha256', outer, 'hex').slice(0, 2 * AUTHENTICATOR);
  };
}

/** Of SHA-256: a key has no more bytes here. */
const BLOCK = 64;

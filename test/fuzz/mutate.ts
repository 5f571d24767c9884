// Makes a message hostile: bytes changed, cut out, repeated, lengths and types set to what breaks decoders.
import type { Random } from './random.ts';

/** What lengths, types and counters are set to. */
const EDGES_8 = [0, 1, 4, 7, 8, 0x7f, 0x80, 0xfe, 0xff];
const EDGES_16 = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 24, 0x0fff, 0x2320, 0x7fff, 0x8000, 0xffef, 0xfff8, 0xffff];
const EDGES_32 = [0, 1, 0x2320, 0x4f4e4600, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

const HEADER = 8;
const LONGEST = 0xffff;

type Change = (bytes: Uint8Array, random: Random) => Uint8Array;

const CHANGES: readonly Change[] = [
  (bytes, random) => {
    bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  },
  (bytes, random) => {
    bytes[random.below(bytes.length)] = random.pick(EDGES_8);
    return bytes;
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << random.below(8));
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length < 4) return bytes;
    // Lengths stand at even places.
    const at = 2 * random.below(bytes.length >> 1);
    viewOf(bytes).setUint16(Math.min(at, bytes.length - 2), random.pick(EDGES_16));
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length < 4) return bytes;
    const at = Math.min(2 * random.below(bytes.length >> 1), bytes.length - 2);
    const view = viewOf(bytes);
    view.setUint16(at, view.getUint16(at) + random.pick([-8, -4, -1, 1, 4, 8]));
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length < 4) return bytes;
    viewOf(bytes).setUint32(random.below(bytes.length - 3), random.pick(EDGES_32));
    return bytes;
  },
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(24)));
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    return joined(bytes.subarray(0, at), random.bytes(1 + random.below(24)), bytes.subarray(at));
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    const part = bytes.subarray(at, at + 1 + random.below(64));
    return joined(bytes.subarray(0, at), part, part, bytes.subarray(at));
  },
];

/** A changed copy; `donor` lends a part now and then. */
export function mutate(bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let changes = 1 + random.below(4); changes > 0 && result.length > 0; changes--) {
    if (random.below(12) === 0) {
      const from = random.below(donor.length);
      const part = donor.subarray(from, from + 8 * (1 + random.below(8)));
      const at = random.below(result.length);
      result = joined(result.subarray(0, at), part, result.subarray(at));
    } else result = random.pick(CHANGES)(result, random);
  }
  result = result.length > LONGEST ? result.slice(0, LONGEST) : result;
  // Most of the time the header holds, so that what comes behind it is what decides.
  if (random.below(8) !== 0 && result.length >= HEADER) {
    result[0] = 5;
    viewOf(result).setUint16(2, result.length);
  }
  return result;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Cuts what a controller sends into messages (OpenFlow 1.4, 7.1), without an object for each: a message is told by
 * where it lies. Only one that comes in two chunks is put together, in a buffer that is used again.
 */

import { u16 } from '../../packet/bytes.ts';

export interface Framing {
  /** A chunk of the stream, which is free again when this returns. False: a length that no message can have. */
  push(chunk: Uint8Array, length?: number): boolean;
}

const HEAD = 4;
const LEAST = 8;
const MOST = 0xffff;

/** `message`: one from `at` on, of that length, type in its second byte; false: nothing more is to be read. */
export function createFraming(message: (bytes: Uint8Array, at: number, length: number) => boolean): Framing {
  let pending: Buffer | undefined;
  let filled = 0;

  /** Adds to what waits until there is so much of it; how many bytes that took. */
  function fill(chunk: Uint8Array, at: number, end: number, wanted: number): number {
    const taken = Math.min(wanted - filled, end - at);
    if (taken <= 0) return 0;
    pending!.set(chunk.subarray(at, at + taken), filled);
    filled += taken;
    return taken;
  }

  return {
    push(chunk, length = chunk.length) {
      let at = 0;
      if (filled > 0) {
        at += fill(chunk, at, length, HEAD);
        if (filled < HEAD) return true;
        const whole = u16(pending!, 2);
        if (whole < LEAST) return false;
        at += fill(chunk, at, length, whole);
        if (filled < whole) return true;
        filled = 0;
        if (!message(pending!, 0, whole)) return true;
      }
      while (length - at >= HEAD) {
        const whole = u16(chunk, at + 2);
        if (whole < LEAST) return false;
        if (length - at < whole) break;
        if (!message(chunk, at, whole)) return true;
        at += whole;
      }
      if (at === length) return true;
      // As large as what waits: a switch among a thousand keeps no more for a message cut in two.
      const wanted = length - at >= HEAD ? u16(chunk, at + 2) : MOST;
      if (pending === undefined || pending.length < wanted) pending = Buffer.allocUnsafe(wanted);
      fill(chunk, at, length, pending.length);
      return true;
    },
  };
}

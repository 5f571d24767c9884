/**
 * Cuts what a controller sends into messages (OpenFlow 1.4, 7.1), without an object for each: a message is told by
 * where it lies. Only one that comes in two chunks is put together, in a buffer that is used again.
 */

export interface Framing {
  /** `length` bytes of a chunk, which is free again when this returns. */
  push(chunk: Buffer, length: number): void;
}

const HEAD = 4;
const MOST = 0xffff;

/** `message`: one from `at` on, of that length, type in its second byte. Lengths that none can have throw. */
export function createFraming(message: (bytes: Buffer, at: number, length: number) => void): Framing {
  let pending: Buffer | undefined;
  let filled = 0;

  /** Adds to what waits until there is so much of it; how many bytes that took. */
  function fill(chunk: Buffer, at: number, end: number, wanted: number): number {
    const taken = Math.min(wanted - filled, end - at);
    if (taken <= 0) return 0;
    chunk.copy(pending!, filled, at, at + taken);
    filled += taken;
    return taken;
  }

  return {
    push(chunk, length) {
      let at = 0;
      if (filled > 0) {
        at += fill(chunk, at, length, HEAD);
        if (filled < HEAD) return;
        const whole = lengthAt(pending!, 0);
        at += fill(chunk, at, length, whole);
        if (filled < whole) return;
        filled = 0;
        message(pending!, 0, whole);
      }
      while (length - at >= HEAD) {
        const whole = lengthAt(chunk, at);
        if (length - at < whole) break;
        message(chunk, at, whole);
        at += whole;
      }
      if (at === length) return;
      pending ??= Buffer.allocUnsafe(MOST);
      fill(chunk, at, length, MOST);
    },
  };
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (length < 8) throw new Error(`the controller sent a message with a length of ${length}`);
  return length;
}

/**
 * Cuts a stream of bytes into OpenFlow messages (OpenFlow 1.4, 7.1). Chunks may be split or joined anywhere; a message
 * that lies whole in one chunk is handed on without a copy. What cannot be a message ends the stream.
 */

import { HEADER_LENGTH } from '../../proto/openflow/message.ts';

export interface FramerEvents {
  /** One message, header included; the bytes are valid until the next call of push. */
  frame(bytes: Uint8Array): void;
  /** The stream can't be OpenFlow; nothing more will be framed. */
  broken(reason: string): void;
}

export interface Framer {
  push(chunk: Uint8Array): void;
}

/** Highest version byte that any OpenFlow peer sends (1.5 is 6); the top bit is reserved and 0. */
const HIGHEST_VERSION = 6;
const HIGHEST_TYPE = 35;

export function createFramer(events: FramerEvents): Framer {
  let pending: Uint8Array | undefined;
  let ended = false;

  function broken(reason: string): void {
    ended = true;
    pending = undefined;
    events.broken(reason);
  }

  /** Length of the message that starts at `at`, or undefined after telling what is wrong. */
  function lengthAt(bytes: Uint8Array, at: number): number | undefined {
    const version = bytes[at]!;
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (version === 0 || version > HIGHEST_VERSION) broken(`version byte ${version} is not OpenFlow's`);
    else if (bytes[at + 1]! > HIGHEST_TYPE) broken(`message type ${bytes[at + 1]} does not exist`);
    else if (length < HEADER_LENGTH) broken(`a message of ${length} bytes is shorter than its header`);
    else return length;
    return undefined;
  }

  return {
    push(chunk) {
      if (ended) return;
      let bytes = chunk;
      if (pending !== undefined) {
        bytes = new Uint8Array(pending.length + chunk.length);
        bytes.set(pending);
        bytes.set(chunk, pending.length);
        pending = undefined;
      }
      let at = 0;
      while (bytes.length - at >= 4) {
        const length = lengthAt(bytes, at);
        if (length === undefined) return;
        if (bytes.length - at < length) break;
        events.frame(bytes.subarray(at, at + length));
        if (ended) return;
        at += length;
      }
      if (at < bytes.length) pending = bytes.slice(at);
    },
  };
}

/** Reads a growing capture file (libpcap's format) of Open vSwitch's dummy ports, which write each frame out at once. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface CaptureTail {
  /** The frames that came since it was asked last, in order. */
  read(): Uint8Array[];
  close(): void;
}

const FILE_HEADER = 24;
const FRAME_HEADER = 16;
/** Where the frame's length stands in its header, in the order of the machine's bytes. */
const LENGTH_AT = 8;

export function openCaptureTail(path: string): CaptureTail {
  const file = openSync(path, 'r');
  let position = FILE_HEADER;
  return {
    read() {
      const { size } = fstatSync(file);
      if (size <= position) return [];
      const bytes = Buffer.alloc(size - position);
      readSync(file, bytes, 0, bytes.length, position);
      const frames: Uint8Array[] = [];
      let at = 0;
      while (at + FRAME_HEADER <= bytes.length) {
        const end = at + FRAME_HEADER + bytes.readUInt32LE(at + LENGTH_AT);
        if (end > bytes.length) break;
        frames.push(Uint8Array.from(bytes.subarray(at + FRAME_HEADER, end)));
        at = end;
      }
      position += at;
      return frames;
    },
    close: () => closeSync(file),
  };
}

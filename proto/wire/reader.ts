/** Reads big-endian values from a window of bytes that it can never leave. */

import { DecodeError } from './decode-error.ts';

/** Structures inside one another at most: actions nest, and hostile bytes must not use up the stack. */
const MAX_DEPTH = 64;

export class Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  position: number;
  readonly end: number;
  private readonly depth: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, view?: DataView, depth = 0) {
    this.bytes = bytes;
    this.view = view ?? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = start;
    this.end = end;
    this.depth = depth;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Moves on by `length` bytes and returns where they start; refuses to leave the window. */
  take(length: number): number {
    const at = this.position;
    if (length < 0 || at + length > this.end) {
      throw new DecodeError(`needs ${length} bytes, ${this.end - at} are left`, at);
    }
    this.position = at + length;
    return at;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2));
  }

  u32(): number {
    return this.view.getUint32(this.take(4));
  }

  u64(): bigint {
    return this.view.getBigUint64(this.take(8));
  }

  /** A view of the next `length` bytes: no copy, so it lives as long as the message's buffer. */
  slice(length: number): Uint8Array {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  rest(): Uint8Array {
    return this.slice(this.remaining);
  }

  /** What is left of the zeros that make a structure a multiple of 8 bytes. */
  padding(): void {
    this.take(this.remaining % 8);
  }

  /** A reader of the next `length` bytes alone. */
  sub(length: number): Reader {
    const at = this.take(length);
    if (this.depth === MAX_DEPTH) throw new DecodeError(`more than ${MAX_DEPTH} structures inside one another`, at);
    return new Reader(this.bytes, at, at + length, this.view, this.depth + 1);
  }

  /** Every structure is consumed exactly. */
  expectEnd(): void {
    if (this.position !== this.end) throw new DecodeError(`${this.remaining} bytes too many`, this.position);
  }
}

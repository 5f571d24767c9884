/** Reads big-endian values from a window of bytes that it can never leave. */

import { DecodeError } from './decode-error.ts';
import { VIEW } from './memory.ts';

/** Structures inside one another at most: actions nest, and hostile bytes must not use up the stack. */
export const MAX_DEPTH = 64;

/**
 * What the value of a message may take of memory: so much for each of its bytes, and so much more. Dumps of flows take
 * some 6 times their bytes, 8 where every flow learns; a message made of the smallest parts that our schemas have would
 * take 40 times its bytes.
 */
const MEMORY_PER_BYTE = 9.5;
const LEAST_MEMORY = 16 * 1024;

/** The value of every byte string without bytes. */
const NO_BYTES = new Uint8Array(0);

const whole = new BigUint64Array(1);
const halves = new Uint32Array(whole.buffer);
/** Where the lower half of a 64-bit number lies on this machine. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** 64 bits at `at`, which must lie inside. */
export function u64At(bytes: Uint8Array, at: number): bigint {
  halves[1 - LOW] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  halves[LOW] = (bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!;
  return whole[0]!;
}

/** Chunks of a socket are smaller; a larger buffer is not kept from being freed. */
const KEPT = 1 << 20;
let lastBuffer: ArrayBufferLike | undefined;
let lastView: DataView | undefined;

/** A view of a buffer. Making one costs as much as reading a small message, and a chunk of a socket holds many: the last stays. */
function viewOf(buffer: ArrayBufferLike): DataView {
  if (buffer === lastBuffer && lastView !== undefined) return lastView;
  const view = new DataView(buffer);
  if (buffer.byteLength <= KEPT) {
    lastBuffer = buffer;
    lastView = view;
  }
  return view;
}

export class Reader {
  readonly bytes: Uint8Array;
  position: number;
  /** Generated code moves it, and `depth`, instead of making a reader of its own for every structure. */
  end: number;
  depth: number;
  /** The message's own reader, which keeps account of the memory for all. */
  readonly root: Reader;
  private whole: DataView | undefined = undefined;
  /** What is left of it, in bytes: of the message's own reader only. */
  memory: number;
  /** What `spendOnce` has taken it for. */
  private common: Set<unknown> | undefined = undefined;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, depth = 0, root?: Reader) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.depth = depth;
    this.root = root ?? this;
    this.memory = root === undefined ? LEAST_MEMORY + MEMORY_PER_BYTE * (end - start) : 0;
  }

  /** Of the whole buffer that the bytes lie in, at `origin`: what generated code reads with. */
  get view(): DataView {
    this.whole ??= viewOf(this.bytes.buffer);
    return this.whole;
  }

  get origin(): number {
    return this.bytes.byteOffset;
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
    return this.bytes[this.take(1)]!;
  }

  u16(): number {
    return this.u16At(this.take(2));
  }

  u32(): number {
    return this.u32At(this.take(4));
  }

  u64(): bigint {
    return u64At(this.bytes, this.take(8));
  }

  /** 16 bits at `at`, which must lie inside; moves nowhere. */
  u16At(at: number): number {
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  /** 32 bits at `at`, which must lie inside; moves nowhere. */
  u32At(at: number): number {
    const { bytes } = this;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  /** A view of the next `length` bytes: no copy, so it lives as long as the message's buffer. */
  slice(length: number): Uint8Array {
    const at = this.take(length);
    return this.viewAt(at, at + length);
  }

  /** Takes what a part of the value needs (memory.ts) off what the message may; generated code does it in place. */
  spend(memory: number): void {
    this.root.memory -= memory;
    if (this.root.memory < 0) {
      throw new DecodeError('its value would take more than ten times the memory of the message', this.position);
    }
  }

  /** The same for what several parts of a value have in common, known by `key`: the first of them pays. */
  spendOnce(key: unknown, memory: number): void {
    const { root } = this;
    root.common ??= new Set();
    if (root.common.has(key)) return;
    root.common.add(key);
    this.spend(memory);
  }

  /** As it was when so much was left: what decoded in vain is forgotten. */
  restoreMemory(memory: number): void {
    this.root.memory = memory;
    this.root.common = undefined;
  }

  /** A view of the bytes from `start` to `end` - 1, which must lie inside; moves nowhere. */
  viewAt(start: number, end: number): Uint8Array {
    if (start === end) return NO_BYTES;
    this.spend(VIEW);
    return this.bytes.subarray(start, end);
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
    return new Reader(this.bytes, at, at + length, this.depth + 1, this.root);
  }

  /** Every structure is consumed exactly. */
  expectEnd(): void {
    if (this.position !== this.end) throw new DecodeError(`${this.remaining} bytes too many`, this.position);
  }
}

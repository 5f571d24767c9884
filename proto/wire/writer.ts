/** Writes big-endian values into a buffer that grows as needed. */

export class Writer {
  /** Both are others after it grew; only generated code writes to them past the methods. */
  buffer: Uint8Array;
  view: DataView;
  position = 0;
  /** Structures that contain themselves, inside one another: `lazy` counts them. */
  depth = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  /** Makes room for `length` more bytes. */
  room(length: number): void {
    const end = this.position + length;
    if (end <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(end, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.position));
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }

  /** Moves on by `length` bytes, for which there is room then, and returns where they start. */
  private reserve(length: number): number {
    const at = this.position;
    this.room(length);
    this.position = at + length;
    return at;
  }

  u8(value: number): void {
    const at = this.reserve(1);
    this.view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.reserve(2);
    this.view.setUint16(at, value);
  }

  u32(value: number): void {
    const at = this.reserve(4);
    this.view.setUint32(at, value);
  }

  u64(value: bigint): void {
    const at = this.reserve(8);
    this.view.setBigUint64(at, value);
  }

  bytes(value: Uint8Array): void {
    const at = this.reserve(value.length);
    this.buffer.set(value, at);
  }

  zeros(length: number): void {
    const at = this.reserve(length);
    this.buffer.fill(0, at, at + length);
  }

  /** Pads with zeros until the bytes since `start` are a multiple of `size`. */
  align(start: number, size: number): void {
    const over = (this.position - start) % size;
    if (over !== 0) this.zeros(size - over);
  }

  /** Writes a 16-bit value over bytes already written: a length that is known only now. */
  patchU16(at: number, value: number): void {
    this.view.setUint16(at, value);
  }

  /** The bytes so far; valid until the next write. */
  finish(): Uint8Array {
    return this.buffer.subarray(0, this.position);
  }
}

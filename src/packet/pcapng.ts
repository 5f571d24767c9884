/** Frames of pcapng files: section header, interface description, enhanced and simple packet blocks (draft-ietf-opsawg-pcapng). */

import { type CapturedFrame, type CaptureResult, linkTypeProblem, secondsOf } from './capture.ts';

const BLOCK = { section: 0x0a0d_0d0a, interface: 1, simple: 3, enhanced: 6 } as const;
const BYTE_ORDER = 0x1a2b_3c4d;
const OPTION = { end: 0, timeResolution: 9, timeOffset: 14 } as const;
/** Type, and the length before and behind. */
const SHORTEST_BLOCK = 12;

interface Interface {
  linkType: number;
  /** 0: all of a frame. */
  snapLength: number;
  /** Units of time stamps in a second, and seconds to be added. */
  perSecond: number;
  offset: number;
}

/** One block, without its type and lengths. */
interface Block {
  type: number;
  body: DataView;
  little: boolean;
}

export function isPcapng(file: Uint8Array): boolean {
  // It reads the same in both byte orders.
  return file.length >= 4 && viewOf(file).getUint32(0) === BLOCK.section;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Never throws; blocks of other kinds are passed over. */
export function readPcapng(file: Uint8Array): CaptureResult {
  const frames: CapturedFrame[] = [];
  let interfaces: Interface[] = [];
  let little: boolean | undefined;
  let at = 0;
  while (at < file.length) {
    if (file.length - at < SHORTEST_BLOCK) return { ok: true, frames, cut: true };
    const view = viewOf(file.subarray(at));
    if (view.getUint32(0) === BLOCK.section) {
      little = byteOrder(view);
      interfaces = [];
    }
    if (little === undefined) return { ok: false, problem: `its section at byte ${at} tells no byte order` };
    const length = view.getUint32(4, little);
    if (length < SHORTEST_BLOCK || length % 4 !== 0) {
      return { ok: false, problem: `the block at byte ${at} can't be ${length} bytes long` };
    }
    if (at + length > file.length) return { ok: true, frames, cut: true };
    const body = viewOf(file.subarray(at + 8, at + length - 4));
    const block = { type: view.getUint32(0, little), body, little };
    if (block.type === BLOCK.interface && body.byteLength >= 8) interfaces.push(interfaceOf(block));
    const taken = frameOf(block, interfaces);
    if (typeof taken === 'string') return { ok: false, problem: `the block at byte ${at}: ${taken}` };
    if (taken !== undefined) frames.push(taken);
    at += length;
  }
  return { ok: true, frames, cut: false };
}

/** Whether little-endian. */
function byteOrder(view: DataView): boolean | undefined {
  if (view.getUint32(8, true) === BYTE_ORDER) return true;
  return view.getUint32(8, false) === BYTE_ORDER ? false : undefined;
}

function interfaceOf({ body, little }: Block): Interface {
  const found: Interface = {
    linkType: body.getUint16(0, little),
    snapLength: body.getUint32(4, little),
    perSecond: 1e6,
    offset: 0,
  };
  let at = 8;
  while (at + 4 <= body.byteLength) {
    const code = body.getUint16(at, little);
    const length = body.getUint16(at + 2, little);
    const value = at + 4;
    if (code === OPTION.end || value + length > body.byteLength) break;
    if (code === OPTION.timeResolution && length === 1) found.perSecond = unitsOf(body.getUint8(value));
    if (code === OPTION.timeOffset && length === 8) found.offset = Number(body.getBigInt64(value, little));
    at = value + Math.ceil(length / 4) * 4;
  }
  return found;
}

/** The highest bit says whether it is a power of 2, or of 10. */
function unitsOf(resolution: number): number {
  return (resolution & 0x80) === 0 ? 10 ** resolution : 2 ** (resolution & 0x7f);
}

/** A text says what is wrong; undefined is a block without a frame. */
function frameOf({ type, body, little }: Block, interfaces: readonly Interface[]): CapturedFrame | string | undefined {
  if (type !== BLOCK.enhanced && type !== BLOCK.simple) return undefined;
  const enhanced = type === BLOCK.enhanced;
  const start = enhanced ? 20 : 4;
  if (body.byteLength < start) return 'it is too short for a frame';
  const number = enhanced ? body.getUint32(0, little) : 0;
  const from = interfaces[number];
  if (from === undefined) return `its interface ${number} is not described before it`;
  const problem = linkTypeProblem(from.linkType);
  if (problem !== undefined) return problem;
  const originalLength = body.getUint32(enhanced ? 16 : 0, little);
  const captured = enhanced ? body.getUint32(12, little) : Math.min(originalLength, from.snapLength || originalLength);
  if (start + captured > body.byteLength) return `it has no room for ${captured} bytes of a frame`;
  return {
    time: enhanced ? timeOf(body, little, from) : 0,
    frame: new Uint8Array(body.buffer, body.byteOffset + start, captured),
    originalLength,
  };
}

function timeOf(body: DataView, little: boolean, { perSecond, offset }: Interface): number {
  const units = (BigInt(body.getUint32(4, little)) << 32n) | BigInt(body.getUint32(8, little));
  const second = BigInt(perSecond);
  return secondsOf(Number(units / second) + offset, Number(units % second), perSecond);
}

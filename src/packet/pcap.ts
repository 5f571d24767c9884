/** Capture files: classic pcap read and written, pcapng read (draft-ietf-opsawg-pcap; pcapng: `pcapng.ts`). */

import { type CapturedFrame, type CaptureResult, ETHERNET, linkTypeProblem, secondsOf } from './capture.ts';
import { isPcapng, readPcapng } from './pcapng.ts';

const MICROSECONDS = 0xa1b2_c3d4;
const NANOSECONDS = 0xa1b2_3c4d;
const FILE_HEADER = 24;
const FRAME_HEADER = 16;
/** What tcpdump takes for "whole frames". */
const LONGEST_FRAME = 262_144;

/** Of either byte order, with micro- or nanoseconds, or pcapng; the frames must be Ethernet's. Never throws. */
export function readCapture(file: Uint8Array): CaptureResult {
  if (isPcapng(file)) return readPcapng(file);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const kind = file.length < FILE_HEADER ? undefined : kindOf(view);
  if (kind === undefined) return { ok: false, problem: 'it is neither a pcap nor a pcapng file' };
  const { little, perSecond } = kind;
  // The upper bits tell of the FCS.
  const problem = linkTypeProblem(view.getUint32(20, little) & 0xffff);
  if (problem !== undefined) return { ok: false, problem };
  const frames: CapturedFrame[] = [];
  let at = FILE_HEADER;
  while (at + FRAME_HEADER <= file.length) {
    const start = at + FRAME_HEADER;
    const end = start + view.getUint32(at + 8, little);
    if (end > file.length) break;
    frames.push({
      time: secondsOf(view.getUint32(at, little), view.getUint32(at + 4, little), perSecond),
      frame: file.subarray(start, end),
      originalLength: view.getUint32(at + 12, little),
    });
    at = end;
  }
  return { ok: true, frames, cut: at < file.length };
}

function kindOf(view: DataView): { little: boolean; perSecond: number } | undefined {
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === MICROSECONDS) return { little, perSecond: 1e6 };
    if (magic === NANOSECONDS) return { little, perSecond: 1e9 };
  }
  return undefined;
}

export interface FrameToWrite {
  frame: Uint8Array;
  /** Seconds since 1970; kept to the microsecond. */
  time?: number | undefined;
  /** As long as the frame where not given. */
  originalLength?: number | undefined;
}

/** A classic pcap file of Ethernet frames. */
export function writeCapture(frames: readonly FrameToWrite[]): Uint8Array {
  const length = frames.reduce((sum, { frame }) => sum + FRAME_HEADER + frame.length, FILE_HEADER);
  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);
  view.setUint32(0, MICROSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, LONGEST_FRAME, true);
  view.setUint32(20, ETHERNET, true);
  let at = FILE_HEADER;
  for (const { frame, time = 0, originalLength = frame.length } of frames) {
    const microseconds = Math.round(time * 1e6);
    view.setUint32(at, Math.floor(microseconds / 1e6), true);
    view.setUint32(at + 4, microseconds % 1e6, true);
    view.setUint32(at + 8, frame.length, true);
    view.setUint32(at + 12, originalLength, true);
    file.set(frame, at + FRAME_HEADER);
    at += FRAME_HEADER + frame.length;
  }
  return file;
}

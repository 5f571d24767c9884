/** What is read from capture files, of either format. */

export interface CapturedFrame {
  /** Seconds since 1970; 0 where the file does not tell. */
  time: number;
  /** As much of it as was captured, a part of the file's bytes. */
  frame: Uint8Array;
  /** On the wire, in bytes. */
  originalLength: number;
}

export interface Capture {
  ok: true;
  frames: CapturedFrame[];
  /** The file ends within a frame, which is left out. */
  cut: boolean;
}

/** `problem`: one sentence on what is wrong with the file. */
export type CaptureResult = Capture | { ok: false; problem: string };

/** The link type that both formats know Ethernet by. */
export const ETHERNET = 1;

/** undefined where frames of the link type can be read. */
export function linkTypeProblem(linkType: number): string | undefined {
  return linkType === ETHERNET ? undefined : `its frames are of link type ${linkType}, not of Ethernet (${ETHERNET})`;
}

/** To the nearest number that there is; `fraction` counts units of which a second has `perSecond`. */
export function secondsOf(seconds: number, fraction: number, perSecond: number): number {
  const units = seconds * perSecond + fraction;
  return Number.isSafeInteger(units) ? units / perSecond : seconds + fraction / perSecond;
}

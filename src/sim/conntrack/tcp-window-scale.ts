/** TCP's window scale option (RFC 7323, 2.2). */

/** Bits of what is known of a side's scale. */
export const WINDOW_SCALE = {
  /** By how many bits its windows are shifted. */
  shift: 15,
  /** Nobody saw its SYN. */
  unknown: 64,
  /** Its SYN had the option. */
  told: 128,
  /** The largest shift there is. */
  most: 14,
} as const;

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const OPTION = 3;

/** `told` and the shift of the segment at `l4`, 0 without the option. */
export function windowScaleOf(frame: Uint8Array, l4: number): number {
  const end = Math.min(l4 + (frame[l4 + 12]! >>> 4) * 4, frame.length);
  let scale = 0;
  let at = l4 + 20;
  while (end - at >= 3) {
    const kind = frame[at]!;
    if (kind === END_OF_OPTIONS) break;
    if (kind === NO_OPERATION) {
      at++;
      continue;
    }
    if (kind === OPTION) scale = WINDOW_SCALE.told | Math.min(frame[at + 2]!, WINDOW_SCALE.most);
    at += Math.max(frame[at + 1]!, 2);
  }
  return scale;
}

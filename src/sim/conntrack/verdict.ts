/** What a protocol says of a further packet of a connection. */

export const VERDICT = {
  /** Part of it: established. */
  valid: 0,
  /** Part of it, and the other side has not answered yet. */
  stillNew: 1,
  /** Fits no place in it. */
  invalid: 2,
  /** The connection is over, and this begins another. */
  anew: 3,
} as const;

export type Verdict = (typeof VERDICT)[keyof typeof VERDICT];

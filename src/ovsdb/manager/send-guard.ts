/** Keeps the same transaction from being sent over and over, when it is refused or somebody undoes it. Without a clock. */

export interface SendGuard {
  /** How long to wait before this may be sent; 0: now. */
  pause(key: string, now: number): number;
  /** It was sent; says how many times in a row now. */
  sent(key: string, now: number): number;
  /** Something changed that makes a new attempt worthwhile. */
  reset(): void;
}

const firstPause = 1000;
const longestPause = 60_000;

export function createSendGuard(): SendGuard {
  let last: { key: string; at: number; count: number } | undefined;
  /** What was long ago counts no more. */
  const current = (key: string, now: number) =>
    last?.key === key && now - last.at < 2 * longestPause ? last : undefined;
  return {
    pause(key, now) {
      const previous = current(key, now);
      if (previous === undefined) return 0;
      const pause = Math.min(longestPause, firstPause * 2 ** (previous.count - 1));
      return Math.max(0, previous.at + pause - now);
    },
    sent(key, now) {
      last = { key, at: now, count: (current(key, now)?.count ?? 0) + 1 };
      return last.count;
    },
    reset() {
      last = undefined;
    },
  };
}

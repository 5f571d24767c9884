/**
 * Tells when one of some files has changed. It looks at each from time to time instead of asking the system to tell: so a
 * folder that is made anew, a symbolic link that leads elsewhere and a file that an editor replaces are nothing special.
 */

import { GONE, stampOf } from './resolve-flowloom.ts';

export interface WatchTimes {
  /** Milliseconds between two looks. */
  every?: number;
  /** So long nothing more must change: many changes are one. */
  quiet?: number;
  /** A file that is gone is waited for so long: it may be about to be replaced. */
  gone?: number;
}

/** `files` is asked anew at each look: what it names for the first time is as it should be. */
export function watchFiles(
  files: () => Iterable<string>,
  changed: () => void,
  { every = 250, quiet = 500, gone = 3000 }: WatchTimes = {},
): { stop(): void } {
  /** As they were when `changed` was called last, or when they were named. */
  const told = new Map<string, string>();
  let seen = new Map<string, string>();
  let sameSince = 0;

  function look(): void {
    const now = performance.now();
    const before = seen;
    seen = new Map(Array.from(files(), (file) => [file, stampOf(file)]));
    for (const file of told.keys()) if (!seen.has(file)) told.delete(file);
    for (const [file, stamp] of seen) {
      if (!told.has(file)) told.set(file, stamp);
      if (before.get(file) !== stamp) sameSince = now;
    }
    const others = [...seen].filter(([file, stamp]) => told.get(file) !== stamp);
    if (others.length === 0) return;
    const isGone = others.some(([, stamp]) => stamp === GONE);
    if (now - sameSince < (isGone ? gone : quiet)) return;
    for (const [file, stamp] of others) told.set(file, stamp);
    changed();
  }
  look();
  const timer = setInterval(look, every);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

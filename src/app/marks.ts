/** A few numbers in memory that a watchdog thread reads: whose code runs now, and whether the event loop still turns. */

export interface Marks {
  /** Number of the app whose code runs, 0: none; and of what it does. Written around every call into an app. */
  readonly numbers: Int32Array;
  /** The app's index here, for `numbers[APP]`. */
  app(name: string): number;
  /** The same for what it does: `packetIn`, `a timer` … */
  work(name: string): number;
}

/** Places in `numbers`. */
export const APP = 0;
export const WORK = 1;
/** Goes up as long as the event loop turns. */
export const HEARTBEAT = 2;
/** Goes up every TICK_MS, by the watchdog's own clock: what takes long is told by it without asking for the time. */
export const TICK = 3;
export const TICK_MS = 10;

/** `named`: hears each new name, before its number is used. */
export function createMarks(
  numbers: Int32Array = new Int32Array(4),
  named: (kind: 'app' | 'work', number: number, name: string) => void = () => undefined,
): Marks {
  const known = { app: new Map<string, number>(), work: new Map<string, number>() };
  function numberOf(kind: 'app' | 'work', name: string): number {
    const found = known[kind].get(name);
    if (found !== undefined) return found;
    const number = known[kind].size + 1;
    known[kind].set(name, number);
    named(kind, number, name);
    return number;
  }
  return {
    numbers,
    app: (name) => numberOf('app', name),
    work: (name) => numberOf('work', name),
  };
}

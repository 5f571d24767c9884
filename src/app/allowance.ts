/**
 * What an app may send to one switch by itself, packet-outs and flows with a timeout: so many for each packet-in, and so
 * many a second besides. What goes beyond that is dropped, counted and told: an app that floods harms itself alone.
 */

export interface Allowance {
  /** One message more; false: it is not sent. */
  take(): boolean;
  /** One that was not sent. */
  drop(): void;
  /** A packet-in came for it. */
  packetIn(): void;
}

const FOR_EACH_PACKET_IN = 4;
const A_SECOND = 1000;
const AT_ONCE = 1000;
const TOLD_MS = 10_000;

/** `dropped` hears of each, `tell` every ten seconds of how many. */
export function createAllowance(
  dropped: () => void,
  tell: (count: number) => void,
  now: () => number = () => performance.now(),
): Allowance {
  let left = AT_ONCE;
  let filledAt = now();
  let count = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    take() {
      if (left < 1) {
        const at = now();
        left = Math.min(AT_ONCE, left + ((at - filledAt) * A_SECOND) / 1000);
        filledAt = at;
        if (left < 1) return false;
      }
      left--;
      return true;
    },
    drop() {
      count++;
      dropped();
      // As of the last look at the clock, just before.
      const at = filledAt;
      if (at - toldAt < TOLD_MS) return;
      toldAt = at;
      tell(count);
      count = 0;
    },
    packetIn() {
      if (left < AT_ONCE) left += FOR_EACH_PACKET_IN;
    },
  };
}

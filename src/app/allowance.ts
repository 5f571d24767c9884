/**
 * What an app may send to one switch by itself, packet-outs and flows with a timeout: so many for each packet-in, and so
 * many a second besides. What goes beyond that is dropped, counted and told: an app that floods harms itself alone. As many
 * flows without a timeout it may declare because of traffic; none of those is dropped, but it floods then, too.
 */

import { type Clock, systemClock } from '../clock.ts';

export interface Allowance {
  /** One message more; false: it is not sent. */
  take(): boolean;
  /** One that was not sent. */
  drop(): void;
  /** A flow without a timeout, set or withdrawn because of traffic. */
  declare(): void;
  /** A packet-in came for it. */
  packetIn(): void;
  /** Goes up with what was more than allowed. */
  readonly exceeded: number;
}

const FOR_EACH_PACKET_IN = 4;
const SENDS_A_SECOND = 1000;
/** Each is compared, sent in a bundle and remembered. */
const DECLARES_A_SECOND = 200;
const AT_ONCE = 1000;
/** A burst is told as a whole, not by its first message; one that lasts, every ten seconds. */
const BURST_MS = 1000;
const TOLD_MS = 10_000;

/** `dropped` hears of each, `tell` every ten seconds of how many. */
export function createAllowance(
  dropped: () => void,
  tell: (count: number) => void,
  { now, after }: Clock = systemClock,
): Allowance {
  const sends = createBucket(SENDS_A_SECOND, now);
  const declares = createBucket(DECLARES_A_SECOND, now);
  let exceeded = 0;
  let count = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    take: sends.take,
    drop() {
      exceeded++;
      dropped();
      if (count++ > 0) return;
      after(Math.max(BURST_MS, toldAt + TOLD_MS - sends.emptyAt()), () => {
        tell(count);
        toldAt = now();
        count = 0;
      });
    },
    declare() {
      if (!declares.take()) exceeded++;
    },
    packetIn() {
      sends.packetIn();
      declares.packetIn();
    },
    get exceeded() {
      return exceeded;
    },
  };
}

function createBucket(aSecond: number, now: () => number) {
  let left = AT_ONCE;
  let filledAt = now();
  return {
    take(): boolean {
      if (left < 1) {
        const at = now();
        left = Math.min(AT_ONCE, left + ((at - filledAt) * aSecond) / 1000);
        filledAt = at;
        if (left < 1) return false;
      }
      left--;
      return true;
    },
    packetIn(): void {
      if (left < AT_ONCE) left += FOR_EACH_PACKET_IN;
    },
    /** As of the last look at the clock, when it was found empty. */
    emptyAt: () => filledAt,
  };
}

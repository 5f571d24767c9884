/**
 * By how much a counter rose between two readings. A switch begins at zero again when it restarts or a flow is installed
 * anew; the sums that are made of these increases never fall.
 */

/** A counter that the switch does not keep is all ones on the wire; here it is this. */
export const NOT_KEPT = Number.NaN;

const ALL_ONES = 0xffff_ffff;
const TWO_32 = 2 ** 32;

/** 64 bits as a number: exact up to 2^53, 100 Gbit/s for eight days; the difference of two readings then still is near. */
export function counter(high: number, low: number): number {
  return high === ALL_ONES && low === ALL_ONES ? NOT_KEPT : high * TWO_32 + low;
}

export function wideCounter(value: bigint): number {
  return value === 0xffff_ffff_ffff_ffffn ? NOT_KEPT : Number(value);
}

/**
 * `last` and `now`: two readings; `anew`: what is counted came to be between them, and may have kept its count all the
 * same. A 64-bit counter never comes to its end; one that a switch keeps in 32 bits does.
 */
export function increase(last: number, now: number, anew: boolean): number {
  if (Number.isNaN(now)) return 0;
  if (Number.isNaN(last) || now === last) return 0;
  if (now > last) return now - last;
  const wrapped = !anew && last < TWO_32 && last >= TWO_32 / 2;
  return wrapped ? now + TWO_32 - last : now;
}

/** Of counters that begin at zero together: where one fell, all did. */
export function increases(last: readonly number[], now: readonly number[], anew: boolean): number[] {
  const begun = anew && now.some((value, index) => value < last[index]!);
  return now.map((value, index) => increase(begun && !Number.isNaN(last[index]) ? 0 : last[index]!, value, anew));
}

/**
 * How often statistics are read. Nobody looks: now and then, so that sums do not lose what a restart takes away. Somebody
 * looks: as often as asked, unless reading is so much work that it would take more than its share of the time.
 */

export interface Cost {
  /** Milliseconds that the last answer took. */
  took: number;
  /** Entries in it; undefined: not read yet. */
  size: number | undefined;
}

/** Milliseconds between two readings while somebody watches. */
export const WATCHED = 1000;
const UNWATCHED = 30_000;
/** Of what a switch has none of: queues, meters, groups. */
const NONE_THERE = 300_000;
const LONGEST = 600_000;
/** The part of the time that reading may take. */
const WATCHED_SHARE = 0.1;
const UNWATCHED_SHARE = 0.002;

/** `wanted`: as often as somebody asks for; undefined: nobody does. */
export function interval(wanted: number | undefined, { took, size }: Cost): number {
  if (wanted !== undefined) return Math.max(wanted, took / WATCHED_SHARE);
  return Math.min(Math.max(size === 0 ? NONE_THERE : UNWATCHED, took / UNWATCHED_SHARE), LONGEST);
}

/** At most. */
const STALE = 10_000;

/** An answer this old is as good as a new one. */
export function staleAfter({ took }: Pick<Cost, 'took'>): number {
  return Math.min(Math.max(WATCHED, took / WATCHED_SHARE), STALE);
}

/** With more flows than this each table is read by itself, the small ones as often as they are watched. */
export const MANY_FLOWS = 2000;

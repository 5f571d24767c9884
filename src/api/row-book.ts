/** Rows of one topic as the stream's readers know them: each change gets a revision, so that any reader can be brought up to
 * date in one message, however many changes it slept through. */
import type { RowTopic, StreamRows } from './snapshot.ts';

export interface RowBook<T extends RowTopic> {
  /** Takes over the rows as they are now; returns whether anything changed. */
  update(rows: readonly StreamRows[T][]): boolean;
  readonly revision: number;
  /** What brings a reader at `since` up to date, as JSON; undefined: it is. -1: it knows nothing yet. */
  messageSince(since: number): string | undefined;
}

interface Entry<Row> {
  row: Row;
  revision: number;
}

export interface RowBookOptions<Row> {
  /** Default: by all that they say. */
  differs?(known: Row, now: Row): boolean;
  /** Removed rows are remembered up to this many; a reader further behind gets a new snapshot instead. */
  rememberedRemovals?: number;
}

const REMEMBERED_REMOVALS = 20_000;

export function createRowBook<T extends RowTopic>(
  topic: T,
  { differs = saysOther, rememberedRemovals = REMEMBERED_REMOVALS }: RowBookOptions<StreamRows[T]> = {},
): RowBook<T> {
  type Row = StreamRows[T];
  const entries = new Map<Row['id'], Entry<Row>>();
  const removals = new Map<Row['id'], number>();
  let revision = 0;
  /** Readers below it missed removals that are forgotten. */
  let oldestDelta = 0;
  /** Most readers stand at the same revision: the message is made once for all of them. */
  let made = new Map<number, string>();

  function update(rows: readonly Row[]): boolean {
    const next = revision + 1;
    let changed = false;
    const seen = new Set<Row['id']>();
    for (const row of rows) {
      seen.add(row.id);
      const known = entries.get(row.id);
      if (known !== undefined && !differs(known.row, row)) continue;
      entries.set(row.id, { row, revision: next });
      removals.delete(row.id);
      changed = true;
    }
    for (const id of entries.keys()) {
      if (seen.has(id)) continue;
      entries.delete(id);
      removals.set(id, next);
      changed = true;
    }
    if (!changed) return false;
    revision = next;
    made = new Map();
    forgetOldRemovals();
    return true;
  }

  function forgetOldRemovals(): void {
    for (const [id, at] of removals) {
      if (removals.size <= rememberedRemovals) break;
      removals.delete(id);
      oldestDelta = Math.max(oldestDelta, at);
    }
  }

  function messageSince(since: number): string | undefined {
    if (since === revision) return undefined;
    const from = since < oldestDelta ? -1 : since;
    const ready = made.get(from);
    if (ready !== undefined) return ready;
    const message = JSON.stringify(from < 0 ? snapshot() : delta(from));
    made.set(from, message);
    return message;
  }

  function snapshot() {
    return { topic, type: 'snapshot', data: Array.from(entries.values(), ({ row }) => row) };
  }

  function delta(since: number) {
    return {
      topic,
      type: 'delta',
      upsert: [...entries.values()].filter((entry) => entry.revision > since).map(({ row }) => row),
      remove: [...removals].filter(([, at]) => at > since).map(([id]) => id),
    };
  }

  return {
    update,
    get revision() {
      return revision;
    },
    messageSince,
  };
}

function saysOther(known: unknown, now: unknown): boolean {
  return JSON.stringify(known) !== JSON.stringify(now);
}

/** The flows as the stream's readers know them: each change gets a revision, so that any reader can be brought up to date
 * in one message, however many changes it slept through. */
import type { FlowStatus, StreamMessage } from './snapshot.ts';

export interface FlowBook {
  /** Takes over the flows as they are now; returns whether anything changed. */
  update(flows: FlowStatus[]): boolean;
  readonly revision: number;
  /** What brings a reader at `since` up to date, as JSON; undefined: it is. -1: it knows nothing yet. */
  messageSince(since: number): string | undefined;
}

interface Entry {
  flow: FlowStatus;
  revision: number;
}

/** Removed flows are remembered up to this many; a reader further behind gets a new snapshot instead. */
const REMEMBERED_REMOVALS = 20_000;

export function createFlowBook(rememberedRemovals = REMEMBERED_REMOVALS): FlowBook {
  const entries = new Map<string, Entry>();
  const removals = new Map<string, number>();
  let revision = 0;
  /** Readers below it missed removals that are forgotten. */
  let oldestDelta = 0;
  /** Most readers stand at the same revision: the message is made once for all of them. */
  let made = new Map<number, string>();

  function update(flows: FlowStatus[]): boolean {
    const next = revision + 1;
    let changed = false;
    const seen = new Set<string>();
    for (const flow of flows) {
      seen.add(flow.id);
      const known = entries.get(flow.id);
      if (known !== undefined && !differs(known.flow, flow)) continue;
      entries.set(flow.id, { flow, revision: next });
      removals.delete(flow.id);
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

  function snapshot(): StreamMessage {
    return { topic: 'flows', type: 'snapshot', data: [...entries.values()].map((entry) => entry.flow) };
  }

  function delta(since: number): StreamMessage {
    return {
      topic: 'flows',
      type: 'delta',
      upsert: [...entries.values()].filter((entry) => entry.revision > since).map((entry) => entry.flow),
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

/** `duration` grows by itself and is no change, unless it fell: then the flow was installed anew. */
function differs(known: FlowStatus, now: FlowStatus): boolean {
  return (
    known.packets !== now.packets ||
    known.bytes !== now.bytes ||
    known.packetRate !== now.packetRate ||
    known.bitRate !== now.bitRate ||
    known.actions !== now.actions ||
    known.cookie !== now.cookie ||
    known.app !== now.app ||
    known.intent !== now.intent ||
    known.source !== now.source ||
    known.switch !== now.switch ||
    known.tableName !== now.tableName ||
    now.duration < known.duration
  );
}

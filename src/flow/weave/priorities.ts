/**
 * Priorities for flows whose order matters, one above the other: sparse, so that one more finds room between two, and the
 * same as before for all that stay, so that only what is new is sent.
 */

import { FlowError } from '../flow-error.ts';

/** Both excluded. */
export interface PriorityRange {
  above: number;
  below: number;
}

/**
 * One priority for each of `count` flows, falling. `remembered`: what each had before, undefined where it is new. As many
 * as possible keep theirs; others are put halfway between their neighbours, and where there is no room the neighbours
 * next to them move, as few as need be. Throws FlowError where the range is too small.
 */
export function assignPriorities(
  remembered: readonly (number | undefined)[],
  { above, below }: PriorityRange,
): number[] {
  const count = remembered.length;
  if (count > below - above - 1) {
    throw new FlowError(
      `${count} flows in order need ${count} priorities; between ${above} and ${below} are ${below - above - 1}`,
    );
  }
  const kept = keepers(remembered, { above, below });
  const result: number[] = new Array(count);
  for (let from = 0; from < count; ) {
    if (kept[from] === true) {
      result[from] = remembered[from]!;
      from++;
      continue;
    }
    let to = from;
    while (to < count && kept[to] !== true) to++;
    // From here to there, both excluded, all get new ones; where they find no room, a neighbour gives up its own.
    const upper = (at: number) => (at < 0 ? below : result[at]!);
    const lower = (at: number) => (at >= count ? above : remembered[at]!);
    let start = from;
    for (let up = true; upper(start - 1) - lower(to) - 1 < to - start; up = !up) {
      if (up ? start > 0 : to >= count) start--;
      else {
        to++;
        while (to < count && kept[to] !== true) to++;
      }
    }
    const high = upper(start - 1);
    const room = high - lower(to);
    for (let i = start; i < to; i++) result[i] = high - Math.floor((room * (i - start + 1)) / (to - start + 1));
    from = to;
  }
  return result;
}

/** Which keep theirs: a longest part of the list that falls already (by patience sorting). */
function keepers(remembered: readonly (number | undefined)[], { above, below }: PriorityRange): boolean[] {
  /** Of falling parts of each length, the index at which the one with the highest end ends. */
  const ends: number[] = [];
  const before = new Int32Array(remembered.length).fill(-1);
  for (const [i, priority] of remembered.entries()) {
    if (priority === undefined || priority <= above || priority >= below) continue;
    let low = 0;
    for (let high = ends.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (remembered[ends[middle]!]! > priority) low = middle + 1;
      else high = middle;
    }
    before[i] = low === 0 ? -1 : ends[low - 1]!;
    ends[low] = i;
  }
  const kept: boolean[] = new Array(remembered.length).fill(false);
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i]!) kept[i] = true;
  return kept;
}

/** What flows of one table had, by their intents; several of one intent in their falling order. */
export interface PriorityMemory {
  /** One for each intent, falling. Lists with other ranges are remembered apart. */
  assign(intents: readonly string[], range: PriorityRange): number[];
}

/** By each intent, falling. */
type Remembered = ReadonlyMap<string, readonly number[]>;

/** What a list of intents had. */
interface Assigned {
  intents: readonly string[];
  priorities: readonly number[];
}

function byIntent({ intents, priorities }: Assigned): Remembered {
  const found = new Map<string, number[]>();
  for (const [i, intent] of intents.entries()) {
    const same = found.get(intent);
    if (same === undefined) found.set(intent, [priorities[i]!]);
    else same.push(priorities[i]!);
  }
  return found;
}

function assignRemembered(intents: readonly string[], remembered: Remembered, range: PriorityRange): number[] {
  const counts = new Map<string, number>();
  const before = intents.map((intent) => {
    const count = counts.get(intent) ?? 0;
    counts.set(intent, count + 1);
    return remembered.get(intent)?.[count];
  });
  return assignPriorities(before, range);
}

/** More that changed are no cheaper to find one by one. */
const FEW = 16;

/**
 * Of a long list some few have changed: what comes before and after them keeps its priorities. undefined: there is no
 * room between, or the same stands elsewhere too, and it is for the whole list to say which had which.
 */
function assignBetween(intents: readonly string[], last: Assigned, range: PriorityRange): number[] | undefined {
  const most = Math.min(intents.length, last.intents.length);
  let head = 0;
  while (head < most && intents[head] === last.intents[head]) head++;
  let tail = 0;
  while (tail < most - head && intents.at(-1 - tail) === last.intents.at(-1 - tail)) tail++;
  const [end, lastEnd] = [intents.length - tail, last.intents.length - tail];
  const changed = [...intents.slice(head, end), ...last.intents.slice(head, lastEnd)];
  if (changed.length > FEW) return undefined;
  for (const each of changed) {
    const next = intents.indexOf(each, end);
    const before = intents.indexOf(each);
    if (next >= 0 || (before >= 0 && before < head)) return undefined;
  }
  const above = tail === 0 ? range.above : last.priorities[lastEnd]!;
  const below = head === 0 ? range.below : last.priorities[head - 1]!;
  if (end - head > below - above - 1) return undefined;
  const remembered = byIntent({
    intents: last.intents.slice(head, lastEnd),
    priorities: last.priorities.slice(head, lastEnd),
  });
  const between = assignRemembered(intents.slice(head, end), remembered, { above, below });
  return [...last.priorities.slice(0, head), ...between, ...last.priorities.slice(lastEnd)];
}

/**
 * `standing`: the flows of the app's that stand in the table now, for the first time that it is asked; `idOf` tells an
 * intent's number in their cookies, of several with one text each one's.
 */
export function createPriorityMemory(
  standing: () => Iterable<{ intentId: bigint; priority: number }>,
  idOf: (intent: string, ordinal: number) => bigint,
): PriorityMemory {
  const lists = new Map<string, Assigned>();

  function readBack(intents: readonly string[], { above, below }: PriorityRange): Remembered {
    const byId = new Map<bigint, Set<number>>();
    for (const { intentId, priority } of standing()) {
      if (priority <= above || priority >= below) continue;
      const found = byId.get(intentId);
      if (found === undefined) byId.set(intentId, new Set([priority]));
      else found.add(priority);
    }
    const counts = new Map<string, number>();
    for (const intent of byId.size === 0 ? [] : intents) counts.set(intent, (counts.get(intent) ?? 0) + 1);
    const found = new Map<string, number[]>();
    for (const [intent, count] of counts) {
      const ids = Array.from({ length: count }, (_, index) => idOf(intent, index + 1));
      const priorities = new Set(ids.flatMap((id) => [...(byId.get(id) ?? [])]));
      found.set(
        intent,
        [...priorities].toSorted((a, b) => b - a),
      );
    }
    return found;
  }

  return {
    assign(intents, range) {
      const list = `${range.above}-${range.below}`;
      const last = lists.get(list);
      const priorities =
        (last && assignBetween(intents, last, range)) ??
        assignRemembered(intents, last === undefined ? readBack(intents, range) : byIntent(last), range);
      lists.set(list, { intents: [...intents], priorities: [...priorities] });
      return priorities;
    },
  };
}

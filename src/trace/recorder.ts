/** Watches a packet's way through a traced switch, and tells it in steps: tables, flows, changes, where it left. */

import type { Action } from '../../proto/openflow/action.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { FieldChange, TracedFlowText, TraceStep } from '../api/trace.ts';
import { formatActions } from '../flow/text/action-list.ts';
import { FLAG_FIELDS } from '../flow/text/flag-words.ts';
import { describePacket } from '../packet/describe.ts';
import type { Key } from '../sim/key/key.ts';
import type { Watcher } from '../sim/pipeline/watcher.ts';
import type { FlowEntry } from '../sim/table/flow-entry.ts';
import { CANNOT_FOLLOW } from '../sim/traced-switch.ts';
import { changesOf, changesOfFrame, type NamedBits } from './changes.ts';

/** What numbers of the switch stand for. */
export interface SwitchNames {
  flow(entry: FlowEntry): TracedFlowText;
  /** A table in which no flow matches. */
  table(tableId: number): TracedFlowText;
  port(number: number): string;
  group(groupId: number): string;
  zone(zone: number): string;
  fields: readonly NamedBits[];
}

export interface Recorder extends Watcher {
  readonly steps: TraceStep[];
  /** What ended the packet's way, or let it out: the last flow from table to table, those for its copies left out. */
  readonly last: TraceStep | undefined;
  /** Why its way can't be told to the end. */
  readonly problem: string | undefined;
}

interface Holder {
  kind: 'on' | 'aside' | 'bucket' | 'clone';
  step: TraceStep | undefined;
  /** The step that it began last was a group, of which so many buckets have been entered. */
  buckets: number | undefined;
}

export function createRecorder(names: SwitchNames): Recorder {
  const steps: TraceStep[] = [];
  const holders: Holder[] = [];
  let live: Key | undefined;
  let before: Key | undefined;
  /** Something put the key back as it was, which is no change. */
  let isBack = false;
  let depth = 0;
  let entering: Holder | undefined;
  let last: TraceStep | undefined;
  let problem: string | undefined;

  function push(kind: TraceStep['kind'], text: string, more: Partial<TraceStep> = {}): TraceStep {
    const step: TraceStep = { kind, depth, text, flow: null, changes: [], ...more };
    steps.push(step);
    return step;
  }

  /** What has changed since it was looked at last is the work of whoever is at it. */
  function look(): void {
    if (live === undefined) return;
    if (before !== undefined && !isBack) {
      const step = holders.findLast((holder) => holder.step !== undefined)?.step;
      if (step !== undefined) merge(step.changes, changesOf(before, live, names.fields));
    }
    before = live.slice();
    isBack = false;
  }

  return {
    steps,
    get last() {
      return last;
    },
    get problem() {
      return problem;
    },
    begin(key) {
      live = key;
      before = key.slice();
      isBack = false;
      holders.length = 0;
      depth = 0;
      entering = undefined;
    },
    table(tableId, _, flow, isOn) {
      look();
      const step =
        flow === undefined
          ? push('no flow', '', { flow: names.table(tableId) })
          : push('flow', '', { flow: names.flow(flow) });
      if (isOn && depth === 0) last = step;
      entering = flow === undefined ? undefined : { kind: isOn ? 'on' : 'aside', step, buckets: undefined };
    },
    enter() {
      look();
      const above = holders.at(-1);
      let holder = entering;
      if (holder === undefined && above?.buckets !== undefined) {
        above.buckets++;
        holder = { kind: 'bucket', step: push('bucket', `bucket ${above.buckets}:`), buckets: undefined };
      }
      holder ??= { kind: 'clone', step: above?.step, buckets: undefined };
      entering = undefined;
      holders.push(holder);
      if (holder.kind !== 'on') depth++;
    },
    leave() {
      look();
      isBack = true;
      if (holders.pop()?.kind !== 'on') depth--;
    },
    step({ of }) {
      look();
      const holder = holders.at(-1);
      if (holder === undefined) return;
      holder.buckets = undefined;
      if (of.type === 'group' && typeof of.groupId === 'number') {
        push('group', names.group(of.groupId));
        holder.buckets = 0;
      } else if (holder.kind === 'bucket' && holder.step !== undefined) holder.step.text += ` ${actionText(of)}`;
    },
    note(text) {
      if (text.startsWith(CANNOT_FOLLOW)) problem ??= text;
      push('note', text);
    },
    output(port, frame) {
      push('output', `by ${names.port(port)}: ${describePacket(frame)}`, { depth: 0 });
    },
    tracked(state, zone, was, is) {
      const found = FLAG_FIELDS.ctState.names.filter((_, bit) => (state >>> bit) & 1);
      const text = `${names.zone(zone)}: ${found.filter((name) => name !== 'trk').join(', ') || 'nothing'}`;
      push('conntrack', text, { depth: 0, changes: changesOfFrame(was, is) });
    },
    controller(reason) {
      push('controller', reason, { depth: 0 });
    },
  };
}

function actionText(of: Action | Instruction): string {
  return formatActions([of as Action]);
}

/** A field that has changed before keeps what it was at first; one that is as it was again has not changed. */
function merge(changes: FieldChange[], news: readonly FieldChange[]): void {
  for (const change of news) {
    const at = changes.findIndex(({ field }) => field === change.field);
    if (at < 0) changes.push(change);
    else if (changes[at]!.was === change.is) changes.splice(at, 1);
    else changes[at] = { ...changes[at]!, is: change.is };
  }
}

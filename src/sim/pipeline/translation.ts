/**
 * One pass of a packet through the tables: what its key meets becomes datapath actions (Open vSwitch's xlate). Nothing is
 * sent before the whole pass is through: one that fails, by recursion without end for instance, drops the packet.
 */

import type { Key } from '../key/key.ts';
import type { KeyPool } from '../key/key-pool.ts';
import { WORD } from '../key/layout.ts';
import type { Bucket, Group, LearnedFlow, PacketForController, SwitchState } from '../switch-state.ts';
import type { FlowEntry } from '../table/flow-entry.ts';
import type { DatapathAction } from './datapath-action.ts';
import type { MacTable } from './mac-table.ts';
import { hasOriginal, swapTuple } from './original-tuple.ts';
import type { Step } from './program.ts';
import type { Watcher } from './watcher.ts';

/** The nesting of tables that go back, and resubmits in one pass (MAX_DEPTH, MAX_RESUBMITS). */
const MOST_DEPTH = 64;
const MOST_RESUBMITS = 4096;

/** Steps that are still to be done when the packet comes back, outermost last, each with where it was. */
export interface Remaining {
  steps: readonly Step[];
  tableId: number;
  flow: FlowEntry | undefined;
}

/** A packet's state between two passes: all that its bytes do not say. */
export interface Frozen {
  /** Goes on in this table; undefined: with `remaining` alone. */
  tableId: number | undefined;
  remaining: readonly Remaining[];
  /** Of which the words before those of conntrack count; it lives as long as the pass that made it. */
  metadata: Key;
  stack: readonly number[][];
  actionSet: readonly Step[];
  /** It comes out of conntrack: the ct fields mean something. */
  conntracked: boolean;
}

export interface Translation {
  readonly state: SwitchState;
  readonly key: Key;
  /** What has the frame at hand, whose bytes are those before this pass. */
  readonly length: () => number;
  actions: DatapathAction[];
  /** Words of headers were written since the last commit. */
  dirty: boolean;
  tableId: number;
  flow: FlowEntry | undefined;
  /** Nothing comes behind the step in its list, nor in those that it is part of. */
  isLast: boolean;
  /** The packet has come back to what was left of the flow's list: of the flow the cookie alone is known still. */
  isBack: boolean;
  /** Met in this pass, for what counts packets. */
  readonly met: FlowEntry[];
  /** The same of groups; with a bucket, of that. */
  readonly metBuckets: { group: Group; bucket: Bucket | undefined }[];
  /** Flows that it makes: they stand when the pass is over, so it does not meet them itself. */
  readonly learned: LearnedFlow[];
  /** Stations that NORMAL met in a packet-out: learned when the pass is over. */
  readonly seen: { vlan: number; mac: number; portNo: number }[];
  stack: number[][];
  actionSet: Step[];
  /** The actions of a list end here. */
  exit: boolean;
  /** The rest is done in another pass; `remaining` is gathered on the way out. */
  freezing: boolean;
  remaining: Remaining[];
  /** Freezing is for a hash, with which the packet comes back. */
  hashing: boolean;
  /** The step that froze the packet is done again when it comes back. */
  repeating: boolean;
  /** Why the whole packet is dropped. */
  error: string | undefined;
  /** It is because tables or groups lead into each other without end: a bucket's own error that is not. */
  endless: boolean;
  depth: number;
  resubmits: number;
  conntracked: boolean;
  /** The last label was taken off: what lies below is to be read before anything looks at it. */
  wasMpls: boolean;
  inGroup: boolean;
  inActionSet: boolean;
  inPacketOut: boolean;
  /** Of `output` with a length. */
  maxLen: number;
  /** VLAN tags that are read of a packet. */
  readonly vlanLimit: number;
  /** A `pause` has ended the pass. */
  pausing: Pause | undefined;
  /** What NORMAL has learned. */
  readonly macs: MacTable;
  /** Keys that live until the pass has been carried out. */
  readonly keys: KeyPool;
  watcher: Watcher | undefined;
}

/** What the controller gets of a packet that waits for it. */
export interface Pause {
  reason: PacketForController['reason'];
  maxLen: number;
  controllerId: number;
  userdata?: Uint8Array;
  meterId?: number;
}

/** Does a list of steps, until one ends it. What is left where a packet is frozen is remembered. */
export function runSteps(translation: Translation, steps: readonly Step[]): void {
  const { isLast } = translation;
  for (let i = 0; i < steps.length; i++) {
    if (translation.error !== undefined) break;
    translation.isLast = isLast && i === steps.length - 1;
    const step = steps[i]!;
    if (translation.wasMpls && step.needsHeaders && !translation.exit) freeze(translation);
    if (translation.exit) {
      if (translation.freezing) remember(translation, steps.slice(i));
      break;
    }
    translation.watcher?.step(step, translation.key);
    if (step.runRest !== undefined) {
      step.runRest(translation, steps.slice(i + 1));
      break;
    }
    if (step.run(translation) === true) break;
    if (translation.repeating) {
      translation.repeating = false;
      remember(translation, steps.slice(i));
      break;
    }
  }
  translation.isLast = isLast;
}

/** The pass ends here; what is left of each list is done in the next one. */
export function freeze(translation: Translation): void {
  translation.freezing = true;
  translation.exit = true;
}

function remember(translation: Translation, steps: readonly Step[]): void {
  translation.remaining.push({ steps, tableId: translation.tableId, flow: translation.flow });
}

/** All that is to be known of the packet when it comes back. */
export function frozenAt(translation: Translation, tableId: number | undefined): Frozen {
  const { key, keys, stack, actionSet, conntracked, remaining } = translation;
  return {
    tableId,
    remaining,
    metadata: keys.copyOf(key),
    stack: stack.length === 0 ? stack : stack.map((each) => [...each]),
    actionSet: actionSet.length === 0 ? actionSet : [...actionSet],
    conntracked,
  };
}

/** What a freeze asked for: a copy of the packet goes on from here. */
export function finishFreezing(translation: Translation): void {
  commit(translation);
  const frozen = frozenAt(translation, undefined);
  translation.remaining = [];
  translation.freezing = false;
  if (translation.hashing) translation.actions.push({ type: 'hash' });
  translation.hashing = false;
  translation.actions.push({ type: 'recirculate', frozen });
}

/** The packet's bytes are to say what the key says, for what comes next. */
export function commit(translation: Translation): void {
  if (!translation.dirty) return;
  translation.actions.push({ type: 'apply', key: translation.keys.copyOf(translation.key) });
  translation.dirty = false;
}

export function fail(translation: Translation, why: string): void {
  translation.error = why;
  translation.watcher?.note(why);
}

/** A pass begins in this table, and its flow stays that of all that is not another's. */
export function beginInTable(translation: Translation, tableId: number): void {
  translation.tableId = tableId;
  const flow = lookup(translation, tableId, translation.key[WORD.inPort]!, true);
  if (flow === undefined) return;
  translation.resubmits++;
  translation.flow = flow;
  translation.watcher?.enter();
  runSteps(translation, flow.program.steps);
  translation.watcher?.leave();
}

/** Whether tables and groups nest too deep, which ends the whole translation. */
export function isEndless(translation: Translation): boolean {
  if (translation.depth >= MOST_DEPTH) fail(translation, `tables and groups nest more than ${MOST_DEPTH} deep`);
  else if (translation.resubmits >= MOST_RESUBMITS) fail(translation, `more than ${MOST_RESUBMITS} resubmits`);
  else return false;
  translation.endless = true;
  return true;
}

/** Looks the packet up as if it had come by `inPort`, and does what the flow says. */
export function enterTable(
  translation: Translation,
  tableId: number,
  inPort: number,
  isMiss: boolean,
  withOriginal = false,
): void {
  if (translation.wasMpls) {
    freeze(translation);
    return;
  }
  const isBack = tableId <= translation.tableId;
  if (isEndless(translation)) return;
  if (withOriginal && !hasOriginal(translation.key)) {
    translation.watcher?.note('the packet is of no connection: there is nothing to look it up by');
    return;
  }
  const before = { tableId: translation.tableId, flow: translation.flow, isBack: translation.isBack };
  translation.tableId = tableId;
  if (withOriginal) swapTuple(translation.key);
  const flow = lookup(translation, tableId, inPort, isMiss);
  if (withOriginal) swapTuple(translation.key);
  if (flow !== undefined) {
    translation.resubmits++;
    if (isBack) translation.depth++;
    translation.flow = flow;
    translation.isBack = false;
    translation.watcher?.enter();
    runSteps(translation, flow.program.steps);
    translation.watcher?.leave();
    if (isBack) translation.depth--;
  }
  Object.assign(translation, before);
}

function lookup(translation: Translation, tableId: number, inPort: number, isMiss: boolean): FlowEntry | undefined {
  const { state, key, watcher } = translation;
  const port = key[WORD.inPort]!;
  key[WORD.inPort] = inPort;
  let flow: FlowEntry | undefined;
  if (key[WORD.nwFrag] === 0) flow = state.lookup(tableId, key);
  else {
    const handling = state.fragments();
    if (handling === 'normal') flow = withoutPorts(key, () => state.lookup(tableId, key));
    else if (handling !== 'drop') flow = state.lookup(tableId, key);
  }
  key[WORD.inPort] = port;
  state.counted(tableId, flow !== undefined);
  watcher?.table(tableId, inPort, flow, isMiss);
  if (flow !== undefined) translation.met.push(flow);
  return flow;
}

/** Of fragments, the first included, flows see no ports (OFPC_FRAG_NORMAL). */
function withoutPorts<T>(key: Key, look: () => T): T {
  const source = key[WORD.tpSrc]!;
  const target = key[WORD.tpDst]!;
  key[WORD.tpSrc] = 0;
  key[WORD.tpDst] = 0;
  const found = look();
  key[WORD.tpSrc] = source;
  key[WORD.tpDst] = target;
  return found;
}

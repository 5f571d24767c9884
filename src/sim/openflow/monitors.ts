/**
 * Flow monitors (OpenFlow 1.4, 7.3.5.17) as Open vSwitch has them: a controller's own changes are told by the message's
 * xid alone, unless it asks for `onlyOwn`; one that reads too slowly is told nothing but removals until it has read
 * all.
 */

import { isDeepStrictEqual } from 'node:util';
import type { FlowMonitorRequest } from '../../../proto/openflow/flow-monitor.ts';
import { OPENFLOW_1_4 } from '../../../proto/openflow/message.ts';
import type { MultipartReplyBody } from '../../../proto/openflow/multipart.ts';
import { putU16, putU32 } from '../../packet/bytes.ts';
import type { MaskedKey } from '../key/masked-key.ts';
import type { FlowEntry } from '../table/flow-entry.ts';
import { ALL_TABLES, type FlowChange } from '../table/flow-tables.ts';
import { groupsIn, outputsTo } from '../table/references.ts';
import { isWithin } from '../table/selection.ts';
import { encodeParts } from './multipart-parts.ts';
import { instructionsOnWire, matchOnWire } from './wire-form.ts';

export interface Monitor {
  monitorId: number;
  flags: FlowMonitorRequest['flags'];
  tableId: number;
  /** Numbers; undefined: any. */
  outPort: number | undefined;
  outGroup: number | undefined;
  masked: MaskedKey;
}

export type FlowUpdate = MultipartReplyBody<'flowMonitor'>[number];

export interface LinkMonitors {
  readonly all: Map<number, Monitor>;
  /** `own`: the xid where this connection's message did it. */
  report(change: FlowChange, own: number | undefined): void;
  /** The controller's own flow-mod with this xid added a flow of which the switch knows nothing more. */
  reportOwn(xid: number): void;
  /** What has been reported since is sent. */
  flush(): void;
  /** All that was sent has been read; what waited is told. */
  drained(): void;
}

export interface MonitorEnds {
  write(bytes: Uint8Array): void;
  backlog(): number;
}

/** Bytes that may wait before nothing more is told. */
const MOST_WAITING = 128 << 10;
const EVENTS = { added: 'add', modified: 'modify', removed: 'removed' } as const;

export function createLinkMonitors({ write, backlog }: MonitorEnds): LinkMonitors {
  const all = new Map<number, Monitor>();
  let updates: FlowUpdate[] = [];
  /** Transactions of `reportOwn`. */
  let own: number[] = [];
  let abbreviated = false;
  /** While nothing is told: what has changed since, and which of it is new. */
  let waiting: Map<FlowEntry, 'added' | 'modified'> | undefined;

  function flagsFor(change: FlowChange): Set<string | number> | undefined {
    let flags: Set<string | number> | undefined;
    for (const monitor of all.values()) {
      if (!(monitor.flags as readonly unknown[]).includes(EVENTS[change.type]) || !isAbout(monitor, change)) continue;
      flags ??= new Set();
      for (const flag of monitor.flags) flags.add(flag);
    }
    return flags;
  }

  /** True: it is not told now. */
  function holdBack(change: FlowChange): boolean {
    if (waiting === undefined) return false;
    const { before, after, type } = change;
    const known = before === undefined ? undefined : waiting.get(before);
    if (before !== undefined) waiting.delete(before);
    if (type === 'removed') return known === 'added';
    waiting.set(after!, known === 'added' ? 'added' : type);
    return true;
  }

  function flush(): void {
    if (own.length > 0) {
      for (let at = 0; at < own.length; at += MOST_ABBREVIATED)
        write(abbreviations(own.slice(at, at + MOST_ABBREVIATED)));
      own = [];
    }
    if (updates.length === 0) return;
    for (const part of encodeParts('flowMonitor', updates, 0)) write(part);
    updates = [];
    abbreviated = false;
    if (waiting !== undefined || backlog() <= MOST_WAITING) return;
    waiting = new Map();
    for (const part of encodeParts('flowMonitor', [{ type: 'paused' }], 0)) write(part);
  }

  return {
    all,
    report(change, own) {
      if (all.size === 0 || isUnchanged(change)) return;
      const flags = flagsFor(change);
      const wasPaused = waiting !== undefined;
      if (holdBack(change) || flags === undefined) return;
      if (own === undefined || flags.has('onlyOwn') || wasPaused) {
        updates.push(updateOf(change, (change.after ?? change.before)!, flags.has('instructions')));
      } else if (!abbreviated) {
        updates.push({ type: 'abbrev', xid: own });
        abbreviated = true;
      }
    },
    reportOwn(xid) {
      for (const { flags } of all.values()) {
        if (!flags.includes('add')) continue;
        if (waiting === undefined) own.push(xid);
        return;
      }
    },
    flush,
    drained() {
      if (waiting === undefined) return;
      for (const [flow, type] of waiting) {
        const change: FlowChange = { type, before: undefined, after: flow, reason: undefined };
        const flags = flagsFor(change);
        if (flags !== undefined) updates.push(updateOf(change, flow, flags.has('instructions')));
      }
      waiting = undefined;
      updates.push({ type: 'resumed' });
      flush();
    },
  };
}

const HEAD = 16;
const ABBREVIATED = 8;
const MOST_ABBREVIATED = 8000;
const MULTIPART_REPLY = 19;
const FLOW_MONITOR = 16;
const ABBREV = 4;

/** Many at once, without a value for each of them. */
function abbreviations(xids: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(HEAD + ABBREVIATED * xids.length);
  bytes[0] = OPENFLOW_1_4;
  bytes[1] = MULTIPART_REPLY;
  putU16(bytes, 2, bytes.length);
  putU16(bytes, 8, FLOW_MONITOR);
  for (const [i, xid] of xids.entries()) {
    const at = HEAD + ABBREVIATED * i;
    putU16(bytes, at, ABBREVIATED);
    putU16(bytes, at + 2, ABBREV);
    putU32(bytes, at + 4, xid);
  }
  return bytes;
}

/** A change that leaves a flow's cookie and instructions as they were is told only where a flow was added anew. */
function isUnchanged({ type, before, after }: FlowChange): boolean {
  if (type !== 'modified' || before === undefined || after === undefined || before.cookie !== after.cookie)
    return false;
  return isDeepStrictEqual(before.instructions, after.instructions);
}

export function isAbout(monitor: Monitor, { before, after }: Pick<FlowChange, 'before' | 'after'>): boolean {
  const flow = (after ?? before)!;
  if (monitor.tableId !== ALL_TABLES && monitor.tableId !== flow.tableId) return false;
  if (!isWithin(flow.masked, monitor.masked)) return false;
  return outputs(monitor, flow) || (before !== undefined && outputs(monitor, before));
}

function outputs({ outPort, outGroup }: Monitor, { instructions }: FlowEntry): boolean {
  if (outPort !== undefined && !outputsTo(instructions, outPort)) return false;
  return outGroup === undefined || groupsIn(instructions).includes(outGroup);
}

export function updateOf(
  { type, reason }: { type: FlowChange['type'] | 'initial'; reason?: FlowChange['reason'] | undefined },
  flow: FlowEntry,
  withInstructions: boolean,
): FlowUpdate {
  const { tableId, idleTimeout, hardTimeout, priority, cookie, match } = flow;
  const instructions = withInstructions ? instructionsOnWire(flow.instructions, match) : [];
  const told = { tableId, idleTimeout, hardTimeout, priority, cookie, match: matchOnWire(match), instructions };
  return { type, reason: type === 'removed' ? (reason ?? 'delete') : 0, ...told } as FlowUpdate;
}

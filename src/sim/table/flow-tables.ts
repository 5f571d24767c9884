/**
 * All flow tables of a switch, and what flow-mods do to them (OpenFlow 1.4, 6.4), in two steps: begun and then either
 * finished, which tells who listens, or reverted, which leaves no trace; so bundles change all or nothing.
 */

import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import type { Match } from '../../../proto/openflow/match.ts';
import type { MaskedKey } from '../key/masked-key.ts';
import type { Program } from '../pipeline/program.ts';
import type { Refusal } from '../switch-state.ts';
import { createExpiry } from './expiry.ts';
import type { FlowEntry } from './flow-entry.ts';
import { createFlowTable, type FlowTable, flowToEvict, vacancyEvent } from './flow-table.ts';
import { createFlowUsers, type Learned } from './flow-users.ts';
import { isMeantBeside, isWithin, overlaps, type Selection } from './selection.ts';

/** Visible tables are 0 to 253. */
export const TABLES = 254;
export const ALL_TABLES = 255;

export type RemovalReason = 'idleTimeout' | 'hardTimeout' | 'delete' | 'groupDelete' | 'meterDelete' | 'eviction';

/** A flow-mod whose match and instructions are sound. */
export interface PreparedFlowMod {
  command: FlowMod['command'];
  /** Numbers instead of reserved names. */
  selection: Selection;
  priority: number;
  match: Match;
  instructions: readonly Instruction[];
  program: Program | undefined;
  idleTimeout: number;
  hardTimeout: number;
  flags: FlowMod['flags'];
  importance: number;
}

/** What has changed: `before` is gone, `after` stands. */
export interface FlowChange {
  type: 'added' | 'modified' | 'removed';
  before: FlowEntry | undefined;
  after: FlowEntry | undefined;
  reason: RemovalReason | undefined;
}

export interface FlowTablesOptions {
  now(): number;
  /** Flows that a table takes at most. */
  mostFlows(tableId: number): number;
  /** Groups and meters that instructions name must be there. */
  check(instructions: readonly Instruction[]): Refusal | undefined;
  /** `by`: what asked for it, as it was given. */
  changed(change: FlowChange, by: unknown): void;
  vacancyChanged(table: FlowTable, event: 'vacancyDown' | 'vacancyUp'): void;
}

export type FlowTables = ReturnType<typeof createFlowTables>;

const OVERLAP: Refusal = { errorType: 'flowModFailed', code: 'overlap' };
const TABLE_FULL: Refusal = { errorType: 'flowModFailed', code: 'tableFull' };
/** A flow that takes another's place in the same table. */
type Pending = readonly FlowChange[];

export function createFlowTables({ now, mostFlows, check, changed, vacancyChanged }: FlowTablesOptions) {
  const tables: (FlowTable | undefined)[] = [];
  const expiry = createExpiry();
  const users = createFlowUsers();
  let size = 0;

  function table(tableId: number): FlowTable {
    let found = tables[tableId];
    if (found === undefined) {
      found = createFlowTable(tableId);
      tables[tableId] = found;
    }
    return found;
  }

  function* tablesOf(tableId: number): Generator<FlowTable> {
    if (tableId !== ALL_TABLES) {
      const one = tables[tableId];
      if (one !== undefined) yield one;
      return;
    }
    for (const each of tables) if (each !== undefined) yield each;
  }

  function select(selection: Selection): FlowEntry[] {
    const found: FlowEntry[] = [];
    const { masked } = selection;
    for (const { flows } of tablesOf(selection.tableId)) {
      for (const flow of flows.entries()) {
        if (isWithin(flow.masked, masked) && isMeantBeside(flow, selection)) found.push(flow);
      }
    }
    return found;
  }

  function selectStrictly(selection: Selection, priority: number): FlowEntry[] {
    const found: FlowEntry[] = [];
    for (const { flows } of tablesOf(selection.tableId)) {
      const flow = flows.find(selection.masked, priority);
      if (flow !== undefined && isMeantBeside(flow, selection)) found.push(flow);
    }
    return found;
  }

  function insert(flow: FlowEntry): FlowEntry | undefined {
    const before = table(flow.tableId).flows.insert(flow);
    flow.removed = false;
    if (before === undefined) size++;
    else detach(before);
    attach(flow);
    return before;
  }

  function take(flow: FlowEntry): void {
    table(flow.tableId).flows.remove(flow);
    size--;
    detach(flow);
  }

  function attach(flow: FlowEntry): void {
    users.attach(flow);
    if (flow.idleTimeout > 0 || flow.hardTimeout > 0) expiry.schedule(flow);
  }

  function detach(flow: FlowEntry): void {
    flow.removed = true;
    users.detach(flow);
    if (flow.idleTimeout > 0 || flow.hardTimeout > 0) expiry.forget(flow);
  }

  /** What stands in the place of `before`, or for itself. */
  function made(mod: PreparedFlowMod, before: FlowEntry | undefined, cookie?: bigint): FlowEntry {
    const moment = now();
    const keeps = before !== undefined && mod.command !== 'add' ? before : undefined;
    const counts = before !== undefined && !mod.flags.includes('resetCounts') ? before : undefined;
    return {
      tableId: before?.tableId ?? mod.selection.tableId,
      priority: before?.priority ?? mod.priority,
      match: before?.match ?? mod.match,
      masked: before?.masked ?? mod.selection.masked,
      cookie: cookie ?? keeps?.cookie ?? mod.selection.cookie,
      instructions: mod.instructions,
      program: mod.program!,
      conjunctions: mod.program!.conjunctions,
      idleTimeout: keeps?.idleTimeout ?? mod.idleTimeout,
      hardTimeout: keeps?.hardTimeout ?? mod.hardTimeout,
      flags: keeps?.flags ?? mod.flags,
      importance: keeps?.importance ?? mod.importance,
      created: keeps?.created ?? moment,
      modified: moment,
      // A flow that is added again does not count as used: Open vSwitch takes the time over with the flow's place.
      used: before?.used ?? moment,
      packets: counts?.packets ?? 0,
      bytes: counts?.bytes ?? 0,
      removed: false,
      next: undefined,
    };
  }

  function beginAdd(mod: PreparedFlowMod): Pending | Refusal {
    const refused = check(mod.instructions);
    if (refused !== undefined) return refused;
    const { selection, priority } = mod;
    const one = table(selection.tableId);
    const before = one.flows.find(selection.masked, priority);
    let evicted: FlowEntry | undefined;
    if (before === undefined) {
      if (mod.flags.includes('checkOverlap') && hasOverlap(one, selection.masked, priority)) return OVERLAP;
      if (one.flows.size >= mostFlows(one.tableId)) {
        evicted = one.eviction ? flowToEvict(one) : undefined;
        if (evicted === undefined) return TABLE_FULL;
        take(evicted);
      }
    }
    const flow = made(mod, before);
    insert(flow);
    const added: FlowChange = { type: 'added', before, after: flow, reason: undefined };
    if (evicted === undefined) return [added];
    return [{ type: 'removed', before: evicted, after: undefined, reason: 'eviction' }, added];
  }

  function beginModify(mod: PreparedFlowMod, flows: readonly FlowEntry[], cookie?: bigint): Pending | Refusal {
    if (flows.length === 0) return [];
    const refused = check(mod.instructions);
    if (refused !== undefined) return refused;
    return flows.map((before) => {
      const after = made(mod, before, cookie);
      insert(after);
      return { type: 'modified', before, after, reason: undefined };
    });
  }

  function beginRemove(flows: readonly FlowEntry[], reason: RemovalReason): Pending {
    for (const flow of flows) take(flow);
    return flows.map((before) => ({ type: 'removed', before, after: undefined, reason }));
  }

  /** `cookie`: what changed flows get; undefined: they keep theirs. */
  function begin(mod: PreparedFlowMod, cookie?: bigint): Pending | Refusal {
    switch (mod.command) {
      case 'add':
        return beginAdd(mod);
      case 'modify':
        return beginModify(mod, select(mod.selection));
      case 'modifyStrict':
        return beginModify(mod, selectStrictly(mod.selection, mod.priority), cookie);
      case 'delete':
        return beginRemove(select(mod.selection), 'delete');
      case 'deleteStrict':
        return beginRemove(selectStrictly(mod.selection, mod.priority), 'delete');
      default:
        return { errorType: 'flowModFailed', code: 'badCommand' };
    }
  }

  function revert(pending: Pending): void {
    for (let i = pending.length - 1; i >= 0; i--) {
      const { before, after } = pending[i]!;
      if (before !== undefined) insert(before);
      else if (after !== undefined) take(after);
    }
  }

  function finish(pending: Pending, by: unknown): void {
    const dead: Learned[] = [];
    for (const change of pending) {
      const { before, after } = change;
      if (after !== undefined) users.countLearners(after, 1);
      if (before !== undefined) dead.push(...users.countLearners(before, -1));
      if ((before === undefined) !== (after === undefined)) tellVacancy((after ?? before)!.tableId);
      changed(change, by);
    }
    for (const learned of dead) removeLearned(learned);
  }

  /** Those that nobody learns any more. */
  function removeLearned(learned: Learned): void {
    if (users.isLearned(learned)) return;
    const flows = [...(tables[learned.tableId]?.flows.entries() ?? [])];
    remove(
      flows.filter(({ cookie }) => cookie === learned.cookie),
      'delete',
    );
  }

  function tellVacancy(tableId: number): void {
    const one = table(tableId);
    const event = vacancyEvent(one, mostFlows(tableId));
    if (event !== undefined) vacancyChanged(one, event);
  }

  function remove(flows: readonly FlowEntry[], reason: RemovalReason, by?: unknown): void {
    finish(
      beginRemove(
        [...flows].filter((flow) => !flow.removed),
        reason,
      ),
      by,
    );
  }

  return {
    get size() {
      return size;
    },
    table,
    peek: (tableId: number): FlowTable | undefined => tables[tableId],
    select,
    begin,
    beginRemove,
    revert,
    finish,
    remove,
    /** Shortened timeouts count from now on. */
    shortened: expiry.schedule,
    groupUsers: (groupId: number): readonly FlowEntry[] => [...users.ofGroup(groupId)],
    meterUsers: (meterId: number): readonly FlowEntry[] => [...users.ofMeter(meterId)],
    groupUserCount: (groupId: number): number => users.ofGroup(groupId).size,
    meterUserCount: (meterId: number): number => users.ofMeter(meterId).size,
    expire(moment: number): void {
      for (const { flow, reason } of expiry.due(moment)) if (!flow.removed) remove([flow], reason);
    },
    nextExpiry: expiry.next,
    *all(): Generator<FlowEntry> {
      for (const { flows } of tablesOf(ALL_TABLES)) yield* flows.entries();
    },
  };
}

function hasOverlap({ flows }: FlowTable, masked: MaskedKey, priority: number): boolean {
  for (const flow of flows.entries()) {
    if (flow.priority === priority && overlaps(flow.masked, masked)) return true;
  }
  return false;
}

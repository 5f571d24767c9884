/** Random pipelines: meters, groups and flows in several tables, that Open vSwitch takes and whose verdict is one alone. */

import type { Action } from '../../proto/openflow/action.ts';
import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { Bucket, GroupMod } from '../../proto/openflow/group-mod.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { Match } from '../../proto/openflow/match.ts';
import type { MessageBody } from '../../proto/openflow/message.ts';
import type { MeterMod } from '../../proto/openflow/meter-mod.ts';
import type { Random } from '../fuzz/random.ts';
import { type CaseKind, chooseActionSet, chooseActions, chooseOutput } from './action-choice.ts';
import { likely } from './likely.ts';
import { areDisjoint, chooseMatch } from './match-choice.ts';
import type { Facts } from './segment-choice.ts';

/** Even: those of learned flows are odd. */
const PRIORITIES = [100, 100, 200, 200, 300, 32768, 65534, 2, 0] as const;
/** The port by which packets come where groups choose among those below it. */
export const SELECTED_FROM = 4;
interface Seen {
  facts: Facts;
  inPort: number;
}

export function choosePipeline(random: Random, about: CaseKind, packets: readonly Seen[]): MessageBody[] {
  const lastTable = random.pick([0, 1, 1, 2, 2, 3, 5]);
  const meters = likely(random, 15) ? [chooseMeter(random, 1), chooseMeter(random, 2)] : [];
  const groups = chooseGroups(random, about);
  const numbers = groups.map(({ groupId }) => groupId as number);
  const flows: FlowMod[] = [];
  const sets = about !== 'connections' && about !== 'select' && likely(random, 50);
  const pops = !sets && about !== 'connections' && about !== 'select';
  const forces = likely(random, 15);
  const wishes = { lastTable, groups: numbers, about, sets, pops, forces };
  for (let table = 0; table <= lastTable; table++) {
    const count = table === 0 ? 1 + random.below(6) : random.below(6);
    for (let i = 0; i < count; i++) {
      const match = chooseMatch(random, { ...random.pick(packets), connections: about === 'connections' });
      flows.push(chooseFlow(random, match, random.pick(PRIORITIES), { ...wishes, table, meters: meters.length }));
    }
    if (likely(random, 12)) flows.push(...chooseConjunction(random, packets, table, wishes));
    if (likely(random, 75)) flows.push(chooseFlow(random, {}, 0, { ...wishes, table, meters: 0 }));
  }
  return [...meters, ...groups, ...withoutDoubt(flows)];
}

interface FlowWishes {
  table: number;
  lastTable: number;
  groups: readonly number[];
  about: CaseKind;
  sets: boolean;
  pops: boolean;
  forces: boolean;
  meters: number;
}

function chooseFlow(random: Random, match: Match, priority: number, wishes: FlowWishes): FlowMod {
  return flowOf(random, wishes.table, priority, match, chooseInstructions(random, match, wishes));
}

function flowOf(random: Random, tableId: number, priority: number, match: Match, instructions: Instruction[]): FlowMod {
  return {
    type: 'flowMod',
    cookie: BigInt(random.below(1 << 16)),
    cookieMask: 0n,
    tableId,
    command: 'add',
    idleTimeout: 0,
    hardTimeout: 0,
    priority,
    bufferId: 0xffffffff,
    outPort: 'any',
    outGroup: 'any',
    flags: [],
    importance: 0,
    match,
    instructions,
  };
}

function chooseInstructions(random: Random, match: Match, wishes: FlowWishes): Instruction[] {
  const { table, lastTable, groups, meters } = wishes;
  const instructions: Instruction[] = [];
  if (meters > 0 && likely(random, 30)) instructions.push({ type: 'meter', meterId: 1 + random.below(meters) });
  if (likely(random, 88)) {
    const actions = chooseActions(random, match, wishes);
    if (actions.length > 0) instructions.push({ type: 'applyActions', actions });
  }
  if (likely(random, 6)) instructions.push({ type: 'clearActions' });
  if (wishes.sets && likely(random, 30)) {
    const actions = chooseActionSet(random, match, groups);
    if (actions.length > 0) instructions.push({ type: 'writeActions', actions });
  }
  if (likely(random, 12)) {
    const mask = random.pick([0xffffn, 0xffff_ffff_ffff_ffffn, 1n, 0xff00n]);
    instructions.push({ type: 'writeMetadata', metadata: BigInt(random.below(4)) & mask, mask });
  }
  if (table < lastTable && likely(random, 40)) {
    instructions.push({ type: 'gotoTable', tableId: table + 1 + random.below(lastTable - table) });
  }
  return instructions;
}

/** Flows of two or three clauses, and the one that all of them together lead to. */
function chooseConjunction(
  random: Random,
  packets: readonly Seen[],
  table: number,
  wishes: Omit<FlowWishes, 'table' | 'meters'>,
): FlowMod[] {
  const id = 1 + random.below(3) + 10 * table;
  const nClauses = 2 + random.below(2);
  const priority = 2 * (1000 + random.below(1000));
  const flows: FlowMod[] = [];
  for (let clause = 0; clause < nClauses; clause++) {
    const count = 1 + random.below(2);
    for (let i = 0; i < count; i++) {
      const { conjId: _, ...match } = chooseMatch(random, { ...random.pick(packets), connections: false });
      const actions: Action[] = [{ type: 'conjunction', clause, nClauses, id }];
      flows.push(flowOf(random, table, priority, match as Match, [{ type: 'applyActions', actions }]));
    }
  }
  const match: Match = { conjId: id };
  flows.push(chooseFlow(random, match, priority, { ...wishes, table, meters: 0 }));
  return flows;
}

const isConjunctive = ({ instructions }: FlowMod) =>
  instructions.some(
    (each) => each.type === 'applyActions' && each.actions.some((action) => action.type === 'conjunction'),
  );

/** Which of two flows with one priority matches a packet that both could is not said: there the later gets another. */
function withoutDoubt(flows: readonly FlowMod[]): FlowMod[] {
  const kept: FlowMod[] = [];
  for (const flow of flows) {
    const taken = new Set<number>();
    for (const other of kept) {
      if (other.tableId !== flow.tableId || (isConjunctive(other) && isConjunctive(flow))) continue;
      if (!areDisjoint(other.match, flow.match)) taken.add(other.priority);
    }
    let { priority } = flow;
    // Flows of clauses keep theirs: they belong together.
    if (isConjunctive(flow) && taken.has(priority)) continue;
    while (taken.has(priority)) priority = (priority + 2) % 65536;
    kept.push({ ...flow, priority });
  }
  return kept;
}

function chooseMeter(random: Random, meterId: number): MeterMod {
  const unit = random.pick(['kbps', 'pktps'] as const);
  // So much that nothing here exceeds it.
  return {
    type: 'meterMod',
    command: 'add',
    flags: [unit, 'burst'],
    meterId,
    bands: [{ type: 'drop', rate: 10_000_000, burstSize: 10_000_000 }],
  };
}

function chooseGroups(random: Random, about: CaseKind): GroupMod[] {
  const count = about === 'select' ? 1 + random.below(2) : random.pick([0, 0, 1, 2, 3]);
  const groups: GroupMod[] = [];
  for (let groupId = 1; groupId <= count; groupId++) {
    const groupType = about === 'select' ? 'select' : random.pick(['all', 'all', 'indirect', 'fastFailover'] as const);
    const size = groupType === 'indirect' ? 1 : random.pick([1, 2, 2, 3]);
    const buckets = Array.from({ length: size }, () => chooseBucket(random, groupType, groups));
    groups.push({ type: 'groupMod', command: 'add', groupType, groupId, buckets });
  }
  return groups;
}

function chooseBucket(
  random: Random,
  groupType: 'all' | 'select' | 'indirect' | 'fastFailover',
  groups: readonly GroupMod[],
): Bucket {
  const none = { weight: 0, watchPort: 'any', watchGroup: 'any' } as const;
  const port = 1 + random.below(4);
  const output: Action = { type: 'output', port, maxLen: 0 };
  // Buckets of one choice differ in their port alone, and it is never the packet's: which is chosen is a hash's affair.
  if (groupType === 'select') {
    return {
      ...none,
      weight: 1 + random.below(3),
      actions: [{ ...output, port: 1 + random.below(SELECTED_FROM - 1) }],
    };
  }
  const numbers = groups.map(({ groupId }) => groupId as number);
  const actions = likely(random, 50) ? chooseActionSet(random, {}, numbers) : [];
  if (likely(random, 80)) actions.push(...chooseOutput(random, { about: 'anything' }));
  if (groupType !== 'fastFailover') return { ...none, actions };
  const watch = random.pick([
    { watchPort: port },
    { watchPort: 77 },
    ...(numbers.length > 0 ? [{ watchGroup: random.pick(numbers) }] : []),
  ]);
  return { ...none, ...watch, actions };
}

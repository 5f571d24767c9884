/**
 * A switch that is only asked what it would do with a packet (for `trace`): the flows, groups and ports that it is given,
 * and connections that begin with the first packet traced. Nothing counts or times out, nothing is sent anywhere.
 */

import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { Match } from '../../proto/openflow/match.ts';
import { createConntrack } from './conntrack/conntrack.ts';
import type { Key } from './key/key.ts';
import { maskedKeyOf } from './key/masked-key.ts';
import { createTlvTable } from './key/tlv-table.ts';
import { compileActionSet, compileInstructions } from './pipeline/compile.ts';
import { isRefusal } from './pipeline/compile-refusal.ts';
import type { PacketInConntrack } from './pipeline/execute.ts';
import { createPipeline } from './pipeline/pipeline.ts';
import type { Program, Step } from './pipeline/program.ts';
import { fail } from './pipeline/translation.ts';
import type { Watcher } from './pipeline/watcher.ts';
import type {
  Bucket,
  Group,
  LearnedFlow,
  PacketForController,
  Refusal,
  SwitchPort,
  SwitchState,
} from './switch-state.ts';
import { type Classifier, createClassifier } from './table/classifier.ts';
import type { FlowEntry } from './table/flow-entry.ts';
import { withToldStates } from './told-conntrack.ts';

/** What is known of a flow; whatever else the caller keeps of it comes back by `flowOf`. */
export interface TracedFlow {
  readonly tableId: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

export interface TracedGroup {
  readonly groupId: number;
  readonly groupType: Group['groupType'];
  readonly buckets: readonly (Pick<Bucket, 'weight' | 'actions'> & Partial<Pick<Bucket, 'watchPort' | 'watchGroup'>>)[];
}

export type TracedPort = Pick<SwitchPort, 'portNo' | 'name' | 'hwAddr' | 'live' | 'tunnel'>;

export interface TracedSwitchOptions {
  ports: Iterable<TracedPort>;
  groups: Iterable<TracedGroup>;
  /** 0 ≤ number < 1: chooses among the ports that NAT may take. */
  random?: () => number;
}

/** A frame that has left; `tunnel`: the key whose tunnel words go with it, where the port is a tunnel's. */
export interface LeftFrame {
  port: number;
  frame: Uint8Array;
  tunnel: Key | undefined;
}

export interface TracedSwitch<F extends TracedFlow> {
  /** Why it can't be taken, if so; one whose actions are not known is taken, and told of where a packet meets it. */
  add(flow: F): string | undefined;
  /** undefined: a flow that a traced packet has made the switch learn. */
  flowOf(entry: FlowEntry): F | undefined;
  group(groupId: number): Group | undefined;
  /**
   * What becomes of a frame. `states`: bits of ct_state that conntrack tells of it, in order, each time that it comes
   * back to the tables; then what conntrack itself finds. What the switch would learn from it stands afterwards.
   */
  receive(port: number, frame: Uint8Array, way: Way): { left: LeftFrame[]; punted: PacketForController[] };
}

export interface Way {
  tunnel?: Key | undefined;
  states?: readonly number[] | undefined;
  watcher: Watcher;
}

/** Milliseconds between two traced packets. */
const PAUSE = 10;
const TRUNK = { mode: 'trunk', tag: 0, trunks: [] } as const;

export function createTracedSwitch<F extends TracedFlow>({
  ports,
  groups,
  random = () => 0,
}: TracedSwitchOptions): TracedSwitch<F> {
  const fields = createTlvTable();
  const tables = new Map<number, Classifier<FlowEntry>>();
  const given = new WeakMap<FlowEntry, F>();
  const groupsById = new Map<number, Group>();
  let time = 0;
  let left: LeftFrame[] = [];
  let punted: PacketForController[] = [];
  let learned: LearnedFlow[] = [];
  let states: readonly number[] = [];

  function tableOf(tableId: number): Classifier<FlowEntry> {
    let table = tables.get(tableId);
    if (table === undefined) {
      table = createClassifier<FlowEntry>();
      tables.set(tableId, table);
    }
    return table;
  }

  /** Of many flows few are met: what the others do is not even decoded, but for parts of conjunctions. */
  function entryOf(flow: TracedFlow, timeouts: Pick<FlowEntry, 'idleTimeout' | 'hardTimeout'>): FlowEntry | string {
    const { tableId, priority, cookie } = flow;
    const masked = maskedKeyOf(flow.match, fields);
    if ('unknown' in masked) return `it matches ${masked.unknown}, which is not known here`;
    let program: Program | undefined;
    const compiled = (): Program => {
      if (program !== undefined) return program;
      const { instructions } = flow;
      const made = compileInstructions(instructions, tableId, fields);
      program = isRefusal(made) ? unknownProgram(made, instructions) : made;
      return program;
    };
    return {
      ...{ tableId, priority, masked, cookie },
      get match() {
        return flow.match;
      },
      get instructions() {
        return flow.instructions;
      },
      get program() {
        return compiled();
      },
      conjunctions: isConjunctive(flow.instructions) ? compiled().conjunctions : undefined,
      ...{ ...timeouts, flags: [], importance: 0, created: time, modified: time, used: time },
      ...{ packets: 0, bytes: 0, removed: false, next: undefined },
    };
  }

  /** What a packet has taught stands once it is through: of itself it finds nothing there. */
  function learn(): void {
    for (const { mod } of learned) {
      const { tableId, command, priority, cookie, match, instructions, idleTimeout, hardTimeout } = mod;
      if (typeof tableId !== 'number') continue;
      const entry = entryOf({ tableId, priority, cookie, match, instructions }, { idleTimeout, hardTimeout });
      if (typeof entry === 'string') continue;
      const standing = tableOf(tableId).find(entry.masked, priority);
      if (isDeletion(command)) {
        if (standing !== undefined) tableOf(tableId).remove(standing);
      } else tableOf(tableId).insert(entry);
    }
    learned = [];
  }

  for (const { groupId, groupType, buckets } of groups) {
    const made = buckets.map(({ weight, actions, watchPort = 'any', watchGroup = 'any' }): Bucket => {
      const compiled = compileActionSet(actions, fields);
      const steps = isRefusal(compiled) ? unknownProgram(compiled, []).steps : compiled;
      return { weight, watchPort, watchGroup, actions, steps, packets: 0, bytes: 0 };
    });
    groupsById.set(groupId, { groupId, groupType, buckets: made, packets: 0, bytes: 0, created: 0 });
  }

  const portsByNumber = new Map<number, SwitchPort>();
  for (const port of ports) {
    const counts = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0, rxDropped: 0, txDropped: 0, since: 0 };
    portsByNumber.set(port.portNo, { ...port, config: [], vlan: TRUNK, ...counts });
  }

  const state: SwitchState = {
    now: () => time,
    lookup: (tableId, key) => tables.get(tableId)?.lookup(key),
    counted: () => undefined,
    groups: groupsById,
    // One packet exceeds no rate.
    meter: () => true,
    ports: portsByNumber,
    fields,
    fragments: () => 'normal',
    transmit: (port, frame, tunnel) => void left.push({ port, frame: frame.slice(), tunnel: tunnel?.slice() }),
    punt: (packet) => void punted.push({ ...packet, frame: packet.frame.slice() }),
    learn: (flow) => void learned.push(flow),
    mayLearn: () => true,
    shorten: () => undefined,
    random,
  };
  const conntrack = withToldStates(createConntrack<PacketInConntrack>({ random }), () => {
    const [next, ...others] = states;
    states = others;
    return next;
  });
  const pipeline = createPipeline({ state, conntrack });

  return {
    add(flow) {
      const entry = entryOf(flow, { idleTimeout: 0, hardTimeout: 0 });
      if (typeof entry === 'string') return entry;
      tableOf(flow.tableId).insert(entry);
      given.set(entry, flow);
      return undefined;
    },
    flowOf: (entry) => given.get(entry),
    group: (groupId) => groupsById.get(groupId),
    receive(port, frame, way) {
      time += PAUSE;
      left = [];
      punted = [];
      states = way.states ?? [];
      pipeline.receive(port, frame.slice(), way.tunnel, way.watcher);
      learn();
      return { left, punted };
    },
  };
}

function isConjunctive(instructions: readonly Instruction[]): boolean {
  return instructions.some(
    (each) => each.type === 'applyActions' && each.actions.some(({ type }) => type === 'conjunction'),
  );
}

function isDeletion(command: FlowMod['command']): boolean {
  return command === 'delete' || command === 'deleteStrict';
}

/** What a real switch does with it can't be told: the packet's way ends, and says why. */
function unknownProgram({ errorType, code }: Refusal, instructions: readonly Instruction[]): Program {
  const step: Step = {
    of: instructions[0] ?? { type: 'clearActions' },
    needsHeaders: false,
    run(translation) {
      fail(translation, `${CANNOT_FOLLOW}: its actions are not known here (${errorType}, ${code})`);
    },
  };
  return { steps: [step], conjunctions: undefined };
}

/** How a note begins that says that a packet's way can't be told. */
export const CANNOT_FOLLOW = 'this flow cannot be followed';

/** Random lists of actions that Open vSwitch takes behind a match: what each may do follows from what the packet is by then. */

import type { Action } from '../../proto/openflow/action.ts';
import type { Match } from '../../proto/openflow/match.ts';
import { fulfils } from '../../proto/openflow/prerequisites.ts';
import type { Random } from '../fuzz/random.ts';
import { chooseConntrack } from './conntrack-choice.ts';
import {
  chooseHashed,
  chooseLarger,
  chooseLoad,
  chooseMove,
  chooseOlder,
  chooseSetField,
  chooseStack,
} from './field-action-choice.ts';
import { chooseLabel, chooseTag, chooseTtl } from './header-action-choice.ts';
import { type Known, run, STAYS } from './known-packet.ts';
import { chooseLearn } from './learn-choice.ts';
import { likely } from './likely.ts';

export interface ActionWishes {
  /** Of the flow. */
  table: number;
  lastTable: number;
  /** Groups that there are, for the actions. */
  groups: readonly number[];
  /** What a case is about has more of it. */
  about: CaseKind;
  /** Inside `clone`. */
  nested?: boolean;
  /**
   * Whether flows of the case write to the action set, and whether they pop labels, which recirculates; not both. Open
   * vSwitch 3.1 aborts where a packet with an action set is recirculated and fewer bytes of actions are left
   * (`state->action_set_len <= state->ofpacts_len`), and where labels are popped behind check_pkt_larger (ofpbuf.h).
   */
  pops: boolean;
  /**
   * Whether connections are committed by force, or translated; not both: Open vSwitch 3.1 aborts at the answer of a
   * translated connection that was (`conn->conn_type == CT_CONN_TYPE_DEFAULT`).
   */
  forces: boolean;
  sets: boolean;
}

export type CaseKind = 'anything' | 'connections' | 'select' | 'normal' | 'learn';

export function chooseActions(random: Random, match: Match, wishes: ActionWishes): Action[] {
  const known: Known = { ...match, ...(wishes.about === 'select' ? { [STAYS]: true } : {}) };
  const count = random.pick([1, 1, 2, 2, 3, 3, 4, 5, 6]);
  const actions: Action[] = [];
  for (let i = 0; i < count; i++) actions.push(...chooseAction(random, known, wishes));
  if (!wishes.nested && likely(random, 60)) actions.push(...chooseOutput(random, wishes));
  return actions;
}

type Chooser = (random: Random, known: Known, wishes: ActionWishes) => Action[];

const CHOOSERS: readonly (readonly [weight: number, Chooser])[] = [
  [14, (random, _, wishes) => chooseOutput(random, wishes)],
  [14, chooseSetField],
  [5, chooseLoad],
  [6, chooseMove],
  [8, chooseTag],
  [5, chooseLabel],
  [6, chooseTtl],
  [10, chooseResubmit],
  [5, chooseGroup],
  [5, chooseClone],
  [4, chooseStack],
  [3, chooseLarger],
  [3, chooseHashed],
  [5, chooseSmall],
  [2, chooseOlder],
];
const TOTAL = CHOOSERS.reduce((sum, [weight]) => sum + weight, 0);

function chooseAction(random: Random, known: Known, wishes: ActionWishes): Action[] {
  if (wishes.about === 'connections' && likely(random, 25)) return chooseTracking(random, known, wishes);
  if (wishes.about === 'learn' && !wishes.nested && likely(random, 30)) return chooseLearn(random, known, wishes);
  let at = random.below(TOTAL);
  for (const [weight, choose] of CHOOSERS) {
    at -= weight;
    if (at < 0) return choose(random, known, wishes);
  }
  return [];
}

/**
 * Of cases about connections alone: where a translation fails inside a `clone` with a `ct` (too many labels, too deep a
 * recursion), Open vSwitch 3.1 aborts (ofpbuf.h), and only the others have such.
 */
function chooseTracking(random: Random, known: Known, wishes: ActionWishes): Action[] {
  if (known.ethType !== 0x0800 && known.ethType !== 0x86dd) return likely(random, 80) ? [] : [{ type: 'ctClear' }];
  const goesOn = wishes.table < wishes.lastTable && likely(random, 75);
  const next = goesOn ? laterTable(random, wishes) : undefined;
  return [chooseConntrack(random, known.ethType, { table: next, forces: wishes.forces })];
}

export function chooseOutput(random: Random, { about }: { about: CaseKind }): Action[] {
  if (about === 'normal' && likely(random, 50)) return [{ type: 'output', port: 'normal', maxLen: 0 }];
  const choice = random.below(40);
  if (choice < 26) return [{ type: 'output', port: 1 + random.below(4), maxLen: 0 }];
  if (choice < 28) return [{ type: 'output', port: 'inPort', maxLen: 0 }];
  if (choice < 29) return [{ type: 'output', port: 'all', maxLen: 0 }];
  if (choice < 30) return [{ type: 'output', port: 'flood', maxLen: 0 }];
  if (choice < 31) return [{ type: 'output', port: 'local', maxLen: 0 }];
  if (choice < 32) return [{ type: 'output', port: 77, maxLen: 0 }];
  if (choice < 34) return [{ type: 'outputTrunc', port: 1 + random.below(4), maxLen: 26 + random.below(60) }];
  if (choice < 36)
    return [{ type: 'outputReg', from: run(random.pick(['reg0', 'reg1', 'nxmInPort']), 0, 16), maxLen: 0xffff }];
  if (choice < 38) return [{ type: 'output', port: 'controller', maxLen: random.pick([0xffff, 0xffff, 20, 0]) }];
  const reason = random.pick(['applyAction', 'tableMiss', 'invalidTtl'] as const);
  return [{ type: 'controller', maxLen: random.pick([0xffff, 40]), controllerId: likely(random, 90) ? 0 : 7, reason }];
}

function laterTable(random: Random, { table, lastTable }: ActionWishes): number {
  return table + 1 + random.below(lastTable - table);
}

function chooseResubmit(random: Random, known: Known, wishes: ActionWishes): Action[] {
  const { table, lastTable } = wishes;
  // Back and round only where no recirculation begins the round anew: Open vSwitch would be busy for minutes.
  const back = wishes.sets && likely(random, 6);
  if (table >= lastTable && !back) return [];
  const to = back ? random.below(lastTable + 1) : laterTable(random, wishes);
  const same = wishes.about === 'select' || likely(random, 80);
  const inPort = same ? 'inPort' : random.pick([1, 2, 3]);
  const original = fulfils(known, 'connection') ? likely(random, 40) : likely(random, 1);
  return [{ type: original ? 'resubmitTableCt' : 'resubmitTable', inPort, table: to } as Action];
}

function chooseGroup(random: Random, _: Known, { groups }: ActionWishes): Action[] {
  return groups.length === 0 ? [] : [{ type: 'group', groupId: random.pick(groups) }];
}

function chooseClone(random: Random, known: Known, wishes: ActionWishes): Action[] {
  if (wishes.nested) return [];
  const inner = { ...known } as Match;
  const actions = chooseActions(random, inner, { ...wishes, nested: true });
  return actions.length === 0 ? [] : [{ type: 'clone', actions }];
}

function chooseSmall(random: Random, known: Known): Action[] {
  const note: Action = { type: 'note', note: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  const choice = random.below(12);
  if (choice < 2) return [note];
  if (choice < 4) return [{ type: 'setQueue', queueId: random.below(3) }];
  if (choice < 5) return [{ type: 'popQueue' }];
  if (choice < 7) return [{ type: 'setTunnel', tunId: random.pick([1, 2, 3]) }];
  if (choice < 8) return [{ type: 'setTunnel64', tunId: 0x1_0000_0002n }];
  if (choice < 9) return [{ type: 'ctClear' }];
  if (choice < 10 && known.ipProto === 6) return [{ type: 'finTimeout', finIdleTimeout: 5, finHardTimeout: 9 }];
  return likely(random, 50) ? [{ type: 'exit' }] : [];
}

/** What may stand in an action set: the standard's actions. */
export function chooseActionSet(random: Random, match: Match, groups: readonly number[]): Action[] {
  const known: Known = { ...match };
  const actions: Action[] = [];
  const count = 1 + random.below(3);
  for (let i = 0; i < count; i++) {
    switch (random.below(6)) {
      case 0:
        actions.push(...chooseSetField(random, known));
        break;
      case 1:
        actions.push(...chooseTag(random, known));
        break;
      case 2:
        actions.push(...chooseTtl(random, known));
        break;
      case 3:
        actions.push(
          ...chooseGroup(random, known, {
            table: 0,
            lastTable: 0,
            groups,
            about: 'anything',
            sets: true,
            pops: false,
            forces: false,
          }),
        );
        break;
      case 4:
        actions.push(...chooseLabel(random, known, { pops: false }));
        break;
      default:
        actions.push({
          type: 'output',
          port: random.pick([1, 2, 3, 4, 'inPort', 'all', 'controller'] as const),
          maxLen: 0xffff,
        });
    }
  }
  return actions;
}

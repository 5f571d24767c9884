/** The flows of a simulated switch, and what flow-mods do to them (OpenFlow 1.4, 6.4). Nothing is executed here. */

import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';

export interface StandingFlow extends FlowMod {
  tableId: number;
  /** Milliseconds of the epoch. */
  since: number;
}

export interface FlowChange {
  event: 'added' | 'modified' | 'removed';
  flow: StandingFlow;
}

export interface FlowTable {
  readonly flows: ReadonlyMap<string, StandingFlow>;
  apply(mod: FlowMod): FlowChange[];
}

export function createFlowTable(): FlowTable {
  const flows = new Map<string, StandingFlow>();

  function add(mod: FlowMod): FlowChange[] {
    const flow = { ...mod, tableId: mod.tableId === 'all' ? 0 : mod.tableId, since: Date.now() };
    const key = flowKey(flow);
    const event = flows.has(key) ? 'modified' : 'added';
    flows.set(key, flow);
    return [{ event, flow }];
  }

  function chosen(mod: FlowMod): [string, StandingFlow][] {
    const strict = mod.command === 'modifyStrict' || mod.command === 'deleteStrict';
    const one = flowKey(mod);
    const among = strict ? [[one, flows.get(one)] as const] : [...flows];
    return among.filter((entry): entry is [string, StandingFlow] => entry[1] !== undefined && isMeant(mod, entry[1]));
  }

  return {
    flows,
    apply(mod) {
      if (mod.command === 'add') return add(mod);
      const changes: FlowChange[] = [];
      for (const [key, flow] of chosen(mod)) {
        if (mod.command === 'delete' || mod.command === 'deleteStrict') {
          flows.delete(key);
          changes.push({ event: 'removed', flow });
        } else {
          const changed = { ...flow, instructions: mod.instructions };
          flows.set(key, changed);
          changes.push({ event: 'modified', flow: changed });
        }
      }
      return changes;
    },
  };
}

/** Table, match and cookie of a request for flows, or of a flow-mod that is not strict (7.3.4.1). */
export type Selection = Pick<FlowMod, 'tableId' | 'cookie' | 'cookieMask' | 'match'>;

export function isMeant(selection: Selection, flow: StandingFlow): boolean {
  if (selection.tableId !== 'all' && selection.tableId !== flow.tableId) return false;
  if ((flow.cookie & selection.cookieMask) !== (selection.cookie & selection.cookieMask)) return false;
  const match = flow.match as Record<string, unknown>;
  return Object.entries(selection.match).every(([field, value]) => textOf(match[field]) === textOf(value));
}

/** Two flows with the same take the same place: table, priority and match, whatever the order of its fields. */
function flowKey({ tableId, priority, match }: Pick<FlowMod, 'tableId' | 'priority' | 'match'>): string {
  const fields = Object.entries(match).map(([field, value]) => `${field}=${textOf(value)}`);
  return `${tableId === 'all' ? 0 : tableId}/${priority}/${fields.toSorted().join()}`;
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(textOf).join('/');
}

/** It sends what it matches to the controller. */
export function punts({ instructions }: { instructions: readonly Instruction[] }): boolean {
  return instructions.some(
    (each) =>
      (each.type === 'applyActions' || each.type === 'writeActions') &&
      each.actions.some(
        (action) =>
          (action.type === 'output' && action.port === 'controller') ||
          action.type === 'controller' ||
          action.type === 'controller2',
      ),
  );
}

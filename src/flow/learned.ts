/** Which of the flows that a switch learned by itself have outlived their reason. */

import type { Action } from '../../proto/openflow/action.ts';
import type { FieldValue } from '../../proto/openflow/oxm-fields.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import { macBytes } from '../../proto/wire/address.ts';
import type { TableFlow } from './flow.ts';
import { type FlowBytes, LEARN, LEARN_LIMITED, mayHave } from './flow-bytes.ts';
import type { Flows } from './flow-index.ts';
import { PIPELINE_FIELDS } from './pipeline-fields.ts';

/** What a flow puts into a field; Open vSwitch dumps a whole register as set_field and a part as a load. */
export function loadedInto({ instructions }: Pick<TableFlow, 'instructions'>, place: Subfield): number | undefined {
  const actions = instructions.flatMap((each): readonly Action[] => (each.type === 'applyActions' ? each.actions : []));
  for (const action of actions) {
    const { type } = action;
    if (type === 'regLoad' && action.to.field === place.field && action.to.offset === place.offset) {
      return Number(action.value);
    }
    if (type === 'setField' && action.field === place.field && place.offset === 0) return numberOf(action.value);
  }
  return undefined;
}

/** A MAC address is a number of 48 bits. */
function numberOf(value: FieldValue): number {
  const mac = typeof value === 'string' ? macBytes(value) : undefined;
  return mac === undefined ? Number(value) : mac.reduce((sum, byte) => sum * 256 + byte, 0);
}

/**
 * Tells of a learned flow whether it must go: its port is no more, or nothing would learn it like this any more. (A
 * `learn` with new timeouts never gives them to what stands: it keeps it alive with the old ones.)
 */
export function outdated(
  desired: Flows<Pick<FlowBytes, 'content' | 'instructions'>>,
  hasPort: (port: number) => boolean,
): (flow: TableFlow) => boolean {
  let kinds: ReadonlySet<string> | undefined;
  return (flow) => {
    kinds ??= learntKinds(desired.values());
    if (!kinds.has(kindOf(flow.tableId, flow))) return true;
    const port = loadedInto(flow, PIPELINE_FIELDS.outPort);
    return port !== undefined && !hasPort(port);
  };
}

/** Whether a flow of that content has the switch learn; false where it surely does not. */
export function mayLearn(content: string): boolean {
  return mayHave(content, LEARN) || mayHave(content, LEARN_LIMITED);
}

/** What the flows' `learn` actions make. */
function learntKinds(flows: Iterable<Pick<FlowBytes, 'content' | 'instructions'>>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const flow of flows) {
    if (!mayLearn(flow.content)) continue;
    for (const instruction of flow.instructions) {
      if (instruction.type !== 'applyActions') continue;
      for (const action of instruction.actions) {
        if (action.type === 'learn' || action.type === 'learn2') found.add(kindOf(action.table, action));
      }
    }
  }
  return found;
}

function kindOf(table: number, made: { cookie: bigint; idleTimeout: number; hardTimeout: number }): string {
  return `${table}/${made.cookie}/${made.idleTimeout}/${made.hardTimeout}`;
}

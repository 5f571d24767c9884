/** What apps would have woven, put together by hand: flows by their port, groups, and which of them were touched. */

import type { Instruction } from '../../../proto/openflow/instruction.ts';
import { createOwnIds } from '../../../src/flow/allocate/own-ids.ts';
import { canonicalMatch } from '../../../src/flow/canonical.ts';
import { cookieOf } from '../../../src/flow/cookie.ts';
import type { TableFlow } from '../../../src/flow/flow.ts';
import { flowContent, flowIdentity } from '../../../src/flow/flow-bytes.ts';
import type { FlowIndex } from '../../../src/flow/flow-index.ts';
import { groupContent } from '../../../src/flow/group.ts';
import { type DesiredMeter, desiredMeter } from '../../../src/flow/meter.ts';
import { MAIN } from '../../../src/flow/namespace.ts';
import type { ActualFlow } from '../../../src/flow/reconcile/diff.ts';
import type { DesiredFlow, DesiredGroup, Weaver, Woven } from '../../../src/flow/weave/weaver.ts';

export const ids = createOwnIds(MAIN);

/** The weaver's side of an index kept as what is woven says. */
export function onIndex(
  { weaving, woven }: Pick<Weaver, 'weaving' | 'woven'>,
  { wanted }: FlowIndex<DesiredFlow, ActualFlow>,
): Pick<Weaver, 'weaving' | 'woven'> {
  return {
    woven,
    *weaving(fresh) {
      const now = yield* weaving(fresh);
      for (const { identity } of [...wanted.values()]) if (!now.flows.has(identity)) wanted.delete(identity);
      for (const flow of now.flows.values()) wanted.set(flow.identity, flow);
      return { ...now, flows: wanted };
    },
  };
}

export interface DesiredSet {
  weave(): Woven;
  set(inPort: number, instructions: Instruction[], intent?: string): DesiredFlow;
  delete(inPort: number): void;
  group(key: string, output: number): DesiredGroup;
  deleteGroup(key: string): void;
  meter(key: string, rate: number): DesiredMeter;
  deleteMeter(key: string): void;
  flows: Map<string, DesiredFlow>;
}

export const OURS = cookieOf(MAIN, 1, 5n);

/** There are not more ports than 65,279: numbers above stand in another table. */
const MOST = 60_000;

export function tableFlow(port: number, instructions: readonly Instruction[], cookie = OURS): TableFlow {
  const match = canonicalMatch({ inPort: port > MOST ? port - MOST : port });
  return {
    tableId: port > MOST ? 4 : 3,
    priority: 4,
    match,
    instructions,
    cookie,
    idleTimeout: 0,
    hardTimeout: 0,
    flags: [],
  };
}

export const goto = (tableId: number): Instruction[] => [{ type: 'gotoTable', tableId }];

export function toGroup(groupId: number): Instruction[] {
  return [{ type: 'applyActions', actions: [{ type: 'group', groupId }] }];
}

export function throughMeter(meterId: number): Instruction[] {
  return [
    { type: 'meter', meterId },
    { type: 'gotoTable', tableId: 5 },
  ];
}

export function createDesiredSet(): DesiredSet {
  const flows = new Map<string, DesiredFlow>();
  const groups = new Map<number, DesiredGroup>();
  const meters = new Map<number, DesiredMeter>();
  const touched = new Set<string>();
  return {
    flows,
    weave() {
      const woven = { flows, groups, meters, zones: new Map(), errors: [], touched: [...touched] };
      touched.clear();
      return woven;
    },
    set(inPort, instructions, text = `port ${inPort}`) {
      const flow = tableFlow(inPort, instructions);
      const intent = { text, source: `f.yaml:${inPort}` };
      const named = { identity: flowIdentity(flow), content: flowContent(flow) };
      const desired: DesiredFlow = { ...flow, ...named, app: 'a', key: String(inPort), intent };
      flows.set(desired.identity, desired);
      touched.add(desired.identity);
      return desired;
    },
    delete(inPort) {
      const identity = flowIdentity(tableFlow(inPort, []));
      if (flows.delete(identity)) touched.add(identity);
    },
    meter(key, rate) {
      const meter = desiredMeter('a', key, ids.idOf('a', key), { unit: 'packets', rate });
      meters.set(meter.meterId, meter);
      return meter;
    },
    deleteMeter: (key) => void meters.delete(ids.idOf('a', key)),
    deleteGroup: (key) => void groups.delete(ids.idOf('a', key)),
    group(key, output) {
      const buckets = [{ weight: 0, actions: [{ type: 'output', port: output, maxLen: 0 } as const] }];
      const plain = { groupId: ids.idOf('a', key), groupType: 'all' as const, buckets };
      const group: DesiredGroup = { ...plain, app: 'a', key, content: groupContent(plain) };
      groups.set(group.groupId, group);
      return group;
    },
  };
}

/** All flows and groups of a switch, by its own dumps (OpenFlow 1.4, 7.3.5.2 and 7.3.5.11). */

import type { FlowStats } from '../../proto/openflow/flow-stats.ts';
import type { Connection } from '../openflow/connection.ts';
import { type ActualFlow, actualFlow } from './diff.ts';
import { groupContent } from './group.ts';
import { isOurId } from './own-ids.ts';

export interface SwitchState {
  /** By identity. */
  flows: Map<string, ActualFlow>;
  /** Those of ours: id → content. */
  groups: Map<number, string>;
}

export async function readSwitch(connection: Connection): Promise<SwitchState> {
  const [flows, groups] = await Promise.all([readFlows(connection), connection.multipart('groupDesc', {})]);
  const state: SwitchState = { flows: new Map(), groups: new Map() };
  for (const stats of flows) {
    const flow = actualFlow(stats);
    state.flows.set(flow.identity, flow);
  }
  for (const group of groups) if (isOurId(group.groupId)) state.groups.set(group.groupId, groupContent(group));
  return state;
}

export function readFlows(connection: Connection): Promise<readonly FlowStats[]> {
  const everything = {
    tableId: 'all',
    outPort: 'any',
    outGroup: 'any',
    cookie: 0n,
    cookieMask: 0n,
    match: {},
  } as const;
  return connection.multipart('flow', everything);
}

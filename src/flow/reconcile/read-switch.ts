/** All flows, groups and meters of a switch, by its own dumps (OpenFlow 1.4, 7.3.5.2, 7.3.5.11 and 7.3.5.15). */

import type { FlowStats } from '../../../proto/openflow/flow-stats.ts';
import { scanFlowStats } from '../../../proto/openflow/flow-stats-scan.ts';
import type { MeterConfig } from '../../../proto/openflow/meter-stats.ts';
import { DecodeError } from '../../../proto/wire/decode-error.ts';
import type { Connection } from '../../openflow/connection.ts';
import { OpenFlowError } from '../../openflow/openflow-error.ts';
import { contentIn, identityIn } from '../flow-bytes.ts';
import { groupContent } from '../group.ts';
import { meterContent } from '../meter.ts';
import { isOurId, type Namespace } from '../namespace.ts';
import { type ActualFlow, actualFlow } from './diff.ts';

export interface SwitchState extends GroupsAndMeters {
  /** By identity. */
  flows: Map<string, ActualFlow>;
}

/** Those of ours: id → content. */
export interface GroupsAndMeters {
  groups: Map<number, string>;
  meters: Map<number, string>;
}

export async function readSwitch(connection: Connection, namespace: Namespace): Promise<SwitchState> {
  const flows = new Map<string, ActualFlow>();
  const take: TakeFlow = (...flow) => flows.set(flow[0], actualFlow(...flow));
  const [others] = await Promise.all([readGroupsAndMeters(connection, namespace), takeFlows(connection, take)]);
  return { ...others, flows };
}

export type TakeFlow = (identity: string, content: string, duration: number) => void;

/** Of a dump: four million flows. A switch that never ends must not use up the memory. */
const MOST_BYTES = 512 << 20;

/** `heard`: a part of them came. */
export function takeFlows(connection: Connection, take: TakeFlow, heard: () => void = () => undefined): Promise<void> {
  let read = 0;
  return connection.parts('flow', EVERYTHING, (body) => {
    heard();
    read += body.length;
    if (read > MOST_BYTES) throw new DecodeError(`its dump has more than ${MOST_BYTES >> 20} MiB`, body.length);
    scanFlowStats(body, ({ start, end, tableId, priority, matchStart, matchEnd, durationSec }) => {
      // An ofp_match is padded to a multiple of 8 bytes.
      const instructions = matchStart + ((matchEnd - matchStart + 7) & -8);
      if (instructions > end) throw new DecodeError('an entry ends in its match', end);
      const identity = identityIn(tableId, priority, body, matchStart + 4, matchEnd);
      take(identity, contentIn(body, start, instructions, end), durationSec);
    });
  });
}

export async function readGroupsAndMeters(connection: Connection, namespace: Namespace): Promise<GroupsAndMeters> {
  const [groups, meters] = await Promise.all([
    connection.multipart('groupDesc', {}),
    connection.multipart('meterConfig', { meterId: 'all' }).catch(noMeters),
  ]);
  const state: GroupsAndMeters = { groups: new Map(), meters: new Map() };
  for (const group of groups)
    if (isOurId(namespace, group.groupId)) state.groups.set(group.groupId, groupContent(group));
  for (const { meterId, ...meter } of meters)
    if (typeof meterId === 'number' && isOurId(namespace, meterId)) state.meters.set(meterId, meterContent(meter));
  return state;
}

/** A switch without meters refuses to tell of them. */
function noMeters(error: unknown): readonly MeterConfig[] {
  if (error instanceof OpenFlowError) return [];
  throw error;
}

const EVERYTHING = {
  tableId: 'all',
  outPort: 'any',
  outGroup: 'any',
  cookie: 0n,
  cookieMask: 0n,
  match: {},
} as const;

export function readFlows(connection: Connection): Promise<readonly FlowStats[]> {
  return connection.multipart('flow', EVERYTHING);
}

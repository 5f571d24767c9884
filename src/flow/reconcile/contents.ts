/** What is in a switch, ours and others' apart; and others' put back, where they lost it. */

import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { FlowStats } from '../../../proto/openflow/flow-stats.ts';
import type { GroupDesc } from '../../../proto/openflow/group-stats.ts';
import type { MessageBody } from '../../../proto/openflow/message.ts';
import type { MeterConfig } from '../../../proto/openflow/meter-stats.ts';
import { NO_BUFFER } from '../../../proto/openflow/reserved-numbers.ts';
import { createBundleSender } from '../../openflow/bundle.ts';
import type { Connection } from '../../openflow/connection.ts';
import { OpenFlowError } from '../../openflow/openflow-error.ts';
import { createWindow } from '../../openflow/window.ts';
import { isOurs } from '../cookie.ts';
import { isOurId, type Namespace } from '../namespace.ts';
import { formatFlowStats } from '../text/format-flow.ts';
import { readFlows } from './read-switch.ts';

export interface Contents {
  flows: readonly FlowStats[];
  groups: readonly GroupDesc[];
  meters: readonly MeterConfig[];
}

export interface SwitchContents {
  /** Learned ones too, and those with timeouts. */
  ours: Contents;
  others: Contents;
}

const EVERYWHERE = { outPort: 'any', outGroup: 'any', bufferId: NO_BUFFER, importance: 0 } as const;

export async function readContents(connection: Connection, namespace: Namespace): Promise<SwitchContents> {
  const [flows, groups, meters] = await Promise.all([
    readFlows(connection),
    connection.multipart('groupDesc', {}),
    connection.multipart('meterConfig', { meterId: 'all' }).catch(noMeters),
  ]);
  const isOurMeter = ({ meterId }: MeterConfig) => typeof meterId === 'number' && isOurId(namespace, meterId);
  return {
    ours: {
      flows: flows.filter(({ cookie }) => isOurs(namespace, cookie)),
      groups: groups.filter(({ groupId }) => isOurId(namespace, groupId)),
      meters: meters.filter(isOurMeter),
    },
    others: {
      flows: flows.filter(({ cookie }) => !isOurs(namespace, cookie)),
      groups: groups.filter(({ groupId }) => !isOurId(namespace, groupId)),
      meters: meters.filter((meter) => !isOurMeter(meter)),
    },
  };
}

/** A switch without meters refuses to tell of them. */
function noMeters(error: unknown): readonly MeterConfig[] {
  if (error instanceof OpenFlowError) return [];
  throw error;
}

export function isEmpty({ flows, groups, meters }: Contents): boolean {
  return flows.length + groups.length + meters.length === 0;
}

/**
 * Puts back what is not there any more, counters at 0. Gives what the switch refused, in ovs-ofctl's text. `onError` is
 * told how errors of the switch get here.
 */
export async function putBack(
  connection: Connection,
  namespace: Namespace,
  wanted: Contents,
  onError: (take: (error: OpenFlowError) => boolean) => void,
): Promise<string[]> {
  const { others } = await readContents(connection, namespace);
  const flows = new Set(others.flows.map(keyOf));
  const groups = new Set(others.groups.map(({ groupId }) => groupId));
  const meters = new Set(others.meters.map(({ meterId }) => meterId));
  for (const meter of wanted.meters)
    if (!meters.has(meter.meterId)) connection.send({ type: 'meterMod', command: 'add', ...meter });
  await connection.barrier();
  const changes: { message: MessageBody; text: string }[] = [
    ...wanted.groups
      .filter(({ groupId }) => !groups.has(groupId))
      .map((group) => ({
        message: { type: 'groupMod' as const, command: 'add' as const, ...group },
        text: `group ${group.groupId}`,
      })),
    ...wanted.flows
      .filter((flow) => !flows.has(keyOf(flow)))
      .map((flow) => ({ message: addAgain(flow), text: formatFlowStats(flow) })),
  ];
  const refused: string[] = [];
  const bundles = createBundleSender(connection, createWindow(connection));
  onError(bundles.takeError);
  for (let left = changes; left.length > 0; ) {
    const answer = await bundles.commit(left.map(({ message }) => message));
    if (answer.refused.size === 0) {
      if (answer.error !== undefined) refused.push(...left.map(({ text }) => `${text}: ${answer.error?.reason}`));
      break;
    }
    for (const [index, error] of answer.refused) refused.push(`${left[index]?.text}: ${error.reason}`);
    left = left.filter((_, index) => !answer.refused.has(index));
  }
  return refused;
}

function keyOf({ tableId, priority, match }: FlowStats): string {
  return JSON.stringify([tableId, priority, match], (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

function addAgain(flow: FlowStats): FlowMod {
  const { tableId, priority, match, instructions, cookie, idleTimeout, hardTimeout, flags, importance } = flow;
  return {
    ...{ type: 'flowMod', command: 'add', ...EVERYWHERE, cookieMask: 0n },
    ...{ tableId, priority, match, instructions, cookie, idleTimeout, hardTimeout, flags, importance },
  };
}

/** Takes everything of ours out of a switch, learned and timed flows too, and nothing else; then looks whether it is so. */

import { setTimeout as delay } from 'node:timers/promises';
import { faultPoint } from '../../fault-point.ts';
import type { Connection } from '../../openflow/connection.ts';
import { allOurs, isOurs } from '../cookie.ts';
import { mayLearn } from '../learned.ts';
import type { Namespace } from '../namespace.ts';
import { usesOf } from './change.ts';
import { COUNTED_MS } from './counted.ts';
import { flowsDelete, groupDelete, meterDelete } from './messages.ts';
import { readSwitch } from './read-switch.ts';

export interface Released {
  flows: number;
  groups: number;
  meters: number;
  /** What is still there, and why. */
  left: string[];
}

export async function releaseSwitch(connection: Connection, namespace: Namespace): Promise<Released> {
  const before = await readSwitch(connection, namespace);
  connection.send(flowsDelete(allOurs(namespace)));
  if ([...before.flows.values()].some(({ content }) => mayLearn(content))) {
    await connection.barrier();
    await delay(COUNTED_MS);
    connection.send(flowsDelete(allOurs(namespace)));
  }
  await connection.barrier();
  faultPoint('release: flows deleted');
  const foreign = [...before.flows.values()].filter(({ cookie }) => !isOurs(namespace, cookie));
  const used = foreign.map(({ instructions }) => usesOf(instructions));
  const usedGroups = new Set(used.flatMap(({ groups }) => groups));
  const usedMeters = new Set(used.flatMap(({ meters }) => meters));
  for (const id of before.groups.keys()) if (!usedGroups.has(id)) connection.send(groupDelete(id));
  for (const id of before.meters.keys()) if (!usedMeters.has(id)) connection.send(meterDelete(id));
  await connection.barrier();
  const after = await readSwitch(connection, namespace);
  const left: string[] = [];
  const own = (flows: typeof before.flows) => [...flows.values()].filter(({ cookie }) => isOurs(namespace, cookie));
  const flowsLeft = own(after.flows);
  if (flowsLeft.length > 0) left.push(`${flowsLeft.length} flows, the first in table ${flowsLeft[0]?.tableId}`);
  const why = (isUsed: boolean) => (isUsed ? ': a foreign flow goes through it, and would go with it' : '');
  for (const id of after.groups.keys()) left.push(`group ${id}${why(usedGroups.has(id))}`);
  for (const id of after.meters.keys()) left.push(`meter ${id}${why(usedMeters.has(id))}`);
  return {
    flows: own(before.flows).length - flowsLeft.length,
    groups: before.groups.size - after.groups.size,
    meters: before.meters.size - after.meters.size,
    left,
  };
}

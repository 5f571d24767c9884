/** What others have in a bridge that loses its last controller, and everything with it: kept meanwhile, and put back. */

import type { Namespace } from '../flow/namespace.ts';
import { type Contents, putBack } from '../flow/reconcile/contents.ts';
import type { OpenFlowError } from '../openflow/openflow-error.ts';
import type { HostManager } from '../ovsdb/manager/manager.ts';
import { counted } from '../text/counted.ts';
import { forget, keep, kept } from './keepsake.ts';
import { openManagement } from './lost-flows.ts';

export interface Losing {
  /** `host/bridge` */
  name: string;
  ovsdb: string | undefined;
  bridge: string;
  others: Contents;
}

export function keepOthers(namespace: Namespace, { ovsdb, bridge, others }: Losing): void {
  try {
    keep(namespace, ovsdb, bridge, others);
  } catch {
    // They are put back all the same, unless this is killed before.
  }
}

/** Of a release that was killed before it had put them back. */
export function unfinished(namespace: Namespace, hosts: HostManager | undefined): Losing[] {
  return (hosts?.survey() ?? []).flatMap(({ host: { name, ovsdb } }) =>
    kept(namespace, ovsdb).map(({ bridge, contents }) => ({
      name: `${name}/${bridge}`,
      ovsdb,
      bridge,
      others: contents,
    })),
  );
}

/** Gives what could not be put back. */
export async function putBackInto(namespace: Namespace, { name, ovsdb, bridge, others }: Losing): Promise<string[]> {
  const takers = new Set<(error: OpenFlowError) => boolean>();
  try {
    const socket = await openManagement(ovsdb, bridge, (error) => {
      for (const take of takers) take(error);
    });
    if (socket === undefined) throw new Error('its socket is gone');
    const refused = await putBack(socket.connection, namespace, others, (take) => takers.add(take));
    socket.connection.close('put back');
    forget(namespace, ovsdb, bridge);
    return refused.map((line) => `${name}: could not be put back: ${line}`);
  } catch (error) {
    return [`${name}: others lost ${counts(others).join(', ')}: ${(error as Error).message}`];
  }
}

/** For people: of flows, groups and meters as many as there are. */
export function counts({ flows, groups, meters }: Contents): string[] {
  return [
    ...(flows.length > 0 ? [counted(flows.length, 'flow')] : []),
    ...(groups.length > 0 ? [counted(groups.length, 'group')] : []),
    ...(meters.length > 0 ? [counted(meters.length, 'meter')] : []),
  ];
}

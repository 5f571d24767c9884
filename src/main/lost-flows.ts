/** The flows that a bridge loses when it gets its first controller, or loses its last: asked of the bridge, or how to ask. */

import { dirname, join } from 'node:path';
import type { FlushedBridge } from '../api/network-plan.ts';
import type { Host } from '../config/model.ts';
import { readFlows } from '../flow/reconcile/read-switch.ts';
import { formatFlowStats } from '../flow/text/format-flow.ts';
import type { Connection } from '../openflow/connection.ts';
import type { Datapath } from '../openflow/datapath.ts';
import { handshake } from '../openflow/handshake.ts';
import type { OpenFlowError } from '../openflow/openflow-error.ts';
import { dial } from '../transport/dial.ts';
import { parseActiveTarget } from '../transport/target.ts';

/** Lines shown of each bridge. */
const SHOWN = 100;
const DIAL_MS = 3000;
const OVSDB_PORT = 6640;

const unheard = () => undefined;
const EVENTS = { packetIn: unheard, portChanged: unheard, flowRemoved: unheard, error: unheard, close: unheard };

/** `connection`: where the bridge is one of the switches that are connected. */
export async function lostFlows(
  host: Pick<Host, 'name' | 'ovsdb'> | undefined,
  flush: Pick<FlushedBridge, 'bridge' | 'source' | 'why'>,
  connection: Connection | undefined,
): Promise<FlushedBridge> {
  const { bridge, source, why } = flush;
  try {
    const flows = connection === undefined ? await askOwnSocket(host, bridge) : await readFlows(connection);
    if (flows !== undefined) {
      return {
        bridge,
        source,
        why,
        flows: flows.length,
        shown: flows.slice(0, SHOWN).map(formatFlowStats),
        note: null,
      };
    }
  } catch (error) {
    return unasked(host, flush, `${(error as Error).message}; `);
  }
  return unasked(host, flush, '');
}

function unasked(
  host: Pick<Host, 'name'> | undefined,
  { bridge, source, why }: Pick<FlushedBridge, 'bridge' | 'source' | 'why'>,
  reason: string,
): FlushedBridge {
  const note = `${reason}"ovs-ofctl -O OpenFlow14 dump-flows ${bridge}" on ${host?.name ?? 'the host'} shows them`;
  return { bridge, source, why, flows: null, shown: [], note };
}

async function askOwnSocket(host: Pick<Host, 'ovsdb'> | undefined, bridge: string) {
  const datapath = await openManagement(host?.ovsdb, bridge);
  if (datapath === undefined) return undefined;
  try {
    return await readFlows(datapath.connection);
  } finally {
    datapath.connection.close('it was only looked at');
  }
}

/**
 * A bridge's management socket, beside the database's: it speaks OpenFlow to whoever opens it and is no controller, so nothing
 * changes. undefined: the database is reached by another way than its socket, so the bridge is on another machine.
 */
export async function openManagement(
  ovsdb: string | undefined,
  bridge: string,
  onError: (error: OpenFlowError) => void = unheard,
): Promise<Datapath | undefined> {
  if (ovsdb === undefined) return undefined;
  const target = parseActiveTarget(ovsdb, { defaultPort: OVSDB_PORT });
  if (target.kind !== 'unix') return undefined;
  const path = join(dirname(target.path), `${bridge}.mgmt`);
  const events = { ...EVENTS, error: (_: unknown, error: OpenFlowError) => onError(error) };
  return handshake(await dial({ kind: 'unix', path }, { timeout: DIAL_MS }), path, events);
}

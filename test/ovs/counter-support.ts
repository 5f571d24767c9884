/** Counters of a bridge of a real ovs-vswitchd, read over a connection of our own that no reconciler uses. */

import { connect } from 'node:net';
import type { Clock } from '../../src/clock.ts';
import { type Counters, createCounters } from '../../src/main/counters.ts';
import type { Connection } from '../../src/openflow/connection.ts';
import type { Datapath } from '../../src/openflow/datapath.ts';
import { handshake } from '../../src/openflow/handshake.ts';

export interface CountersAt {
  counters: Counters;
  datapath: Datapath;
  close(): void;
}

/** `through`: what the counters are given instead of the connection itself. All flows are app "a"'s. */
export async function countersAt(
  socket: string,
  clock: Clock,
  through = (connection: Connection) => connection,
): Promise<CountersAt> {
  const nothing = () => undefined;
  const datapath = await handshake(connect(socket), 'unix', {
    ...{ packetIn: nothing, portChanged: nothing, flowRemoved: nothing, error: nothing, close: nothing },
  });
  const counters = createCounters({
    ownerOf: () => ({ app: 'a', intent: null, source: null }),
    changed: nothing,
    clock,
  });
  const connection = through(datapath.connection);
  const ports = new Map(Array.from(datapath.ports, ([number, { name }]) => [number, { name }]));
  const one = { dpid: datapath.dpid, connection, ports, desired: nothing };
  counters.connected(one);
  counters.begin(one);
  return {
    counters,
    datapath,
    close() {
      counters.close();
      datapath.connection.close('the test ends');
    },
  };
}

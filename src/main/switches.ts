/** The switches that connect by sockets, and what is counted of them. */

import type { Socket } from 'node:net';
import {
  type Switches as ConnectedSwitches,
  type SwitchesOptions as ConnectedSwitchesOptions,
  createSwitches as createConnectedSwitches,
} from '../control/switches.ts';
import { peerAddress } from '../transport/peer-address.ts';
import type { CountedSwitch, Counters } from './counters.ts';

export type { ConnectedSwitch } from '../control/switches.ts';

export interface Switches extends Omit<ConnectedSwitches, 'accept'> {
  accept(socket: Socket): void;
}

export interface SwitchesOptions extends Omit<ConnectedSwitchesOptions, 'follower'> {
  counters: Counters;
}

export function createSwitches({ counters, ...options }: SwitchesOptions): Switches {
  const counted = new Map<object, CountedSwitch>();
  const switches = createConnectedSwitches({
    ...options,
    follower: {
      connected(site) {
        const one = {
          ...{ dpid: site.dpid, connection: site.datapath.connection, ports: site.ports },
          desired: (identity: string) => site.reconciler.desired(identity),
        };
        counted.set(site, one);
        counters.connected(one);
      },
      settled(site) {
        const one = counted.get(site);
        if (one !== undefined) counters.begin(one);
      },
      disconnected(site) {
        const one = counted.get(site);
        counted.delete(site);
        if (one !== undefined) counters.disconnected(one);
      },
      flowRemoved: counters.flowRemoved,
    },
  });
  return {
    ...switches,
    accept(socket) {
      socket.setNoDelay(true);
      switches.accept(socket, peerAddress(socket));
    },
  };
}

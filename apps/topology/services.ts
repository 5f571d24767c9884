/** What other apps, the API and `status` may ask of the topology. */

import { defineService } from '../../src/index.ts';
import type { Closed, Place } from './tree.ts';

export interface TopologyCable {
  a: Place;
  b: Place;
  /** `blocked`: it would close a loop, and waits until it is needed. `one way`: heard in one direction only, `a` to `b`. */
  state: 'carrying' | 'blocked' | 'one way';
}

export interface ClosedPort extends Place {
  /** Ids of the segments; undefined: nothing passes. */
  segments: number[] | undefined;
  why: string;
}

export interface Topology {
  cables(): TopologyCable[];
  closedPorts(): ClosedPort[];
  /** By port number: nothing that comes in there may be used, nothing may be sent out there. */
  closed(dpid: string): ReadonlyMap<number, Closed>;
  /** Whether another switch is heard at the port: what is behind it is not there. */
  leadsToSwitch(place: Place): boolean;
  /** Whether a switch has just come, and ports that it came with are closed until it is known what is behind them. */
  looking(dpid: string): boolean;
  /** False: after a start not all switches have been heard, and nothing is opened yet. */
  settled(): boolean;
}

export const topology = defineService<Topology>('topology.network');

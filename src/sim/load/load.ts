/** So many simulated switches on one controller, with stations that talk: a load, and what becomes of it. */

import { type Clock, every, systemClock } from '../../clock.ts';
import type { ActiveTarget } from '../../transport/target.ts';
import type { Hooks } from '../openflow/connection.ts';
import { createSimulatedSwitch, type SimulatedSwitch } from '../simulated-switch.ts';
import { createSwitchLinks, type SwitchLink } from '../tcp-link.ts';
import { createDelays, type Delays } from './delays.ts';
import { createTraffic, type Traffic, type TrafficCounts } from './traffic.ts';

export interface LoadOptions {
  target: ActiveTarget;
  switches: number;
  /** Of each switch. */
  ports: number;
  flows: number;
  churn: number;
  /** Of the first switch; the others follow. */
  dpid: bigint;
  clock?: Clock;
}

/** Counted since the start. */
export interface LoadCounts extends TrafficCounts {
  packetIns: number;
  /** Not sent, since the controller took none for too long. */
  packetInsDropped: number;
  packetOuts: number;
  /** Those in bundles included. */
  flowMods: number;
}

export interface Load {
  counts(): LoadCounts;
  connected(): number;
  /** Flows that stand. */
  flows(): number;
  /** Milliseconds from a packet-in to where its packet was meant to go; the caller clears them. */
  readonly delays: Delays;
  /** Why switches are not connected, each reason with how many they are; '' for those that are still on the way. */
  unconnected(): ReadonlyMap<string, number>;
  /** No switch has ever connected, and each has tried. */
  isHopeless(): boolean;
  close(): void;
}

/** Milliseconds between two looks at what is due. */
const TICK = 10;
/** Of what no traffic waits for: flows that time out, connections that are over. */
const HOUSEKEEPING = 100;
const FLOW_MOD = 14;
const BUNDLED_TYPE = 17;

interface Seat {
  device: SimulatedSwitch;
  link: SwitchLink;
  traffic: Traffic;
  /** Before that its packets would come to nothing. */
  hasFlows: boolean;
}

/** Connects the switches at once; stations talk on each as soon as the controller has put a flow there. */
export function startLoad(options: LoadOptions): Load {
  const { switches, ports, flows, churn, clock = systemClock } = options;
  const now = () => clock.now();
  const links = createSwitchLinks(options.target, clock);
  const delays = createDelays();
  const counts = { ...{ sent: 0, delivered: 0, lost: 0 }, ...{ packetOuts: 0, flowMods: 0 } };
  let wasConnected = false;
  const tried = new Set<SwitchLink>();

  const hooks: Hooks = {
    flowMod() {
      counts.flowMods++;
      return false;
    },
    packetOut() {
      counts.packetOuts++;
      return false;
    },
    refuse(message, when) {
      if (when === 'add' && message[BUNDLED_TYPE] === FLOW_MOD) counts.flowMods++;
      return undefined;
    },
  };

  function seat(dpid: bigint): Seat {
    const device = createSimulatedSwitch({
      dpid,
      ports: Array.from({ length: ports }, (_, i) => ({ portNo: i + 1 })),
      clock,
      transmit: (portNo, frame) => traffic.arrived(portNo, frame),
      seed: Number(dpid & 0xffff_ffffn),
    });
    const traffic = createTraffic({
      ...{ dpid, ports, flows, churn, now, counts, delays },
      send(port, frame) {
        const before = link.packetIns;
        device.receive(port, frame);
        return link.packetIns > before;
      },
    });
    const link: SwitchLink = links.connect(device, {
      hooks,
      connected() {
        wasConnected = true;
      },
      disconnected: () => void tried.add(link),
      chunkEnds: traffic.answer,
    });
    return { device, link, traffic, hasFlows: false };
  }

  const seats = Array.from({ length: switches }, (_, i) => seat(options.dpid + BigInt(i)));

  const stopTalk = every(clock, TICK, () => {
    for (const each of seats) {
      each.hasFlows ||= each.device.flowCount() > 0;
      if (flows > 0 && each.hasFlows) each.link.together(each.traffic.talk);
    }
  });
  const stopHousekeeping = every(clock, HOUSEKEEPING, () => {
    for (const { link, device } of seats) link.together(device.advance);
  });

  const sum = (pick: (seat: Seat) => number) => seats.reduce((total, each) => total + pick(each), 0);
  return {
    counts: () => ({
      ...counts,
      packetIns: sum(({ link }) => link.packetIns),
      packetInsDropped: sum(({ link }) => link.packetInsDropped),
    }),
    connected: () => sum(({ link }) => Number(link.isConnected)),
    flows: () => sum(({ device }) => device.flowCount()),
    delays,
    unconnected() {
      const reasons = new Map<string, number>();
      for (const { isConnected, reason = '' } of seats.map(({ link }) => link)) {
        if (!isConnected) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      return reasons;
    },
    isHopeless: () => !wasConnected && tried.size === switches,
    close() {
      stopTalk();
      stopHousekeeping();
      for (const { link } of seats) link.close();
    },
  };
}

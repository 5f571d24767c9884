/** Everything the page shows, kept current by the stream, and the hook by which components follow it. */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { ConnectionState } from './connection.ts';
import { createHistory, type History } from './history.ts';
import type { FlowStatus, Snapshot, StreamMessage } from './wire.ts';

export interface Live {
  connection: ConnectionState;
  status: Snapshot | undefined;
  flows: Map<string, FlowStatus>;
  /** Flow → when its packets last rose. */
  movedAt: Map<string, number>;
  history: History;
  /** Bits per second into all ports, since the page was opened. */
  traffic: { times: number[]; bitRates: number[] };
  receive(message: StreamMessage): void;
  setConnection(state: ConnectionState): void;
  follow(changed: () => void): () => void;
}

/** Points of the traffic line: ten minutes. */
const TRAFFIC_POINTS = 600;

export function createLive(): Live {
  const followers = new Set<() => void>();
  let scheduled = false;

  /** However much arrives, it is drawn once per frame. */
  function tell(): void {
    if (scheduled) return;
    scheduled = true;
    const draw = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      scheduled = false;
      for (const changed of followers) changed();
    };
    const frame = requestAnimationFrame(draw);
    // A page in the background gets no frames, but must not fall behind.
    const timer = setTimeout(draw, 1_000);
  }

  const live: Live = {
    connection: { phase: 'connecting' },
    status: undefined,
    flows: new Map(),
    movedAt: new Map(),
    history: createHistory(),
    traffic: { times: [], bitRates: [] },
    receive(message) {
      const now = Date.now();
      if (message.topic === 'status') {
        live.status = message.data;
        addTraffic(live, message.data, now);
      } else if (message.type === 'snapshot') {
        const gone = new Set(live.flows.keys());
        for (const flow of message.data) {
          gone.delete(flow.id);
          putFlow(live, flow, now);
        }
        for (const id of gone) removeFlow(live, id);
      } else {
        for (const flow of message.upsert) putFlow(live, flow, now);
        for (const id of message.remove) removeFlow(live, id);
      }
      tell();
    },
    setConnection(state) {
      live.connection = state;
      tell();
    },
    follow(changed) {
      followers.add(changed);
      return () => followers.delete(changed);
    },
  };
  return live;
}

/** Draws the component again whenever anything live changed. */
export function useLive(live: Live): void {
  const [, setRound] = useState(0);
  // An effect would begin a frame after the first drawing: what arrives in between would be told to nobody.
  useLayoutEffect(() => live.follow(() => setRound((round) => round + 1)), [live]);
}

/** The time, and a new drawing every second. */
export function useClock(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function putFlow(live: Live, flow: FlowStatus, now: number): void {
  const known = live.flows.get(flow.id);
  if (known !== undefined && flow.packets > known.packets) live.movedAt.set(flow.id, now);
  live.flows.set(flow.id, flow);
  live.history.record(flow.id, now, flow.packetRate, flow.bitRate);
}

function removeFlow(live: Live, id: string): void {
  live.flows.delete(id);
  live.movedAt.delete(id);
  live.history.forget(id);
}

function addTraffic({ traffic }: Live, status: Snapshot, now: number): void {
  const rate = status.switches.flatMap((one) => one.ports).reduce((sum, port) => sum + port.rxRate, 0);
  traffic.times.push(now);
  traffic.bitRates.push(rate);
  if (traffic.times.length > TRAFFIC_POINTS) {
    traffic.times.shift();
    traffic.bitRates.shift();
  }
}

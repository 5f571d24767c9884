/** Everything the page shows, kept current by the stream, and the hook by which components follow it. */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { ConnectionState } from './connection.ts';
import { createHistory, type History } from './history.ts';
import type { RowTopic, Snapshot, StreamMessage, StreamRows } from './wire.ts';

export interface Live {
  connection: ConnectionState;
  status: Snapshot | undefined;
  /** What the lists of the stream hold; those that no view shows stay as they were last. */
  rows: { [T in RowTopic]: Map<StreamRows[T]['id'], StreamRows[T]> };
  /** `rows.flows`. */
  flows: Map<string, StreamRows['flows']>;
  /** Lists of which at least one snapshot has come: an empty one is empty. */
  known: Set<RowTopic>;
  /** Flow or rule → when its packets last rose. */
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

  const rows: Live['rows'] = {
    ...{ flows: new Map(), rules: new Map(), events: new Map() },
    ...{ interfaces: new Map(), routes: new Map(), neighbours: new Map(), leases: new Map() },
  };

  const live: Live = {
    connection: { phase: 'connecting' },
    status: undefined,
    rows,
    flows: rows.flows,
    known: new Set(),
    movedAt: new Map(),
    history: createHistory(),
    traffic: { times: [], bitRates: [] },
    receive(message) {
      const now = Date.now();
      if (message.topic === 'status') {
        live.status = message.data;
        addTraffic(live, message.data, now);
      } else {
        const known: Map<string | number, unknown> = live.rows[message.topic];
        const isWhole = message.type === 'snapshot';
        const gone = new Set(isWhole ? known.keys() : message.remove);
        for (const row of isWhole ? message.data : message.upsert) {
          gone.delete(row.id);
          if ('packetRate' in row) count(live, row, known.get(row.id) as Counting | undefined, now);
          known.set(row.id, row);
        }
        for (const id of gone) {
          known.delete(id);
          forget(live, `${id}`);
        }
        live.known.add(message.topic);
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

/** A flow or a rule. */
type Counting = StreamRows['flows' | 'rules'];

function count(live: Live, row: Counting, known: Counting | undefined, now: number): void {
  if (known !== undefined && row.packets > known.packets) live.movedAt.set(row.id, now);
  live.history.record(row.id, now, row.packetRate, row.bitRate);
}

function forget(live: Live, id: string): void {
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

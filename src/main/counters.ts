/** All counters of all switches: read by each one's poller, summed up, given to the API and kept in the store. */

import type { FlowRemoved } from '../../proto/openflow/flow-mod.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Owner } from '../control/whose.ts';
import { flowIdentity, identityWithId } from '../flow/flow-bytes.ts';
import type { DesiredFlow } from '../flow/weave/weaver.ts';
import { createDemands, type Demand } from '../telemetry/counters/demand.ts';
import { createEntityBook, type Entity, type EntityKind, historyId } from '../telemetry/counters/entity-book.ts';
import type { FlowFigures } from '../telemetry/counters/flow-tables.ts';
import { createHistory } from '../telemetry/counters/history.ts';
import { wideCounter } from '../telemetry/counters/increase.ts';
import { createIntentSums, type Sum } from '../telemetry/counters/intent-sums.ts';
import type { CounterKind, StatisticsKind } from '../telemetry/counters/kinds.ts';
import { createPoller, type Poller } from '../telemetry/counters/poller.ts';
import { WATCHED } from '../telemetry/counters/schedule.ts';
import { createCounterSaving } from './counter-saving.ts';
import type { CounterStore } from './counter-store.ts';
import { createFlowLookers } from './flow-lookers.ts';
import { createIntentOwners } from './intent-owners.ts';
import { createSwitchBooks, type ReadSwitch } from './switch-books.ts';

/** A connected switch, as far as its counters go. */
export interface CountedSwitch extends ReadSwitch {
  desired(identity: string): DesiredFlow | undefined;
}

export interface Counters {
  connected(one: CountedSwitch): void;
  /** It is as it should be, or nobody's: reading it is in nothing's way any more. */
  begin(one: CountedSwitch): void;
  disconnected(one: CountedSwitch): void;
  /** The switch told what a flow had counted when it ended. */
  flowRemoved(dpid: string, message: FlowRemoved): void;
  flow(dpid: string, identity: string): FlowFigures | undefined;
  entity(dpid: string, kind: EntityKind, name: string): Entity | undefined;
  entities(kind: EntityKind): Iterable<Entity>;
  /** By cookie, `0x…`. */
  readonly intents: ReadonlyMap<string, Sum>;
  /** By name. */
  readonly apps: ReadonlyMap<string, Sum>;
  ownerOf(intent: string): Owner;
  /** Its packets are counted by another intent of the same text already. */
  isAside(intent: string): boolean;
  /** Rates per second, step by step; undefined: there is none of it. */
  history(of: CounterKind, id: string, seconds: number): { from: number; rates: number[][] } | undefined;
  /** Somebody looks, until the function given back is called. */
  want(demand: Demand): () => void;
  /** Has read what is asked for, unless it is fresh; of one switch or all. Bounded: a slow switch is not waited for. */
  fresh(kinds: readonly StatisticsKind[], dpid?: string): Promise<void>;
  close(): void;
}

export interface CountersOptions {
  /** By a cookie alone. */
  ownerOf(dpid: string, cookie: bigint): Owner;
  /** Something was read. */
  changed(): void;
  /** They could not be saved. */
  failed?(error: Error): void;
  /** Where sums outlive the process. */
  store?: CounterStore | undefined;
  clock?: Clock;
}

interface Counted {
  one: CountedSwitch;
  poller: Poller;
}

/** Milliseconds that a question waits for switches. */
const PATIENCE = 3000;
/** After the last watcher, histories of single flows are kept so long. */
const LINGER = 60_000;
/** Spreads the first readings of many switches that connect at once. */
const SPREAD = 5000;

export function createCounters({ ownerOf, changed, failed, store, clock = systemClock }: CountersOptions): Counters {
  const history = createHistory();
  const sums = createIntentSums(history);
  const entities = createEntityBook(history);
  const connected = new Map<string, Counted>();
  const owners = createIntentOwners({
    ownerOf,
    desired: (dpid, identity) => connected.get(dpid)?.one.desired(identity),
    counted: sums.intents,
  });
  const books = createSwitchBooks({ sums, entities, owners, clock });
  const demands = createDemands(rescheduled);
  const saving = store === undefined ? undefined : createCounterSaving({ store, clock, sums, owners, books, failed });
  const lookers = createFlowLookers((dpid) => connected.has(dpid), demands.add, clock, LINGER);
  let stopLinger: (() => void) | undefined;
  let telling: (() => void) | undefined;

  function rescheduled(): void {
    const watched = demands.isWatched('flow', WATCHED);
    stopLinger?.();
    stopLinger = undefined;
    if (watched) books.watch(true);
    else if (books.watching) stopLinger = clock.after(LINGER, () => books.watch(false));
    for (const { poller } of connected.values()) poller.reschedule();
  }

  /** Kinds that were read in the same moment are told together. */
  function tell(): void {
    telling ??= clock.after(50, () => {
      telling = undefined;
      changed();
    });
  }

  return {
    connected(one) {
      const { dpid } = one;
      connected.get(dpid)?.poller.stop();
      const delay = Number(BigInt(`0x${dpid}`) % BigInt(SPREAD));
      const poller = createPoller({
        ...{ dpid, clock, demands, delay, done: tell },
        read: (what) => books.read(one, what),
        sizes: () => books.sizes(dpid),
      });
      connected.set(dpid, { one, poller });
    },
    begin(one) {
      const counted = connected.get(one.dpid);
      if (counted?.one === one) counted.poller.begin();
    },
    disconnected(one) {
      const counted = connected.get(one.dpid);
      if (counted?.one !== one) return;
      counted.poller.stop();
      connected.delete(one.dpid);
      books.disconnected(one.dpid);
    },
    flowRemoved(dpid, { tableId, priority, match, packetCount, byteCount }) {
      const identity = flowIdentity({ tableId, priority, match });
      const [packets, bytes] = [wideCounter(packetCount), wideCounter(byteCount)];
      books.flows(dpid)?.removed(tableId, identity, packets, bytes, clock.now());
    },
    flow: (dpid, identity) => books.flows(dpid)?.figures(identity),
    entity: (dpid, kind, name) => entities.get(dpid, kind, name),
    entities: (kind) => entities.all(kind),
    intents: sums.intents,
    apps: sums.apps,
    ownerOf: owners.of,
    isAside: owners.isAside,
    history(of, id, seconds) {
      const now = clock.now();
      if (of === 'flow') lookers.lookAt(id);
      const ring =
        of === 'flow'
          ? flowRing(id)
          : history.get(of === 'intent' || of === 'app' ? `${of}/${id}` : historyIdOf(of, id));
      return ring?.read(seconds, now);
    },
    want: demands.add,
    async fresh(kinds, dpid) {
      const wanted = [...connected].filter(([each]) => dpid === undefined || each === dpid);
      const reading = wanted.map(async ([each, { poller }]) => {
        await poller.fresh(kinds);
        await books.identified(each);
      });
      let cancel: (() => void) | undefined;
      const impatient = new Promise<void>((resolve) => {
        cancel = clock.after(PATIENCE, resolve);
      });
      await Promise.race([Promise.all(reading), impatient]);
      cancel?.();
    },
    close() {
      for (const { poller } of connected.values()) poller.stop();
      connected.clear();
      stopLinger?.();
      telling?.();
      lookers.close();
      saving?.close();
    },
  };

  function flowRing(id: string) {
    const slash = id.indexOf('/');
    const identity = identityWithId(id.slice(slash + 1));
    return identity === undefined ? undefined : books.flows(id.slice(0, slash))?.figures(identity)?.ring;
  }

  function historyIdOf(kind: EntityKind, id: string): string {
    const slash = id.indexOf('/');
    return historyId(kind, id.slice(0, slash), id.slice(slash + 1));
  }
}

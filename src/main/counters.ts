/** All counters of all switches: read by each one's poller, summed up, given to the API and kept in the store. */

import type { FlowRemoved } from '../../proto/openflow/flow-mod.ts';
import { flowIdentity, identityWithId } from '../flow/flow-bytes.ts';
import type { DesiredFlow } from '../flow/weave/weaver.ts';
import type { Connection } from '../openflow/connection.ts';
import { type Clock, systemClock } from '../telemetry/counters/clock.ts';
import { createDemands, type Demand } from '../telemetry/counters/demand.ts';
import { createEntityBook, type Entity, type EntityKind, historyId } from '../telemetry/counters/entity-book.ts';
import { createFlowBook, type FlowBook } from '../telemetry/counters/flow-book.ts';
import type { FlowFigures } from '../telemetry/counters/flow-tables.ts';
import { createHistory } from '../telemetry/counters/history.ts';
import { wideCounter } from '../telemetry/counters/increase.ts';
import { createIntentSums, type Sum } from '../telemetry/counters/intent-sums.ts';
import type { CounterKind, StatisticsKind } from '../telemetry/counters/kinds.ts';
import { createPoller, type Poller, type Statistics } from '../telemetry/counters/poller.ts';
import { WATCHED } from '../telemetry/counters/schedule.ts';
import type { CounterStore, SavedCounters, SavedSwitch } from './counter-store.ts';
import { createFlowLookers } from './flow-lookers.ts';
import { createIntentOwners, type Owner } from './intent-owners.ts';
import { identityOf, readFlows, readGroups, readMeters, readPorts, readQueues, readTables } from './statistics.ts';

/** A connected switch, as far as its counters go. */
export interface CountedSwitch {
  readonly dpid: string;
  readonly connection: Connection;
  /** By port number. */
  readonly ports: ReadonlyMap<number, { name: string }>;
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

interface Books {
  flows: FlowBook;
  /** When flows were read last. */
  flowsAt: number;
  sizes: ReadonlyMap<number, number>;
  /** When ports were read last. */
  portsAt: number | undefined;
  /** Its flows get their identities. */
  identifying: Promise<void> | undefined;
}

/** Milliseconds that a question waits for switches. */
const PATIENCE = 3000;
/** So many flows get their identity in one turn of the event loop: about a millisecond. */
const SLICE = 100;
/** After the last watcher, histories of single flows are kept so long. */
const LINGER = 60_000;
/** The switch's clock and ours, and the way between them. */
const TOLERANCE = 500;
/** A switch that has not come for so long is forgotten. */
const FORGET = 30 * 24 * 3_600_000;
/** Milliseconds between two savings. */
const SAVE = 300_000;
/** Spreads the first readings of many switches that connect at once. */
const SPREAD = 5000;

export function createCounters({ ownerOf, changed, failed, store, clock = systemClock }: CountersOptions): Counters {
  const history = createHistory();
  const sums = createIntentSums(history);
  const entities = createEntityBook(history);
  const books = new Map<string, Books>();
  const connected = new Map<string, Counted>();
  const owners = createIntentOwners({
    ownerOf,
    desired: (dpid, identity) => connected.get(dpid)?.one.desired(identity),
    counted: sums.intents,
  });
  const demands = createDemands(rescheduled);
  /** Of switches that were there in an earlier run, and have not come yet. */
  const unused = new Map<string, SavedSwitch>();
  const before = store?.load();
  for (const [name, packets, bytes] of before?.apps ?? []) Object.assign(sums.app(name), { packets, bytes });
  for (const [key, app, packets, bytes, intent, source] of before?.intents ?? []) {
    Object.assign(sums.intent(key, app ?? undefined), { packets, bytes });
    if (app !== null) owners.set(key, { app, intent, source });
  }
  for (const each of before?.switches ?? []) if (clock.now() - each.at < FORGET) unused.set(each.dpid, each);
  const lookers = createFlowLookers((dpid) => connected.has(dpid), demands.add, clock, LINGER);
  let watching = false;
  let stopLinger: (() => void) | undefined;
  let telling: (() => void) | undefined;

  function rescheduled(): void {
    const watched = demands.isWatched('flow', WATCHED);
    stopLinger?.();
    stopLinger = undefined;
    if (watched) watchFlows(true);
    else if (watching) stopLinger = clock.after(LINGER, () => watchFlows(false));
    for (const { poller } of connected.values()) poller.reschedule();
  }

  function watchFlows(on: boolean): void {
    watching = on;
    for (const { flows } of books.values()) flows.watch(on);
  }

  function booksOf(dpid: string): Books {
    let own = books.get(dpid);
    if (own === undefined) {
      const flows = createFlowBook({
        sums,
        ownerOf: (...cookie) => owners.sumsOf(dpid, ...cookie),
        identityOf,
        named: (...flow) => owners.named(dpid, ...flow),
      });
      flows.watch(watching);
      own = { flows, flowsAt: 0, sizes: new Map(), portsAt: undefined, identifying: undefined };
      books.set(dpid, own);
      restore(own, dpid);
    }
    return own;
  }

  async function read({ dpid, connection, ports }: CountedSwitch, { kind, table }: Statistics): Promise<number> {
    const own = booksOf(dpid);
    const nameOf = (port: number) => ports.get(port)?.name;
    if (kind === 'flow') {
      const count = await readFlows(connection, table, own.flows, clock.now);
      own.flowsAt = clock.now();
      own.identifying ??= identify(own).finally(() => {
        own.identifying = undefined;
      });
      return count;
    }
    if (kind === 'port') {
      const { readings, running } = await readPorts(connection, nameOf);
      const now = clock.now();
      if (own.portsAt !== undefined && running !== undefined && running + TOLERANCE < now - own.portsAt) {
        own.flows.restarted();
        entities.restarted(dpid);
      }
      own.portsAt = now;
      entities.read(dpid, kind, readings, now);
      return readings.length;
    }
    if (kind === 'table') {
      const { readings, sizes } = await readTables(connection);
      own.sizes = sizes;
      entities.read(dpid, kind, readings, clock.now());
      return readings.length;
    }
    const readings = await (kind === 'queue'
      ? readQueues(connection, nameOf)
      : kind === 'meter'
        ? readMeters(connection)
        : readGroups(connection));
    entities.read(dpid, kind, readings, clock.now());
    return readings.length;
  }

  /** Decoding the matches of many flows takes a while: others get their turns meanwhile. */
  async function identify(own: Books): Promise<void> {
    while (own.flows.identify(SLICE)) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Kinds that were read in the same moment are told together. */
  function tell(): void {
    telling ??= clock.after(50, () => {
      telling = undefined;
      changed();
    });
  }

  function restore(own: Books, dpid: string): void {
    const saved = unused.get(dpid);
    if (saved === undefined) return;
    unused.delete(dpid);
    own.flows.restore(saved.flows, saved.at);
    own.flowsAt = saved.at;
    own.portsAt = saved.portsAt ?? undefined;
    entities.restore(dpid, saved.entities, saved.portsAt ?? saved.at);
  }

  function saved(): SavedCounters {
    return {
      intents: Array.from(sums.intents.values(), ({ key, app, packets, bytes }) => {
        const { intent, source } = owners.of(key);
        return [key, app?.key ?? null, packets, bytes, intent, source];
      }),
      apps: Array.from(sums.apps.values(), ({ key, packets, bytes }) => [key, packets, bytes]),
      switches: [
        ...unused.values(),
        ...Array.from(books, ([dpid, { flows, flowsAt, portsAt = null }]) => ({
          ...{ dpid, at: flowsAt, portsAt, flows: flows.save(), entities: entities.save(dpid) },
        })),
      ],
    };
  }

  function saveLater(): () => void {
    return clock.after(SAVE, () => {
      store?.saveGently(saved()).catch((error: Error) => failed?.(error));
      stopSaving = saveLater();
    });
  }
  let stopSaving = store === undefined ? undefined : saveLater();

  return {
    connected(one) {
      const { dpid } = one;
      connected.get(dpid)?.poller.stop();
      const delay = Number(BigInt(`0x${dpid}`) % BigInt(SPREAD));
      const poller = createPoller({
        ...{ dpid, clock, demands, delay, done: tell },
        read: (what) => read(one, what),
        sizes: () => booksOf(dpid).sizes,
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
      books.get(one.dpid)?.flows.disconnected();
      entities.disconnected(one.dpid);
    },
    flowRemoved(dpid, { tableId, priority, match, packetCount, byteCount }) {
      const identity = flowIdentity({ tableId, priority, match });
      const [packets, bytes] = [wideCounter(packetCount), wideCounter(byteCount)];
      books.get(dpid)?.flows.removed(tableId, identity, packets, bytes, clock.now());
    },
    flow: (dpid, identity) => books.get(dpid)?.flows.figures(identity),
    entity: (dpid, kind, name) => entities.get(dpid, kind, name),
    entities: (kind) => entities.all(kind),
    intents: sums.intents,
    apps: sums.apps,
    ownerOf: owners.of,
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
        await books.get(each)?.identifying;
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
      stopSaving?.();
      try {
        store?.save(saved());
      } catch (error) {
        // A full disk: all else still has to end as it should.
        failed?.(error as Error);
      }
    },
  };

  function flowRing(id: string) {
    const slash = id.indexOf('/');
    const identity = identityWithId(id.slice(slash + 1));
    return identity === undefined ? undefined : books.get(id.slice(0, slash))?.flows.figures(identity)?.ring;
  }

  function historyIdOf(kind: EntityKind, id: string): string {
    const slash = id.indexOf('/');
    return historyId(kind, id.slice(0, slash), id.slice(slash + 1));
  }
}

/** What each switch has counted: its answers are read into its books, which go on where those of an earlier run ended. */

import type { Clock } from '../clock.ts';
import type { Connection } from '../openflow/connection.ts';
import type { EntityBook } from '../telemetry/counters/entity-book.ts';
import { createFlowBook, type FlowBook } from '../telemetry/counters/flow-book.ts';
import type { IntentSums } from '../telemetry/counters/intent-sums.ts';
import type { Statistics } from '../telemetry/counters/poller.ts';
import type { SavedSwitch } from './counter-store.ts';
import type { IntentOwners } from './intent-owners.ts';
import { identityOf, readFlows, readGroups, readMeters, readPorts, readQueues, readTables } from './statistics.ts';

export interface ReadSwitch {
  readonly dpid: string;
  readonly connection: Connection;
  /** By port number. */
  readonly ports: ReadonlyMap<number, { name: string }>;
}

export interface SwitchBooks {
  /** Asks the switch and books the answer; how many entries it had. */
  read(one: ReadSwitch, what: Statistics): Promise<number>;
  /** How many flows each table has, by the last answer about tables. */
  sizes(dpid: string): ReadonlyMap<number, number>;
  /** undefined: it never came. */
  flows(dpid: string): FlowBook | undefined;
  /** Until then flows that were read have no identities. */
  identified(dpid: string): Promise<void> | undefined;
  /** Whether histories of single flows are kept. */
  watch(on: boolean): void;
  readonly watching: boolean;
  disconnected(dpid: string): void;
  save(): SavedSwitch[];
  /** Of an earlier run: each waits for its switch. */
  restore(switches: readonly SavedSwitch[]): void;
}

export interface SwitchBooksOptions {
  sums: IntentSums;
  entities: EntityBook;
  owners: IntentOwners;
  clock: Clock;
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

/** So many flows get their identity in one turn of the event loop: about a millisecond. */
const SLICE = 100;
/** The switch's clock and ours, and the way between them. */
const TOLERANCE = 500;

export function createSwitchBooks({ sums, entities, owners, clock }: SwitchBooksOptions): SwitchBooks {
  const books = new Map<string, Books>();
  /** Of switches that were there in an earlier run, and have not come yet. */
  const unused = new Map<string, SavedSwitch>();
  let watching = false;

  function booksOf(dpid: string): Books {
    let own = books.get(dpid);
    if (own === undefined) {
      const flows = createFlowBook({
        dpid,
        sums,
        ownerOf: (...cookie) => owners.sumsOf(dpid, ...cookie),
        identityOf,
        named: (...flow) => owners.named(dpid, ...flow),
      });
      flows.watch(watching);
      own = { flows, flowsAt: 0, sizes: new Map(), portsAt: undefined, identifying: undefined };
      books.set(dpid, own);
      resume(own, dpid);
    }
    return own;
  }

  function resume(own: Books, dpid: string): void {
    const saved = unused.get(dpid);
    if (saved === undefined) return;
    unused.delete(dpid);
    own.flows.restore(saved.flows, saved.at);
    own.flowsAt = saved.at;
    own.portsAt = saved.portsAt ?? undefined;
    entities.restore(dpid, saved.entities, saved.portsAt ?? saved.at);
  }

  /** Decoding the matches of many flows takes a while: others get their turns meanwhile. */
  async function identify(own: Books): Promise<void> {
    while (own.flows.identify(SLICE)) await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    async read({ dpid, connection, ports }, { kind, table }) {
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
    },
    sizes: (dpid) => booksOf(dpid).sizes,
    flows: (dpid) => books.get(dpid)?.flows,
    identified: (dpid) => books.get(dpid)?.identifying,
    watch(on) {
      watching = on;
      for (const { flows } of books.values()) flows.watch(on);
    },
    get watching() {
      return watching;
    },
    disconnected(dpid) {
      books.get(dpid)?.flows.disconnected();
      entities.disconnected(dpid);
    },
    save: () => [
      ...unused.values(),
      ...Array.from(books, ([dpid, { flows, flowsAt, portsAt = null }]) => ({
        ...{ dpid, at: flowsAt, portsAt, flows: flows.save(), entities: entities.save(dpid) },
      })),
    ],
    restore(switches) {
      for (const each of switches) unused.set(each.dpid, each);
    },
  };
}

/** The flows that are counted in each table of a switch, and the sums that they are part of. */

import type { IntentSums, Part, Sum } from './intent-sums.ts';
import type { Ring } from './ring.ts';

export interface FlowFigures {
  packets: number;
  bytes: number;
  /** Per second. */
  packetRate: number;
  byteRate: number;
  /** When its packets last rose; undefined: not since anybody looked. */
  movedAt: number | undefined;
  /** When the switch installed it. */
  installedAt: number;
  readAt: number;
  readonly ring: Ring | undefined;
}

export interface FlowEntry extends FlowFigures {
  readonly tableId: number;
  readonly key: string;
  identity: string | undefined;
  cookieHigh: number;
  cookieLow: number;
  part: Part;
  /** As the switch said. */
  lastPackets: number;
  lastBytes: number;
  /** The last reading that named it. */
  reading: number;
  ring: Ring | undefined;
}

export interface FlowTable {
  entries: Map<string, FlowEntry>;
  /** Flows that are gone, and may come back. */
  gone: Map<string, FlowEntry>;
  parts: Map<Sum, Part>;
  /** The part that was found last for a cookie, by its lower half. */
  byCookie: Map<number, { cookieHigh: number; part: Part }>;
  readAt: number | undefined;
}

/** The intent and app that a cookie stands for. */
export type OwnerOf = (cookieHigh: number, cookieLow: number) => { intent: string; app: string | undefined };

export interface FlowTables {
  /** By number; one that is new was read at `readAt`. */
  of(id: number, readAt: number | undefined): FlowTable;
  known(id: number): FlowTable | undefined;
  all(): IterableIterator<[id: number, FlowTable]>;
  partOf(table: FlowTable, cookieHigh: number, cookieLow: number): Part;
}

export function createFlowTables(dpid: string, sums: IntentSums, ownerOf: OwnerOf): FlowTables {
  const tables = new Map<number, FlowTable>();

  function findPart(table: FlowTable, cookieHigh: number, cookieLow: number): Part {
    const { intent, app } = ownerOf(cookieHigh, cookieLow);
    const sum = sums.intent(intent, app);
    let part = table.parts.get(sum);
    if (part === undefined) {
      part = sums.partOf(sum, dpid);
      table.parts.set(sum, part);
    }
    return part;
  }

  return {
    of(id, readAt) {
      let table = tables.get(id);
      if (table === undefined) {
        table = { entries: new Map(), gone: new Map(), parts: new Map(), byCookie: new Map(), readAt };
        tables.set(id, table);
      }
      return table;
    },
    known: (id) => tables.get(id),
    all: () => tables.entries(),
    partOf(table, cookieHigh, cookieLow) {
      const known = table.byCookie.get(cookieLow);
      if (known?.cookieHigh === cookieHigh) return known.part;
      const part = findPart(table, cookieHigh, cookieLow);
      table.byCookie.set(cookieLow, { cookieHigh, part });
      return part;
    },
  };
}

/** The flows that apps declare for one switch, by table and key, and which of them have changed since they were woven. */

import type { AppFlow, Intent } from '../flow.ts';
import { type DeclaredFlow, freshFlow, sameApp, sameFlow, type WeaverApp } from './declared.ts';
import { intentOf } from './desired.ts';

export interface FlowBook {
  /** Ids of tables with a flow in them. */
  tables(): IterableIterator<number>;
  /** True: it was not declared before. */
  set(app: WeaverApp, tableId: number, key: string, flow: AppFlow): boolean;
  /** True: it was declared. */
  delete(tableId: number, key: string): boolean;
  has(tableId: number, key: string): boolean;
  keys(tableId: number): Iterable<string>;
  /** Everything that the app declared is withdrawn. */
  clear(app: WeaverApp): void;
  /** Remembers what the app declared; the function given back puts that in place again. */
  keep(app: WeaverApp): () => void;
  /** It is to be woven again. */
  moved(declared: DeclaredFlow): void;
  /** Drops what was withdrawn. */
  sweep(): void;
  /** What has changed since the last call, and those of it that were woven before. */
  take(): { moving: DeclaredFlow[]; leaving: DeclaredFlow[] };
  /** As it was when it was taken: what it says since then may go by a group or meter that is not woven yet. */
  asTaken(declared: DeclaredFlow): TakenFlow;
  /** What was taken is woven. */
  done(): void;
}

export type TakenFlow = Pick<DeclaredFlow, 'app' | 'tableId' | 'key' | 'flow'>;

export interface FlowBookEvents {
  /** It says the same for another reason, or from another line of the file: that is nothing to the switch. */
  renamed(declared: DeclaredFlow, intent: Intent): void;
  /** A flow of priority 0 came, went or changed. */
  missMoved(): void;
}

export function createFlowBook(events: FlowBookEvents): FlowBook {
  /** table id → key → what an app declared there. */
  const tables = new Map<number, Map<string, DeclaredFlow>>();
  /** Each once. */
  let changed: DeclaredFlow[] = [];
  /** While they are woven: what those were that are declared otherwise meanwhile. */
  let former: Map<DeclaredFlow, TakenFlow> | undefined;

  function note(declared: DeclaredFlow): void {
    if (declared.noted) return;
    declared.noted = true;
    changed.push(declared);
  }

  function withdraw(declared: DeclaredFlow): void {
    if (declared.flow.priority === 0) events.missMoved();
    declared.withdrawn = true;
    note(declared);
  }

  function flowsOf(app: WeaverApp): DeclaredFlow[] {
    return [...app.tables.values()].flatMap((id) => [...(tables.get(id)?.values() ?? [])]);
  }

  const book: FlowBook = {
    tables: () => tables.keys(),
    /** What is declared may be what was declared before; then nothing is woven anew. */
    set(app, tableId, key, flow) {
      let table = tables.get(tableId);
      if (table === undefined) {
        table = new Map();
        tables.set(tableId, table);
      }
      const standing = table.get(key);
      if (standing === undefined) {
        const fresh = freshFlow(app, tableId, key, flow);
        table.set(key, fresh);
        note(fresh);
        if (flow.priority === 0) events.missMoved();
        return true;
      }
      const wasWithdrawn = standing.withdrawn;
      standing.withdrawn = false;
      if (standing.flow === flow && sameApp(standing.app, app)) return wasWithdrawn;
      const isSame = sameApp(standing.app, app) && sameFlow(standing.flow, flow);
      if (isSame) events.renamed(standing, intentOf(flow));
      else if (flow.priority === 0 || standing.flow.priority === 0) events.missMoved();
      if (!isSame && former?.has(standing) === false)
        former.set(standing, { app: standing.app, tableId, key, flow: standing.flow });
      standing.app = app;
      standing.flow = flow;
      if (!isSame) book.moved(standing);
      return wasWithdrawn;
    },
    delete(tableId, key) {
      const declared = tables.get(tableId)?.get(key);
      if (declared === undefined || declared.withdrawn) return false;
      withdraw(declared);
      return true;
    },
    has: (tableId, key) => tables.get(tableId)?.get(key)?.withdrawn === false,
    *keys(tableId) {
      for (const { key, withdrawn } of tables.get(tableId)?.values() ?? []) if (!withdrawn) yield key;
    },
    clear(app) {
      for (const declared of flowsOf(app)) withdraw(declared);
    },
    keep(app) {
      const kept = flowsOf(app).filter(({ withdrawn }) => !withdrawn);
      const flows = kept.map(({ tableId, key, flow }) => [tableId, key, flow] as const);
      return () => {
        for (const [tableId, key, flow] of flows) book.set(app, tableId, key, flow);
      };
    },
    moved(declared) {
      declared.stale = true;
      note(declared);
    },
    sweep() {
      for (let i = 0; i < changed.length; i++) {
        const declared = changed[i]!;
        if (!declared.withdrawn) continue;
        const table = tables.get(declared.tableId);
        if (table?.get(declared.key) === declared) table.delete(declared.key);
        if (table?.size === 0) tables.delete(declared.tableId);
      }
    },
    take() {
      const moving: DeclaredFlow[] = [];
      const leaving: DeclaredFlow[] = [];
      for (let i = 0; i < changed.length; i++) {
        const declared = changed[i]!;
        declared.noted = false;
        if (!declared.stale && !declared.withdrawn) continue;
        declared.stale = false;
        moving.push(declared);
        if (declared.identity !== undefined || declared.error !== undefined) leaving.push(declared);
      }
      changed = [];
      former = new Map();
      return { moving, leaving };
    },
    asTaken: (declared) => former?.get(declared) ?? declared,
    done() {
      former = undefined;
    },
  };
  return book;
}

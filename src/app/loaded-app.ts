/** An app that is loaded: what it is, what was handed out to it, and what became of it, on all switches together. */

import type { Subfield } from '../../proto/openflow/subfield.ts';
import type { Numbering } from '../flow/allocate/numbering.ts';
import { FlowError } from '../flow/flow-error.ts';
import type { Counter } from './context.ts';
import type { AnyApp } from './define-app.ts';
import type { TableSpec } from './table-spec.ts';

export interface LoadedApp {
  readonly name: string;
  readonly definition: AnyApp;
  /** Another object when it has changed. */
  config: unknown;
  /** In cookies. */
  readonly number: number;
  readonly tables: ReadonlyMap<string, number>;
  /** Its tables that only `learn` writes. */
  readonly learned: ReadonlySet<string>;
  /** Where the fields lie that it has and uses, by full name. */
  readonly fields: ReadonlyMap<string, Subfield>;
  readonly counters: Record<string, Counter>;
  readonly ctZone: Numbering;
  packetIns: number;
  /** Flows beyond what an app may have in one switch. */
  flowsLeftOut: number;
  /** Those that were not handled: it paused, it had more than its share of the time, or their switch is behind. */
  packetInsDropped: number;
  /** Packet-outs and flows with a timeout that were not sent: it sent too many. */
  sendsDropped: number;
  errors: number;
  /** The last exception, null while it runs everywhere. */
  error: string | null;
  /** Why a newer version could not begin, so that this one goes on; null: there is none. */
  refused: string | null;
  /** An instance of it (a switch's, or `setup`) has failed: counted; null: it runs. */
  fault(place: string, what: string | null): void;
}

export function loadedApp(parts: Omit<LoadedApp, 'error' | 'refused' | 'fault'>): LoadedApp {
  const faults = new Map<string, string>();
  const app: LoadedApp = {
    ...parts,
    error: null,
    refused: null,
    fault(place, what) {
      faults.delete(place);
      if (what !== null) {
        app.errors++;
        faults.set(place, what);
      }
      app.error = [...faults.values()].at(-1) ?? null;
    },
  };
  return app;
}

export function createCounters(names: string[]): Record<string, Counter> {
  return Object.fromEntries(
    names.map((name) => {
      let value = 0;
      const counter: Counter = {
        add(count = 1) {
          if (!Number.isFinite(count)) throw new FlowError(`a counter can't add ${String(count)}: give it a number`);
          value += count;
        },
        get value() {
          return value;
        },
      };
      return [name, counter];
    }),
  );
}

export function sameFields(a: AnyApp, b: AnyApp): boolean {
  return JSON.stringify(a.fields ?? {}) === JSON.stringify(b.fields ?? {});
}

export function learnedTables({ tables = {} }: AnyApp): Set<string> {
  const specs: [string, TableSpec][] = Object.entries(tables);
  return new Set(specs.flatMap(([name, { learned }]) => (learned === true ? [name] : [])));
}

/** The meters that apps declare for one switch, by app and key. */

import type { OwnIds } from '../allocate/own-ids.ts';
import type { AppMeter } from '../flow.ts';
import { type DesiredMeter, desiredMeter } from '../meter.ts';

export interface MeterBook {
  /** By id, as of the last `settle`: what comes and goes while flows are woven is for the next time. */
  readonly meters: ReadonlyMap<number, DesiredMeter>;
  set(app: string, key: string, meter: AppMeter): void;
  delete(app: string, key: string): void;
  /** Its id; or why flows can't use it. */
  find(app: string, key: string): number | string;
  /** Everything that the app declared is withdrawn. */
  clear(app: string): void;
  /** Remembers what the app declared; the function given back puts just that in place again. */
  keep(app: string): () => void;
  /** Meters that can't be. */
  errors(): string[];
  /** `meter app/key` of what came or went since the last call; ids of what went are free again. */
  settle(): Set<string>;
}

interface Declared {
  meter: AppMeter;
  woven: DesiredMeter | undefined;
  error: string | undefined;
}

export function createMeterBook(ids: OwnIds): MeterBook {
  const meters = new Map<number, DesiredMeter>();
  const declared = new Map<string, Map<string, Declared>>();
  const changed = new Map<string, [app: string, key: string]>();
  /** Ids of those in `meters`, by `meter app/key`. */
  const settled = new Map<string, number>();

  function weave(app: string, key: string, meter: AppMeter): Declared {
    try {
      return { meter, woven: desiredMeter(app, key, ids.idOf(app, key), meter), error: undefined };
    } catch (error) {
      return { meter, woven: undefined, error: (error as Error).message };
    }
  }

  const book: MeterBook = {
    meters,
    set(app, key, meter) {
      book.delete(app, key);
      const own = declared.get(app) ?? new Map<string, Declared>();
      const entry = weave(app, key, meter);
      declared.set(app, own.set(key, entry));
      changed.set(`meter ${app}/${key}`, [app, key]);
    },
    delete(app, key) {
      if (declared.get(app)?.delete(key) !== true) return;
      changed.set(`meter ${app}/${key}`, [app, key]);
    },
    find(app, key) {
      const entry = declared.get(app)?.get(key);
      // One that was withdrawn is there until that is settled.
      if (entry === undefined) return settled.get(`meter ${app}/${key}`) ?? `app "${app}" has no meter "${key}"`;
      return entry.woven?.meterId ?? `its meter "${key}" can't be`;
    },
    clear(app) {
      for (const key of [...(declared.get(app)?.keys() ?? [])]) book.delete(app, key);
    },
    keep(app) {
      const kept = [...(declared.get(app) ?? [])];
      return () => {
        book.clear(app);
        for (const [key, { meter }] of kept) book.set(app, key, meter);
      };
    },
    errors: () => [...declared.values()].flatMap((own) => [...own.values()].flatMap(({ error }) => error ?? [])),
    settle() {
      for (const [name, [app, key]] of changed) {
        const entry = declared.get(app)?.get(key);
        const before = settled.get(name);
        if (before !== undefined) meters.delete(before);
        settled.delete(name);
        if (entry === undefined) ids.release(app, key);
        if (entry?.woven === undefined) continue;
        meters.set(entry.woven.meterId, entry.woven);
        settled.set(name, entry.woven.meterId);
      }
      const names = new Set(changed.keys());
      changed.clear();
      return names;
    },
  };
  return book;
}

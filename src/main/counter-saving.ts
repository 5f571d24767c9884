/** Counters begin with what an earlier run has saved, and are saved now and then and at the end. */

import type { Clock } from '../clock.ts';
import type { IntentSums } from '../telemetry/counters/intent-sums.ts';
import type { CounterStore, SavedCounters } from './counter-store.ts';
import type { IntentOwners } from './intent-owners.ts';
import type { SwitchBooks } from './switch-books.ts';

export interface CounterSaving {
  /** Saves once more, at once. */
  close(): void;
}

export interface CounterSavingOptions {
  store: CounterStore;
  clock: Clock;
  sums: IntentSums;
  owners: IntentOwners;
  books: SwitchBooks;
  /** They could not be saved. */
  failed?: ((error: Error) => void) | undefined;
}

/** A switch that has not come for so long is forgotten. */
const FORGET = 30 * 24 * 3_600_000;
/** Milliseconds between two savings. */
const SAVE = 300_000;

export function createCounterSaving(options: CounterSavingOptions): CounterSaving {
  const { store, clock, sums, owners, books, failed } = options;
  restore(store.load());
  let stop = saveLater();

  function restore(before: SavedCounters | undefined): void {
    for (const [name, packets, bytes] of before?.apps ?? []) Object.assign(sums.app(name), { packets, bytes });
    for (const [key, app, packets, bytes, intent, source, hitAt, aside] of before?.intents ?? []) {
      Object.assign(sums.intent(key, app ?? undefined), { packets, bytes, hitAt: hitAt ?? undefined });
      if (app !== null) owners.set(key, { app, intent, source }, aside);
    }
    books.restore(before?.switches.filter(({ at }) => clock.now() - at < FORGET) ?? []);
  }

  function saved(): SavedCounters {
    return {
      intents: Array.from(sums.intents.values(), ({ key, app, packets, bytes, hitAt }) => {
        const { intent, source } = owners.of(key);
        return [key, app?.key ?? null, packets, bytes, intent, source, hitAt ?? null, owners.isAside(key)];
      }),
      apps: Array.from(sums.apps.values(), ({ key, packets, bytes }) => [key, packets, bytes]),
      switches: books.save(),
    };
  }

  function saveLater(): () => void {
    return clock.after(SAVE, () => {
      store.saveGently(saved()).catch((error: Error) => failed?.(error));
      stop = saveLater();
    });
  }

  return {
    close() {
      stop();
      try {
        store.save(saved());
      } catch (error) {
        // A full disk: all else still has to end as it should.
        failed?.(error as Error);
      }
    },
  };
}

/**
 * A store for what must go on when nothing can be written (a full disk): what could not be written is told, kept here,
 * and written when it can be again.
 */

import type { Json, Store, StoreSpace } from './store.ts';

export interface PatientStore {
  /** Why something is not written yet. */
  readonly failure: Error | undefined;
  space(name: string): StoreSpace;
  /** One more try; then none. */
  close(): void;
}

export interface PatientEvents {
  /** From here on it is kept in memory alone. */
  failed(error: Error): void;
  /** All of it is written. */
  mended(): void;
}

const AGAIN_MS = 5000;

export function createPatientStore(
  store: Pick<Store, 'space' | 'batch'>,
  events: PatientEvents,
  againMs = AGAIN_MS,
): PatientStore {
  /** By space and key: values that are not written yet; undefined: it is to go. */
  const waiting = new Map<string, Map<string, Json | undefined>>();
  let failure: Error | undefined;
  let timer: NodeJS.Timeout | undefined;

  function write(): void {
    try {
      store.batch(() => {
        for (const [name, values] of waiting) {
          const space = store.space(name);
          for (const [key, value] of values) {
            if (value === undefined) space.delete(key);
            else space.set(key, value);
          }
        }
      });
    } catch (error) {
      clearTimeout(timer);
      timer = setTimeout(write, againMs);
      timer.unref();
      const isNew = failure === undefined;
      failure = error as Error;
      if (isNew) events.failed(failure);
      return;
    }
    waiting.clear();
    clearTimeout(timer);
    if (failure !== undefined) events.mended();
    failure = undefined;
  }

  function change(name: string, key: string, value: Json | undefined): void {
    const values = waiting.get(name) ?? new Map<string, Json | undefined>();
    waiting.set(name, values.set(key, value));
    write();
  }

  return {
    get failure() {
      return failure;
    },
    space(name) {
      const written = store.space(name);
      return {
        get(key) {
          const values = waiting.get(name);
          return values?.has(key) === true ? values.get(key) : written.get(key);
        },
        set: (key, value) => change(name, key, value),
        delete: (key) => change(name, key, undefined),
        entries() {
          const values = waiting.get(name);
          if (values === undefined) return written.entries();
          const all = new Map<string, Json | undefined>([...written.entries(), ...values]);
          return [...all].filter((entry): entry is [string, Json] => entry[1] !== undefined);
        },
      };
    },
    close() {
      clearTimeout(timer);
      if (waiting.size === 0) return;
      write();
      clearTimeout(timer);
    },
  };
}

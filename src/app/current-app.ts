/** Whose code runs, also after an `await` and in callbacks that the app gave to others: errors that nobody took are told apart. */

import { AsyncLocalStorage } from 'node:async_hooks';

export interface CurrentApp {
  readonly name: string;
  /** Ends this instance of the app, which begins again later. */
  fail(what: string, error: unknown): void;
}

const storage = new AsyncLocalStorage<CurrentApp | undefined>();

export function runAs<T>(app: CurrentApp | undefined, call: () => T): T {
  return storage.run(app, call);
}

export function currentApp(): CurrentApp | undefined {
  return storage.getStore();
}
